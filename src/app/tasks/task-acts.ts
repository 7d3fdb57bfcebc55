// The acts by which a person's wish comes true, or why it would not.

import { utf8 } from '#core/bytes/bytes.ts';
import type { MessageId } from '#core/charter/ids.ts';
import type { Millis } from '#core/ports.ts';
import { rankAt, wouldLoop } from '#core/tasks/board.ts';
import {
  MAX_COMMENT_BYTES,
  MAX_ITEM_BYTES,
  MAX_TITLE_BYTES,
  type Column,
  type TaskAct,
} from '#core/tasks/task-body.ts';
import { outcomeOf, type Actor, type Task } from '#core/tasks/task.ts';
import type { TaskChange, TaskMaking, TaskRefusal } from './task-api.ts';
import { bareAssignee } from './task-names.ts';

export interface ActSurroundings {
  readonly me: Actor;
  readonly at: Millis;
  /** All tasks of the same readers. */
  readonly tasks: ReadonlyMap<MessageId, Task>;
  /** The open tasks of a column, of all readers, in order. */
  readonly column: (column: Column) => readonly Task[];
}

/** `already`: nothing is to be done. */
export type Wish = TaskAct | 'already' | TaskRefusal;

export function actMaking(making: TaskMaking, { me, at, column }: ActSurroundings): TaskAct | TaskRefusal {
  const title = making.title.trim();
  const problem = textProblem(title, MAX_TITLE_BYTES);
  if (problem !== undefined) return problem;
  if (!me.mayTasks) return 'not-allowed';
  const to = making.column ?? 'todo';
  const lines = column(to);
  return {
    act: 'create',
    at,
    title,
    column: to,
    rank: rankAt(lines, lines.length),
    assignee: bareAssignee(making.assignee),
    due: making.due,
    origin: making.origin,
  };
}

export function actChanging(task: Task, change: TaskChange, around: ActSurroundings): Wish {
  const act = actOf(task, change, around);
  if (typeof act === 'string') return act;
  const outcome = outcomeOf(task, { ...LAST, actor: around.me, act });
  // Who agrees says once more what is so, and means it.
  if (change.do === 'agree') return outcome === 'already' ? act : outcome === 'done' ? 'changed-since' : outcome;
  return outcome === 'done' ? act : outcome;
}

/** Stands behind all others; its id is not known yet. */
const LAST = { id: 'f'.repeat(64) as MessageId, lamport: Number.MAX_SAFE_INTEGER };

function actOf(task: Task, change: TaskChange, around: ActSurroundings): Wish {
  const on = { task: task.id, at: around.at };
  switch (change.do) {
    case 'title':
      return worded(change.title, MAX_TITLE_BYTES, (title) => ({ ...on, act: 'title', saw: task.title.by, title }));
    case 'assign':
      return { ...on, act: 'assign', saw: task.assignee.by, to: bareAssignee(change.to) };
    case 'due':
      return { ...on, act: 'due', saw: task.due.by, day: change.day };
    case 'move':
      return actMoving(task, change, around);
    case 'wait':
      if (change.isOn && wouldLoop(task.id, change.on, around.tasks)) return 'loop';
      return { ...on, act: 'wait', on: change.on, isOn: change.isOn };
    case 'comment':
      return worded(change.text, MAX_COMMENT_BYTES, (text) => ({ ...on, act: 'comment', text }));
    case 'drop-comment':
      return { ...on, act: 'drop-comment', comment: change.comment };
    case 'agree':
      return actAgreeing(task, change.act, around);
    default:
      return actOnItem(task, change, around);
  }
}

type ItemChange = Extract<TaskChange, { do: 'add-item' | 'check' | 'reword' | 'drop-item' }>;

function actOnItem(task: Task, change: ItemChange, { at }: ActSurroundings): Wish {
  const on = { task: task.id, at };
  if (change.do === 'add-item') {
    return worded(change.text, MAX_ITEM_BYTES, (text) => ({ ...on, act: 'add-item', text }));
  }
  const item = task.items.find(({ id }) => id === change.item);
  if (item === undefined) return 'no-such-item';
  switch (change.do) {
    case 'check':
      return { ...on, act: 'check', item: item.id, saw: item.isDone.by, isDone: change.isDone };
    case 'reword':
      return worded(change.text, MAX_ITEM_BYTES, (text) => ({
        ...on,
        act: 'reword',
        item: item.id,
        saw: item.text.by,
        text,
      }));
    case 'drop-item':
      return { ...on, act: 'drop-item', item: item.id };
  }
}

function actMoving(task: Task, change: Extract<TaskChange, { do: 'move' }>, around: ActSurroundings): Wish {
  const { to, above } = change;
  const on = { task: task.id, at: around.at, saw: task.stage.by };
  if (to === 'done' || to === 'dropped') return { ...on, act: 'close', as: to };
  const all = around.column(to);
  const others = all.filter(({ id }) => id !== task.id);
  const found = others.findIndex(({ id }) => id === above);
  const place = found < 0 ? others.length : found;
  // Where it stands already nothing is written.
  if (all[place]?.id === task.id) return 'already';
  const act = task.stage.value.is === 'ended' ? 'reopen' : 'move';
  return { ...on, act, column: to, rank: rankAt(others, place) };
}

/** Says what stands once more, with `saw` the act that made it stand. */
function actAgreeing(task: Task, standing: MessageId, { at }: ActSurroundings): Wish {
  const act = task.acts.find(({ id }) => id === standing)?.act;
  if (act === undefined || act.act === 'create' || !('saw' in act)) return 'changed-since';
  // What was opened again is agreed to by moving it to where it is.
  if (act.act === 'reopen') return { ...act, act: 'move', at, saw: standing };
  return { ...act, at, saw: standing };
}

function worded(text: string, most: number, make: (text: string) => TaskAct): TaskAct | TaskRefusal {
  const trimmed = text.trim();
  return textProblem(trimmed, most) ?? make(trimmed);
}

function textProblem(text: string, most: number): 'empty' | 'too-long' | undefined {
  if (text === '') return 'empty';
  return utf8(text).length > most ? 'too-long' : undefined;
}
