// What only documents of groups need: they go to other readers, and checkpoints stand in for their changes.

import { Checkpoints, PACE, type CheckpointPace, type CheckpointsPorts } from './checkpoints.ts';
import { Moves, type MovesPorts } from './moves.ts';

export interface OfGroups {
  readonly moves: Moves;
  readonly checkpoints: Checkpoints;
}

interface OfGroupsPorts extends MovesPorts, Pick<CheckpointsPorts, 'begins'> {
  readonly pace: CheckpointPace | undefined;
}

export async function documentsOfGroups(ports: OfGroupsPorts): Promise<OfGroups> {
  const moves = new Moves(ports);
  const { host, facts, shelf, begins, pace = PACE } = ports;
  const checkpoints = new Checkpoints({
    ...{ host, facts, begins, pace },
    isGone: (space, id) => moves.isGone(space, id),
    tidy: (id) => shelf.tidy(id),
  });
  await Promise.all([moves.load(), checkpoints.load()]);
  return { moves, checkpoints };
}
