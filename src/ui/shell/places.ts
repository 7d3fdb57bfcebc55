// Addresses inside the app. What stands behind '#' goes to the browser's history on disk, so no lasting id, name or
// title may be in it: a place is called by a random word that lives as long as the vault is open.

import type { CardId, ContactId, DocumentHome, DocumentId } from '#app/api.ts';
import type { ChannelId, GroupId, InvitationId, PersonId } from '#app/groups/group-api.ts';
import type { MessageId } from '#app/talk/talk-api.ts';
import type { NeighbourId } from '#app/neighbours/neighbour-api.ts';
import type { TaskId } from '#app/tasks/task-api.ts';

type Id =
  | ContactId
  | DocumentHome
  | DocumentId
  | CardId
  | GroupId
  | ChannelId
  | MessageId
  | PersonId
  | InvitationId
  | TaskId
  | NeighbourId;

const wordOf = new Map<Id, string>();
const idOf = new Map<string, Id>();

function wordFor(id: Id): string {
  let word = wordOf.get(id);
  if (word === undefined) {
    word = [...crypto.getRandomValues(new Uint8Array(6))].map((byte) => byte.toString(36).padStart(2, '0')).join('');
    wordOf.set(id, word);
    idOf.set(word, id);
  }
  return word;
}

/** Undefined for a place of an earlier unlocking, or none. */
export function idAt<I extends Id>(word: string | undefined): I | undefined {
  return idOf.get(word ?? '') as I | undefined;
}

export function forgetPlaces(): void {
  wordOf.clear();
  idOf.clear();
}

export const chatPlace = (contact: ContactId): string => `#/chat/${wordFor(contact)}`;
export const contactPlace = (contact: ContactId): string => `#/contact/${wordFor(contact)}`;
export const documentPlace = (document: DocumentId): string => `#/document/${wordFor(document)}`;
/** Where a document is begun, with these. */
export const newDocumentPlace = (home: DocumentHome): string => `#/documents/new/${wordFor(home)}`;
export const cardPlace = (card: CardId): string => `#/cards/${wordFor(card)}`;

export const groupPlace = (group: GroupId): string => `#/group/${wordFor(group)}`;
/** A page of a group: its people, its rules and so on. */
export const groupPart = (
  group: GroupId,
  part: 'people' | 'invitations' | 'tasks' | 'neighbours' | 'questions' | 'decisions' | 'rules' | 'history',
): string => `${groupPlace(group)}/${part}`;
export const channelPlace = (group: GroupId, channel: ChannelId): string =>
  `${groupPlace(group)}/channel/${wordFor(channel)}`;
/** The thread that a message of a channel begins. */
export const threadPlace = (group: GroupId, channel: ChannelId, begins: MessageId): string =>
  `${channelPlace(group, channel)}/thread/${wordFor(begins)}`;
export const personPlace = (group: GroupId, person: PersonId): string =>
  `${groupPart(group, 'people')}/${wordFor(person)}`;
export const taskPlace = (group: GroupId, task: TaskId): string => `${groupPart(group, 'tasks')}/${wordFor(task)}`;
export const invitationPlace = (group: GroupId, invitation: InvitationId): string =>
  `${groupPart(group, 'invitations')}/${wordFor(invitation)}`;
/** What one does about other groups: show our card, take one in, ask for something. */
export const neighbourStep = (group: GroupId, step: 'card' | 'add' | 'ask'): string =>
  `${groupPart(group, 'neighbours')}/${step}`;
export const neighbourPlace = (group: GroupId, neighbour: NeighbourId): string =>
  `${groupPart(group, 'neighbours')}/known/${wordFor(neighbour)}`;
export const askPlace = (group: GroupId, task: TaskId): string => `${neighbourStep(group, 'ask')}/${wordFor(task)}`;
