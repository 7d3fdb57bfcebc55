// Rotations that fell with who made them, by an act that crossed with them. Nobody sends under their keys; but who had not
// heard did, and what they said stands (SPEC.md §6).

import type { Charter } from '../charter/charter.ts';
import { kidOf } from '../charter/fold.ts';
import type { DeviceId } from '../charter/ids.ts';
import type { Rotate } from '../charter/key-body.ts';
import type { Placed } from '../charter/past.ts';
import { viewOf, type CharterView, type RotationFacts } from '../charter/view.ts';

type FallenRotation = Pick<RotationFacts, 'root' | 'scopes'>;

/** What somebody who was removed dates back later has a higher number than what they made before. */
const FIRST_OF_EACH_DEVICE = 4;

const known = new WeakMap<CharterView, readonly FallenRotation[]>();

export function fallenRotations(charter: Charter): readonly FallenRotation[] {
  const view = viewOf(charter);
  if (view?.group === undefined) return [];
  let fallen = known.get(view);
  if (fallen === undefined) known.set(view, (fallen = findFallen(charter, view)));
  return fallen;
}

function findFallen(charter: Charter, view: CharterView): readonly FallenRotation[] {
  const byDevice = new Map<DeviceId, Placed[]>();
  for (const op of charter.ops.values()) {
    const { body, device } = op.signed.op;
    if (body.type !== 'rotate' || !op.isLegal || view.stands(op.id)) continue;
    byDevice.set(device, [...(byDevice.get(device) ?? []), op]);
  }
  return [...byDevice.values()].flatMap((ops) => {
    const first = ops.sort((a, b) => a.signed.op.seq - b.signed.op.seq).slice(0, FIRST_OF_EACH_DEVICE);
    return first.map(({ signed }) => {
      const { root, scopes } = signed.op.body as Rotate;
      return { root, scopes: scopes.map((scope) => ({ ...scope, kid: kidOf(scope.commitment) })) };
    });
  });
}
