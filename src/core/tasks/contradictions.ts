// Contradictory acts by people who did not know of each other, for as long as nobody has settled them: what an app tells
// on the task after an offline merge (SPEC.md §2, "Crossing").

import type { MessageId } from '../charter/ids.ts';
import type { Column, TaskActKind } from './task-body.ts';
import { openCrossings, type RecordedAct, type Task } from './task.ts';

export interface Contradiction {
  readonly stands: RecordedAct;
  /** Replaced by it, or refused because of it. */
  readonly fell: RecordedAct;
}

/** Of a task that ended: who has it and until when is settled by that. */
const MATTERS_AT_THE_END: ReadonlySet<TaskActKind> = new Set(['title', 'reword', 'close']);

/** In the order of the acts that fell. */
export function contradictionsOf(task: Task): readonly Contradiction[] {
  // Most tasks have none, and this is asked for each line of a list.
  if (!task.acts.some(({ crossed, outcome }) => crossed !== undefined || outcome === 'ended')) return [];
  const acts = new Map(task.acts.map((act) => [act.id, act]));
  const crossed = openCrossings(task).flatMap((stands): readonly Contradiction[] => {
    const fell = acts.get(stands.crossed!);
    // Two who ordered one column at once contradict each other in nothing that people talk about.
    if (fell === undefined || isSameColumn(fell, stands)) return [];
    return task.stage.value.is === 'open' || MATTERS_AT_THE_END.has(stands.act.act) ? [{ stands, fell }] : [];
  });
  return [...crossed, ...overtaken(task, acts)].sort((a, b) => task.acts.indexOf(a.fell) - task.acts.indexOf(b.fell));
}

/** Acts on a task that somebody else had ended by then, while that ending stands. */
function overtaken(task: Task, acts: ReadonlyMap<MessageId, RecordedAct>): readonly Contradiction[] {
  const ending = acts.get(task.stage.by);
  if (ending?.act.act !== 'close' || isAgreed(task, ending.id)) return [];
  return task.acts
    .slice(task.acts.indexOf(ending) + 1)
    .filter((act) => act.outcome === 'ended' && act.actor.principal !== ending.actor.principal)
    .map((fell) => ({ stands: ending, fell }));
}

function isAgreed(task: Task, standing: MessageId): boolean {
  return task.acts.some(({ outcome, act }) => outcome === 'already' && 'saw' in act && act.saw === standing);
}

function isSameColumn(a: RecordedAct, b: RecordedAct): boolean {
  const column = columnOf(a);
  return column !== undefined && column === columnOf(b);
}

function columnOf({ act }: RecordedAct): Column | undefined {
  return act.act === 'create' || act.act === 'move' || act.act === 'reopen' ? act.column : undefined;
}
