// One task with all that was done on it, in the words of the screens: who did what, what had no effect and why, and what
// contradicts what.

import type { MessageId } from '#core/charter/ids.ts';
import { safeText } from '#core/identity/names.ts';
import { wouldLoop } from '#core/tasks/board.ts';
import { contradictionsOf, type Contradiction } from '#core/tasks/contradictions.ts';
import type { Column } from '#core/tasks/task-body.ts';
import type { RecordedAct, Task } from '#core/tasks/task.ts';
import type { Crossing, TaskChange, TaskDetails, TaskEntry, TaskEvent, TaskWait, TaskWords } from './task-api.ts';
import { oneLine } from './task-entry.ts';
import { shownAssignee, type TaskNames } from './task-names.ts';

export interface DetailSurroundings {
  readonly entry: TaskEntry;
  readonly names: TaskNames;
  /** All tasks of the same readers. */
  readonly tasks: ReadonlyMap<MessageId, Task>;
  readonly neededBy: readonly Task[];
}

export function detailsOf(task: Task, around: DetailSurroundings): TaskDetails {
  const { entry, names, tasks, neededBy } = around;
  const history = historyOf(task, around);
  return {
    entry,
    by: names.person(task.author),
    at: task.at,
    origin: task.origin,
    items: task.items.map(({ id, text, isDone }) => ({ id, text: oneLine(text.value), isDone: isDone.value })),
    waits: task.waitsFor.map((id) => waitOf(task.id, id, tasks)),
    neededBy: neededBy.map(({ id, title }) => ({ id, title: oneLine(title.value) })),
    comments: task.comments.map(({ id, author, text, at }) => ({
      id,
      by: names.person(author),
      text: safeText(text),
      at,
    })),
    history: [...history.values()],
    crossings: contradictionsOf(task).map((one) => crossingOf(one, entry, history)),
  };
}

function waitOf(task: MessageId, on: MessageId, tasks: ReadonlyMap<MessageId, Task>): TaskWait {
  const other = tasks.get(on);
  return {
    id: on,
    title: other && oneLine(other.title.value),
    isOpen: other?.stage.value.is === 'open',
    isCircle: other !== undefined && wouldLoop(task, on, tasks),
  };
}

/** What the words of an act need of those before it. */
interface Before {
  /** Where the task stands; `undefined`: ended. */
  column: Column | undefined;
  ending: RecordedAct | undefined;
  readonly items: Map<MessageId, string>;
}

function historyOf(task: Task, { names, tasks }: DetailSurroundings): ReadonlyMap<MessageId, TaskEvent> {
  const before: Before = { column: undefined, ending: undefined, items: new Map() };
  const events = new Map<MessageId, TaskEvent>();
  for (const act of task.acts) {
    const { id, actor, outcome } = act;
    const ending = outcome === 'ended' ? events.get(before.ending?.id ?? id) : undefined;
    const what = wordsOf(act, before, { names, tasks });
    const because = ending && { by: ending.by, what: ending.what };
    events.set(id, { id, by: names.person(actor.principal), at: act.act.at, what, outcome, because });
    if (outcome === 'done') note(act, before);
  }
  return events;
}

function note(recorded: RecordedAct, before: Before): void {
  const { id, act } = recorded;
  switch (act.act) {
    case 'create':
    case 'move':
    case 'reopen':
      before.column = act.column;
      break;
    case 'close':
      before.column = undefined;
      before.ending = recorded;
      break;
    case 'add-item':
      before.items.set(id, act.text);
      break;
    case 'reword':
      before.items.set(act.item, act.text);
  }
}

function wordsOf(
  { act }: RecordedAct,
  before: Before,
  { names, tasks }: Pick<DetailSurroundings, 'names' | 'tasks'>,
): TaskWords {
  const item = (id: MessageId): string => oneLine(before.items.get(id) ?? '');
  switch (act.act) {
    case 'create':
      return { is: 'made', title: oneLine(act.title) };
    case 'title':
      return { is: 'renamed', title: oneLine(act.title) };
    case 'assign':
      return { is: 'gave', to: names.whom(act.to) };
    case 'due':
      return { is: 'due', day: act.day };
    case 'move':
      return { is: act.column === before.column ? 'put' : 'moved', to: act.column };
    case 'reopen':
      return { is: 'reopened', to: act.column };
    case 'close':
      return { is: 'closed', as: act.as };
    case 'add-item':
      return { is: 'added-item', text: oneLine(act.text) };
    case 'check':
      return { is: act.isDone ? 'checked' : 'unchecked', text: item(act.item) };
    case 'reword':
      return { is: 'reworded', text: oneLine(act.text) };
    case 'drop-item':
      return { is: 'dropped-item', text: item(act.item) };
    case 'wait': {
      const other = tasks.get(act.on);
      return { is: act.isOn ? 'waits' : 'waits-not', title: other && oneLine(other.title.value) };
    }
    case 'comment':
      return { is: 'commented' };
    case 'drop-comment':
      return { is: 'took-comment-back' };
  }
}

function crossingOf(
  { stands, fell }: Contradiction,
  { may }: TaskEntry,
  history: ReadonlyMap<MessageId, TaskEvent>,
): Crossing {
  const isAllowed = may.change || (may.bringOn && ['move', 'close', 'reopen', 'check'].includes(stands.act.act));
  return {
    stands: history.get(stands.id)!,
    fell: history.get(fell.id)!,
    instead: isAllowed ? again(fell, stands) : undefined,
    agree: isAllowed ? { do: 'agree', act: stands.id } : undefined,
  };
}

/** The change that says once more what fell. */
function again({ act }: RecordedAct, { act: standing }: RecordedAct): TaskChange | undefined {
  switch (act.act) {
    case 'create':
      return setAtFirst(act, standing.act);
    case 'title':
      return { do: 'title', title: act.title };
    case 'move':
    case 'reopen':
      return { do: 'move', to: act.column };
    case 'check':
      return { do: 'check', item: act.item, isDone: act.isDone };
    case 'reword':
      return { do: 'reword', item: act.item, text: act.text };
    // An ended task takes only its reopening first; an ending other than the one that stands would need both.
    case 'assign':
      return standing.act === 'close' ? undefined : { do: 'assign', to: shownAssignee(act.to) };
    case 'due':
      return standing.act === 'close' ? undefined : { do: 'due', day: act.day };
    case 'close':
      return standing.act === 'close' ? undefined : { do: 'move', to: act.as };
    default:
      return undefined;
  }
}

function setAtFirst(act: Extract<RecordedAct['act'], { act: 'create' }>, standing: string): TaskChange | undefined {
  switch (standing) {
    case 'title':
      return { do: 'title', title: act.title };
    case 'assign':
      return { do: 'assign', to: shownAssignee(act.assignee) };
    case 'due':
      return { do: 'due', day: act.due };
    default:
      return { do: 'move', to: act.column };
  }
}
