// Names of what is kept of groups, apart from how it is spelled: a backup is made of these without the pack of groups.

export const GROUP_COLLECTION = 'group';
export const INVITATION_COLLECTION = 'invitation';
/** By `space/channel`, or `space/channel/message` for a thread. */
export const READ_COLLECTION = 'read';
