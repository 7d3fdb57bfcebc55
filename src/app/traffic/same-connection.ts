// Whether what a person is shown of the connection says the same as before. Asked after nearly every event.

import type { Connection, Contact, ContactId } from '../api.ts';
import type { LinkedDevice } from './linked-device.ts';
import type { Pair } from '../people/pair.ts';
import type { Replica } from '../space/replica.ts';

export function sameConnection(a: Connection, b: Connection): boolean {
  const isSame = <T>(one: readonly T[], other: readonly T[], same = Object.is as (x: T, y: T) => boolean): boolean =>
    one.length === other.length && one.every((item, i) => same(item, other[i]!));
  return (
    a.waiting === b.waiting &&
    isSame(a.directWith, b.directWith) &&
    isSame(a.relayedWith, b.relayedWith) &&
    isSame(a.relays, b.relays, (x, y) => x.address === y.address && x.state === y.state)
  );
}

/** How all contacts are reached now, in facts. */
export function connectionOf(
  pairs: readonly Pair[],
  relays: Connection['relays'],
  waitingElsewhere: number,
): Connection {
  const contacts = pairs.map((pair) => pair.contact.current);
  const by = (presence: Contact['presence']): ContactId[] =>
    contacts.filter((contact) => contact.presence === presence).map((contact) => contact.id);
  const waiting = pairs.reduce((sum, pair) => sum + pair.waiting(), waitingElsewhere);
  return { relays, directWith: by('direct'), relayedWith: by('relayed'), waiting };
}

/** How the other person of a pair is reached: this person's own devices do not count. */
export function presenceOf(replica: Replica, linked: readonly LinkedDevice[]): Contact['presence'] {
  const roads = linked.flatMap(({ device, road }) => (replica.isMine(device) ? [] : [road]));
  return roads.includes('direct') ? 'direct' : roads.length > 0 ? 'relayed' : 'away';
}
