// The secret by which live devices of a group find each other (keys/SPEC.md §2). It follows from the scope keys, so that
// all devices have the same one whatever they heard first, and it changes when somebody is removed and not before.

import type { Bytes } from '../bytes/bytes.ts';
import { EVERYONE, type Kid, type SpaceId } from '../charter/ids.ts';
import { bytesOfId } from '../charter/op.ts';
import type { CharterView } from '../charter/view.ts';
import { derive } from '../crypto/hash.ts';
import { isSafeFromFormer } from './rotation.ts';
import type { ScopeKey } from './scope-key.ts';

/**
 * The key from which it follows: the first of `everyone` since one that somebody removed was given. Who came in vain is
 * told where members meet, as the welcome had allowed (sync/SPEC.md §8.1). `undefined` between
 * a removal and the next rotation.
 */
export function meetingAnchor(view: CharterView): Kid | undefined {
  let anchor: Kid | undefined;
  for (const rotation of view.rotations) {
    const rotated = rotation.scopes.find(({ scope }) => scope === EVERYONE);
    if (rotated === undefined) continue;
    if (!isSafeFromFormer(view, rotation, EVERYONE)) anchor = undefined;
    else anchor ??= rotated.kid;
  }
  return anchor;
}

export function rendezvousFrom(space: SpaceId, key: Pick<ScopeKey, 'secret'>): Bytes {
  return derive(key.secret, bytesOfId(space), 'rendezvousSecret', new Uint8Array(0));
}
