// The spaces that all devices of a person share: conversations and groups.

import type { OpId, SpaceId } from '#core/charter/ids.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { encodeFacts, forSibling } from '../people/contact-facts.ts';
import { allCame, readBefore, takeElsewhere } from '../talk/read-elsewhere.ts';
import type { Replica } from '../space/replica.ts';
import { readFacts, type TakenUp } from './hand-over.ts';
import type { GroupHome, OwnDevicesPorts } from './own-devices-ports.ts';

type Ports = Pick<OwnDevicesPorts, 'pairs' | 'groups'>;

export function homesOf({ pairs, groups }: Ports): readonly GroupHome[] {
  const contacts = pairs().map((pair): GroupHome => {
    const { space, replica } = pair;
    return {
      space,
      replica,
      spelled: () => Promise.resolve(encodeFacts(forSibling(pair.facts))),
      read: () => readBefore({ space, channel: undefined, thread: undefined }, pair.facts.read, false),
      allCame: () => pairCame(pair),
      readElsewhere: (_where, told) => pair.readElsewhere((mark, here) => takeElsewhere(mark, told, here)),
    };
  });
  return [...contacts, ...groups()];
}

function pairCame(pair: ReturnType<Ports['pairs']>[number]): void {
  const { read } = pair.facts;
  if (read === undefined) return;
  const given = { ...read, arrivals: Number.MAX_SAFE_INTEGER };
  pair.changeFacts({ read: allCame(given, { unread: new Map(), arrivals: pair.replica.arrivals }) });
}

export function homeOf(ports: Ports, space: SpaceId): GroupHome | undefined {
  return homesOf(ports).find((home) => home.space === space);
}

/** A space in which another device made a place for this one. False where what is said of it makes no sense. */
export function takeIn(ports: OwnDevicesPorts, { replica, facts }: TakenUp): boolean {
  try {
    if (replica.identity.kind === 'group') ports.addLinkedGroup(replica, facts);
    else ports.addLinked(replica, readFacts(facts));
    return true;
  } catch (cause) {
    if (cause instanceof WireError) return false;
    throw cause;
  }
}

/** Its first device of this person is this one, not one that another device made for it. */
export function isMadeHere({ me, charter, identity }: Replica): boolean {
  const made = me === undefined ? undefined : charter.ops.get(me.binding.slice(0, 64) as OpId)?.signed.op;
  if (made === undefined) return false;
  return made.body.type === 'genesis' || made.body.type === 'join' || made.device === identity.card?.device;
}
