// The one list of where the text of messages is kept on a device, or anything made from it. What disappears by the rules
// of a group (core/chat/SPEC.md §4) must go from all of them at once, so each store that is added has to say here what it
// keeps: `tests/rules/derived.test.ts` and every test over a disk in memory fail for one that does not.

import type { MessageId } from '#core/charter/ids.ts';

interface Place {
  /** Collections of rows, up to a colon or slash. */
  readonly rows: readonly string[];
  /** Which files open bodies of messages for it. */
  readonly opened: readonly string[];
}

/** What keeps text of messages, or what was made from it. */
export const DERIVED = {
  /** The messages themselves, settled or waiting, and frames that wait for a key. */
  log: {
    rows: ['log', 'pending', 'parked'],
    opened: ['space/log.ts', 'space/log-rows.ts', 'space/bare.ts', 'space/offer.ts', 'space/retention.ts'],
  },
  /** What screens show of channels: texts, beginnings of them over replies, what is unread, the newest in the list. */
  channels: { rows: [], opened: ['groups/group-fold.ts', 'groups/stored-messages.ts'] },
} as const satisfies Readonly<Record<string, Place>>;

export type DerivedStore = keyof typeof DERIVED;

/** Row collections without any text of messages, and what they keep instead. */
export const TEXTLESS: Readonly<Record<string, string>> = {
  op: 'signed acts about members, roles and keys',
  record: 'sealing keys of devices',
  wrap: 'sealed keys',
  key: 'keys',
  ratchet: 'keys of bodies, each erased after use',
  peer: 'how far other devices are',
  heard: 'when devices were heard',
  seen: 'when signed acts were first seen',
  moving: 'addresses of relay nodes, and which devices were heard there',
  anchor: 'ids of messages that a newcomer was told of',
  left: 'how far mail was left',
  gone: 'ids of deleted messages',
  space: 'own keys of a space',
  incarnation: 'a number drawn at each unlock',
  group: 'names of people and channels',
  invitation: 'secrets of invitations',
  joining: 'invitations one waits with',
  knocking: 'own knocks at groups one is not in',
  read: 'how far one has read',
  draft: 'own words that were not said',
  contact: 'names of people',
  card: 'own cards',
  answer: 'answers to cards on their way',
  own: 'own devices',
  recovery: 'sealed recovery keys',
  settings: 'settings',
  restored: 'that a backup was restored',
  farewell: 'ops for ended devices',
  letter: 'what other groups wrote, until it is a message here',
  'letter-left': 'where letters to other groups were left',
  'device-keeping': 'when a backup was made',
  'origin-relay': 'an address',
  cursor: 'how far mail was fetched',
  fetched: 'on which days mail was fetched',
  'fetched-key': 'on which days mail under a key was fetched',
  'doc.list': 'titles of documents, which are not messages',
  'doc.read': 'how far documents were read',
  'doc.taken': 'which documents were put together anew',
  'doc.guard': 'clocks of documents',
  'doc-updates': 'what documents are made of',
  'doc.begun': 'with which checkpoints documents began',
  'doc.moved': 'where documents went from here, and hashes of what they said then',
};

/** Destroys what a store has of messages, in memory and on the disk. Part of an event. */
export type Shred = (gone: ReadonlySet<MessageId>) => void;

/** All stores of one group; whoever makes them cannot leave one out. */
export class Derived {
  readonly #stores: Readonly<Record<DerivedStore, Shred>>;

  constructor(stores: Readonly<Record<DerivedStore, Shred>>) {
    this.#stores = stores;
  }

  shred(gone: ReadonlySet<MessageId>): void {
    for (const shred of Object.values(this.#stores)) shred(gone);
  }
}

/** Where a collection of rows stands in the list; `undefined`: nowhere yet. */
export function storeOf(collection: string): DerivedStore | 'textless' | undefined {
  const [name] = collection.split(/[:/]/);
  const stores = Object.entries(DERIVED) as [DerivedStore, Place][];
  const found = stores.find(([, { rows }]) => rows.includes(name!));
  return found?.[0] ?? (TEXTLESS[name!] === undefined ? undefined : 'textless');
}
