// The newest messages of a scope as a welcome named them: what a newcomer says rests on them before they are here.

import type { MessageId, Scope, SpaceId } from '#core/charter/ids.ts';
import type { ChainSet } from '#core/chain/chain-set.ts';
import type { Place } from '#core/chain/place.ts';
import type { Rows } from '#core/ports.ts';
import type { Disk } from '../disk.ts';

const ANCHOR_BYTES = 8;

/** What of a replica they need. */
interface Anchored {
  readonly identity: { readonly space: SpaceId };
  readonly context: { readonly disk: Disk };
  chainsOf(scope: Scope): ChainSet;
}

/** By `scope/message`. */
export function anchorCollection(space: SpaceId): string {
  return `anchor:${space}`;
}

/** Kept until the end, since what cites them is. */
export function putAnchors(replica: Anchored, scope: Scope, places: readonly Place[]): void {
  replica.chainsOf(scope).anchor(places);
  for (const { id, lamport } of places) {
    const bytes = new Uint8Array(ANCHOR_BYTES);
    new DataView(bytes.buffer).setFloat64(0, lamport);
    replica.context.disk.put(anchorCollection(replica.identity.space), `${scope}/${id}`, bytes);
  }
}

/** Before the stored messages are given to the chains. */
export async function loadAnchors(replica: Anchored, rows: Rows): Promise<void> {
  for (const { scope, ...place } of await storedAnchors(rows, replica.identity.space)) {
    replica.chainsOf(scope).anchor([place]);
  }
}

export async function storedAnchors(
  rows: Rows,
  space: SpaceId,
): Promise<readonly (Place & { readonly scope: Scope })[]> {
  return (await rows.list(anchorCollection(space))).flatMap(({ id: row, value }) => {
    const [scope, id] = row.split('/');
    if (id === undefined || value.length !== ANCHOR_BYTES) return [];
    const lamport = new DataView(value.buffer, value.byteOffset, ANCHOR_BYTES).getFloat64(0);
    return [{ scope: scope as Scope, id: id as MessageId, lamport }];
  });
}
