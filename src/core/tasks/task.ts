// One task as the acts on it make it, in content order (SPEC.md §2). Every app folds the same acts to the same task, and
// notes the same acts as refused.
//
// Invariants
// 1. The state is a function of the set of acts and of what the charter says of their authors.
// 2. A refused act changes nothing but the record of acts.
// 3. Of two acts that crossed the later one in content order stands, and both can be read.

import type { MessageId, PrincipalId } from '../charter/ids.ts';
import type { RoleId } from '../charter/rules.ts';
import type { Millis } from '../ports.ts';
import { comparePlaces, type Place } from '../chain/place.ts';
import type { Rank } from './rank.ts';
import type { Assignee, Column, DueDay, Ending, TaskAct } from './task-body.ts';

/** What the charter, as the act's author knew it, says of them. */
export interface Actor {
  readonly principal: PrincipalId;
  readonly roles: readonly RoleId[];
  /** The right `tasks`. */
  readonly mayTasks: boolean;
  /** The right `post`. */
  readonly mayPost: boolean;
}

export interface ToldAct extends Place {
  readonly actor: Actor;
  readonly act: TaskAct;
}

export type ActRefusal =
  /** Neither the right to deal with tasks nor the one the task is given to. */
  | 'not-allowed'
  /** The task had ended by then. */
  | 'ended'
  | 'not-ended'
  | 'no-such-item'
  | 'no-such-comment'
  /** It stands before the task in content order. */
  | 'before-the-task'
  /** It would wait for itself. */
  | 'itself'
  /** As many items, comments or tasks waited for as a task takes. */
  | 'too-many';

/** `already`: it says what was so without it. */
export type ActOutcome = 'done' | 'already' | ActRefusal;

export interface RecordedAct extends ToldAct {
  readonly outcome: ActOutcome;
  /** The act whose value this one replaced though its author had not seen it. */
  readonly crossed: MessageId | undefined;
}

/** A value, and the act that set it. */
export interface Register<T> {
  readonly value: T;
  readonly by: MessageId;
}

export type Stage =
  { readonly is: 'open'; readonly column: Column; readonly rank: Rank } | { readonly is: 'ended'; readonly as: Ending };

export interface ChecklistItem {
  readonly id: MessageId;
  readonly text: Register<string>;
  readonly isDone: Register<boolean>;
}

export interface Comment {
  readonly id: MessageId;
  readonly author: PrincipalId;
  readonly text: string;
  readonly at: Millis;
}

export interface Task {
  readonly id: MessageId;
  readonly author: PrincipalId;
  readonly at: Millis;
  readonly origin: MessageId | undefined;
  readonly title: Register<string>;
  readonly assignee: Register<Assignee | undefined>;
  readonly due: Register<DueDay | undefined>;
  readonly stage: Register<Stage>;
  readonly items: readonly ChecklistItem[];
  readonly waitsFor: readonly MessageId[];
  readonly comments: readonly Comment[];
  /** All acts in content order, refused ones too. */
  readonly acts: readonly RecordedAct[];
}

export const MAX_ITEMS = 200;
export const MAX_COMMENTS = 2_000;
export const MAX_WAITS = 64;

type Created = ToldAct & { readonly act: Extract<TaskAct, { act: 'create' }> };
type Other = Exclude<TaskAct, { act: 'create' }>;

/**
 * Folds the acts on one task, given in any order. `undefined`: nobody who might made it, or the act that did is not
 * here.
 */
export function foldTask(id: MessageId, told: readonly ToldAct[]): Task | undefined {
  const made = told.find((one): one is Created => one.id === id && one.act.act === 'create');
  if (made === undefined || !made.actor.mayTasks) return undefined;
  const inOrder = told.filter((one) => one !== made && one.act.act !== 'create').sort(comparePlaces);
  const early = inOrder.filter((one) => comparePlaces(one, made) < 0);
  const first: RecordedAct[] = early.map((one) => ({ ...one, outcome: 'before-the-task', crossed: undefined }));
  let task: Task = { ...created(made), acts: [...first, { ...made, outcome: 'done', crossed: undefined }] };
  for (const one of inOrder.slice(early.length)) task = actOn(task, one);
  return task;
}

function created({ id, actor, act }: Created): Task {
  const { at, title, assignee, due, column, rank, origin } = act;
  return {
    id,
    author: actor.principal,
    at,
    origin,
    title: { value: title, by: id },
    assignee: { value: assignee, by: id },
    due: { value: due, by: id },
    stage: { value: { is: 'open', column, rank }, by: id },
    items: [],
    waitsFor: [],
    comments: [],
    acts: [],
  };
}

/** The task after one more act, which stands behind all others in content order. */
export function actOn(task: Task, told: ToldAct): Task {
  const { act } = told;
  if (act.act === 'create') return task;
  const answer = mayAct(task, told.actor, act) ? changed(task, told, act) : 'not-allowed';
  if (typeof answer === 'string') {
    return { ...task, acts: [...task.acts, { ...told, outcome: answer, crossed: undefined }] };
  }
  const crossed =
    answer.replaced !== undefined && 'saw' in act && act.saw !== answer.replaced ? answer.replaced : undefined;
  return { ...answer.task, acts: [...task.acts, { ...told, outcome: 'done', crossed }] };
}

/** What an act would be answered, for screens that offer only what counts. */
export function outcomeOf(task: Task, told: ToldAct): ActOutcome {
  return actOn(task, told).acts.at(-1)!.outcome;
}

/** Who has the right; else whoever the task is given to, for its progress; and everybody who may post, to comment. */
function mayAct(task: Task, actor: Actor, act: Other): boolean {
  if (actor.mayTasks) return true;
  const to = task.assignee.value;
  const isGiven = to !== undefined && ('person' in to ? to.person === actor.principal : actor.roles.includes(to.role));
  switch (act.act) {
    case 'comment':
      return actor.mayPost || isGiven;
    case 'drop-comment':
      // Only one's own, which `changed` sees to.
      return true;
    case 'move':
    case 'close':
    case 'reopen':
    case 'check':
      return isGiven;
    default:
      return false;
  }
}

interface Change {
  readonly task: Task;
  /** The act whose value was replaced. */
  readonly replaced: MessageId | undefined;
}

type Answer = Change | Exclude<ActOutcome, 'done'>;

function changed(task: Task, { id, actor }: ToldAct, act: Other): Answer {
  const stage = task.stage.value;
  if (stage.is === 'ended' && MOVES_AN_OPEN_ONE.has(act.act)) return isSameEnd(stage.as, act) ? 'already' : 'ended';
  switch (act.act) {
    case 'title':
      return setRegister(task, 'title', { value: act.title, by: id });
    case 'assign':
      return setRegister(task, 'assignee', { value: act.to, by: id });
    case 'due':
      return setRegister(task, 'due', { value: act.day, by: id });
    case 'move':
      return setRegister(task, 'stage', { value: { is: 'open', column: act.column, rank: act.rank }, by: id });
    case 'close':
      return setRegister(task, 'stage', { value: { is: 'ended', as: act.as }, by: id });
    case 'reopen':
      if (stage.is === 'open') return 'not-ended';
      return setRegister(task, 'stage', { value: { is: 'open', column: act.column, rank: act.rank }, by: id });
    case 'wait':
      return setWait(task, act);
    case 'comment': {
      if (task.comments.length >= MAX_COMMENTS) return 'too-many';
      const comment = { id, author: actor.principal, text: act.text, at: act.at };
      return { task: { ...task, comments: [...task.comments, comment] }, replaced: undefined };
    }
    case 'drop-comment': {
      const comment = task.comments.find((one) => one.id === act.comment);
      if (comment === undefined) return 'no-such-comment';
      if (comment.author !== actor.principal) return 'not-allowed';
      return { task: { ...task, comments: task.comments.filter((one) => one !== comment) }, replaced: undefined };
    }
    default:
      return changedItems(task, id, act);
  }
}

/** What only an open task takes: an ended one is reopened first, so that nobody's ending is undone in passing. */
const MOVES_AN_OPEN_ONE: ReadonlySet<Other['act']> = new Set([
  'assign',
  'due',
  'move',
  'close',
  'add-item',
  'check',
  'drop-item',
]);

function isSameEnd(as: Ending, act: Other): boolean {
  return act.act === 'close' && act.as === as;
}

type RegisterName = 'title' | 'assignee' | 'due' | 'stage';

function setRegister<N extends RegisterName>(task: Task, name: N, to: Task[N]): Answer {
  const before = task[name];
  if (isSame(before.value, to.value)) return 'already';
  return { task: { ...task, [name]: to }, replaced: before.by };
}

/** Values here are texts, numbers and flat records of them. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return left.length === right.length && left.every(([key, value]) => (b as Record<string, unknown>)[key] === value);
}

function setWait(task: Task, { on, isOn }: Extract<Other, { act: 'wait' }>): Answer {
  if (on === task.id) return 'itself';
  if (task.waitsFor.includes(on) === isOn) return 'already';
  if (isOn && task.waitsFor.length >= MAX_WAITS) return 'too-many';
  const waitsFor = isOn ? [...task.waitsFor, on] : task.waitsFor.filter((one) => one !== on);
  return { task: { ...task, waitsFor }, replaced: undefined };
}

type ItemAct = Extract<Other, { act: 'add-item' | 'check' | 'reword' | 'drop-item' }>;

function changedItems(task: Task, id: MessageId, act: ItemAct): Answer {
  if (act.act === 'add-item') {
    if (task.items.length >= MAX_ITEMS) return 'too-many';
    const item = { id, text: { value: act.text, by: id }, isDone: { value: false, by: id } };
    return { task: { ...task, items: [...task.items, item] }, replaced: undefined };
  }
  const item = task.items.find((one) => one.id === act.item);
  if (item === undefined) return 'no-such-item';
  if (act.act === 'drop-item') {
    return { task: { ...task, items: task.items.filter((one) => one !== item) }, replaced: undefined };
  }
  const [name, value] = act.act === 'check' ? (['isDone', act.isDone] as const) : (['text', act.text] as const);
  if (item[name].value === value) return 'already';
  const after = { ...item, [name]: { value, by: id } };
  return { task: { ...task, items: task.items.map((one) => (one === item ? after : one)) }, replaced: item[name].by };
}

/**
 * Acts that crossed and whose outcome nobody has touched since: what a person should be told about. Who says the same
 * again, having seen it, agrees, and nobody needs to be told any more.
 */
export function openCrossings(task: Task): readonly RecordedAct[] {
  const standing = new Set<MessageId>([task.title.by, task.assignee.by, task.due.by, task.stage.by]);
  for (const item of task.items) {
    standing.add(item.text.by);
    standing.add(item.isDone.by);
  }
  for (const { outcome, act } of task.acts) if (outcome === 'already' && 'saw' in act) standing.delete(act.saw);
  return task.acts.filter((one) => one.crossed !== undefined && standing.has(one.id));
}
