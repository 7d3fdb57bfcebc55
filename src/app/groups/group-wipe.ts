// Removes every row of a group from the disk. Nobody may put one afterwards: the space is out of the engine by then.

import type { Rows } from '#core/ports.ts';
import { DRAFT_COLLECTION } from '../talk/open-talk.ts';
import type { Disk } from '../disk.ts';
import { goneCollection, GROUP_COLLECTION, leftCollection, READ_COLLECTION } from './group-rows.ts';
import { lettersCollection } from '../neighbours/neighbour-inbox.ts';
import { lettersLeftCollection } from '../neighbours/neighbour-outbox.ts';
import { SPACE_COLLECTION } from '../space/identity-row.ts';
import { logCollection } from '../space/log.ts';
import { anchorCollection } from '../space/anchors.ts';
import type { Replica } from '../space/replica.ts';
import { movingCollection } from '../space/moving.ts';
import { seenCollection } from '../space/seen-ops.ts';
import { keyCollection, ratchetCollection } from '../space/space-keys.ts';

/** A space's own collections. */
const PARTS = ['op', 'record', 'pending', 'parked', 'wrap'] as const;

/** Part of an event; what was put before it and not committed yet goes as well. */
export async function wipeGroup(replica: Replica, rows: Rows, disk: Disk): Promise<void> {
  const { space } = replica.identity;
  const whole = [
    ...PARTS.map((part) => replica.collection(part)),
    keyCollection(space),
    ratchetCollection(space),
    logCollection(space),
    leftCollection(space),
    goneCollection(space),
    anchorCollection(space),
    seenCollection(space),
    movingCollection(space),
    lettersCollection(space),
    lettersLeftCollection(space),
    `peer:${space}`,
    `heard:${space}`,
  ];
  disk.forget((collection, id) => whole.includes(collection) || id === space || id.startsWith(`${space}/`));
  for (const collection of whole) {
    for (const { id } of await rows.list(collection)) disk.put(collection, id, null);
  }
  for (const collection of [SPACE_COLLECTION, GROUP_COLLECTION, 'incarnation']) disk.put(collection, space, null);
  for (const collection of [READ_COLLECTION, DRAFT_COLLECTION]) {
    for (const { id } of await rows.list(collection)) {
      if (id.startsWith(`${space}/`)) disk.put(collection, id, null);
    }
  }
}
