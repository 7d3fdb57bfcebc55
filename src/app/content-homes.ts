// Where content lives: with contacts, and in the scopes of groups that this person reads.

import { EVERYONE } from '#core/charter/ids.ts';
import type { ContentHome } from './contents.ts';
import { pairContentSpace } from './document-homes.ts';
import type { Pair } from './pair.ts';

export function homeOfPair(pair: Pair): ContentHome {
  const { replica, facts } = pair;
  const isShut = facts.blocked || pair.contact.current.state === 'void';
  const isNewer = pair.needsNewer || replica.view?.needsNewerVersion === true;
  return {
    space: pairContentSpace(pair.space),
    replica,
    scope: EVERYONE,
    mode: isShut ? 'shut' : isNewer ? 'newer' : 'write',
    nameOf: (device) => (replica.isMine(device) ? facts.myName : (facts.nickname ?? facts.theirName)),
    mightWrite: () => true,
  };
}
