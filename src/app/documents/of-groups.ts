// What only documents of groups need: they go to other readers, and checkpoints stand in for their changes.

import type { DocumentId } from '../api.ts';
import { Checkpoints, PACE, type CheckpointPace } from './checkpoints.ts';
import { Moves, type MovesPorts } from './moves.ts';

export interface OfGroups {
  readonly moves: Moves;
  readonly checkpoints: Checkpoints;
}

interface OfGroupsPorts extends MovesPorts {
  /** Its title may be another. */
  readonly lookInto: (id: DocumentId) => void;
  readonly pace: CheckpointPace | undefined;
}

export async function documentsOfGroups(ports: OfGroupsPorts): Promise<OfGroups> {
  const moves = new Moves(ports);
  const { host, facts, shelf, catalogue, lookInto, pace = PACE } = ports;
  const checkpoints = new Checkpoints({
    ...{ host, facts, pace },
    /** What of it was put together here is not all. */
    begins: async (space, id) => {
      const entry = catalogue.get(id);
      if (entry !== undefined && entry.space !== space) return;
      if (entry !== undefined) await shelf.renew(id);
      const known = entry ?? { id, space, title: '', kind: 'text' as const, changedAt: host.clock.now() };
      catalogue.set({ ...known, stale: true });
      lookInto(id);
    },
    isGone: (space, id) => moves.isGone(space, id),
    tidy: (id) => shelf.tidy(id),
  });
  await Promise.all([moves.load(), checkpoints.load()]);
  return { moves, checkpoints };
}
