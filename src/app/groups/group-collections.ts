// Names of what is kept of groups and of backups, apart from how it is spelled: each is found without the code of the other.

export const GROUP_COLLECTION = 'group';
export const INVITATION_COLLECTION = 'invitation';
/** By `space/channel`, or `space/channel/message` for a thread. */
export const READ_COLLECTION = 'read';
/** The restored device tells the others of itself; the row is removed when it has. */
export const RESTORED_COLLECTION = 'restored';
