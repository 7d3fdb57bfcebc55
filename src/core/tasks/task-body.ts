// What a task message holds (SPEC.md §1): one act on one task. The task's id is the id of the message that made it.

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { MessageId, PrincipalId } from '../charter/ids.ts';
import { roleIdOf, type RoleId } from '../charter/rules.ts';
import type { Millis } from '../ports.ts';
import { decode, encode, type Encodable } from '../wire/cbor.ts';
import { fields, type Fields } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import { isRank, MAX_RANK_BYTES, type Rank } from './rank.ts';

/** Where an open task stands on the board. */
export const COLUMNS = ['todo', 'doing'] as const;
export type Column = (typeof COLUMNS)[number];
/** How a task ended. */
export const ENDINGS = ['done', 'dropped'] as const;
export type Ending = (typeof ENDINGS)[number];

export type Assignee = { readonly person: PrincipalId } | { readonly role: RoleId };

/** A calendar day, counted from 1 January 1970; the same day for everybody, wherever they are. */
export type DueDay = number;

/** The act whose value an author saw and replaces: if another one stands there by then, the two crossed. */
interface Replaces {
  readonly saw: MessageId;
}

interface OnTask {
  readonly task: MessageId;
}

export type TaskAct = { readonly at: Millis } & (
  | {
      readonly act: 'create';
      readonly title: string;
      readonly column: Column;
      readonly rank: Rank;
      readonly assignee: Assignee | undefined;
      readonly due: DueDay | undefined;
      /** The chat message it was made from. */
      readonly origin: MessageId | undefined;
    }
  | ({ readonly act: 'title'; readonly title: string } & OnTask & Replaces)
  | ({ readonly act: 'assign'; readonly to: Assignee | undefined } & OnTask & Replaces)
  | ({ readonly act: 'due'; readonly day: DueDay | undefined } & OnTask & Replaces)
  | ({ readonly act: 'move'; readonly column: Column; readonly rank: Rank } & OnTask & Replaces)
  | ({ readonly act: 'close'; readonly as: Ending } & OnTask & Replaces)
  | ({ readonly act: 'reopen'; readonly column: Column; readonly rank: Rank } & OnTask & Replaces)
  /** An item of the checklist; its id is that of the message. */
  | ({ readonly act: 'add-item'; readonly text: string } & OnTask)
  | ({ readonly act: 'check'; readonly item: MessageId; readonly isDone: boolean } & OnTask & Replaces)
  | ({ readonly act: 'reword'; readonly item: MessageId; readonly text: string } & OnTask & Replaces)
  | ({ readonly act: 'drop-item'; readonly item: MessageId } & OnTask)
  /** The task waits for another one, or no longer does. */
  | ({ readonly act: 'wait'; readonly on: MessageId; readonly isOn: boolean } & OnTask)
  | ({ readonly act: 'comment'; readonly text: string } & OnTask)
  | ({ readonly act: 'drop-comment'; readonly comment: MessageId } & OnTask)
);

export type TaskActKind = TaskAct['act'];

const ACTS = [
  'create',
  'title',
  'assign',
  'due',
  'move',
  'close',
  'reopen',
  'add-item',
  'check',
  'reword',
  'drop-item',
  'wait',
  'comment',
  'drop-comment',
] as const satisfies readonly TaskActKind[];

export const MAX_TITLE_BYTES = 500;
export const MAX_ITEM_BYTES = 1_000;
export const MAX_COMMENT_BYTES = 8_000;
/** Text and what little stands beside it. */
const MAX_BODY_BYTES = MAX_COMMENT_BYTES + 400;
/** The end of the year 9999. */
const MAX_DUE_DAY = 2_932_896;
const ID_BYTES = 32;
const PRINCIPAL_BYTES = 33;
const VERSION = 1;

export function encodeTaskAct(act: TaskAct): Bytes {
  return encode({ v: VERSION, act: act.act, at: act.at, ...spell(act) });
}

/** Throws `WireError` only. */
export function decodeTaskAct(bytes: Uint8Array): TaskAct {
  const read = fields(decode(bytes, 'task', MAX_BODY_BYTES), 'task');
  read.version('v', VERSION);
  const kind = read.oneOf('act', ACTS);
  const at = read.uint('at') as Millis;
  const act = kind === 'create' ? takeCreate(read) : takeOther(kind, read);
  read.end();
  return { at, ...act } as TaskAct;
}

/** A union keeps its members apart only when each is left whole. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Taken = Without<TaskAct, 'at'>;

function takeCreate(read: Fields): Taken {
  return {
    act: 'create',
    title: read.text('title', MAX_TITLE_BYTES),
    column: read.oneOf('column', COLUMNS),
    rank: takeRank(read),
    assignee: takeAssignee(read, 'assignee'),
    due: takeDay(read),
    origin: read.has('origin') ? read.id<MessageId>('origin', ID_BYTES) : undefined,
  };
}

function takeOther(kind: Exclude<TaskActKind, 'create'>, read: Fields): Taken {
  const task = read.id<MessageId>('task', ID_BYTES);
  const saw = (): MessageId => read.id<MessageId>('saw', ID_BYTES);
  const item = (): MessageId => read.id<MessageId>('item', ID_BYTES);
  switch (kind) {
    case 'title':
      return { act: kind, task, saw: saw(), title: read.text('title', MAX_TITLE_BYTES) };
    case 'assign':
      return { act: kind, task, saw: saw(), to: takeAssignee(read, 'to') };
    case 'due':
      return { act: kind, task, saw: saw(), day: takeDay(read) };
    case 'move':
    case 'reopen':
      return { act: kind, task, saw: saw(), column: read.oneOf('column', COLUMNS), rank: takeRank(read) };
    case 'close':
      return { act: kind, task, saw: saw(), as: read.oneOf('as', ENDINGS) };
    case 'add-item':
      return { act: kind, task, text: read.text('text', MAX_ITEM_BYTES) };
    case 'check':
      return { act: kind, task, saw: saw(), item: item(), isDone: read.bool('done') };
    case 'reword':
      return { act: kind, task, saw: saw(), item: item(), text: read.text('text', MAX_ITEM_BYTES) };
    case 'drop-item':
      return { act: kind, task, item: item() };
    case 'wait':
      return { act: kind, task, on: read.id<MessageId>('on', ID_BYTES), isOn: read.bool('is') };
    case 'comment':
      return { act: kind, task, text: read.text('text', MAX_COMMENT_BYTES) };
    case 'drop-comment':
      return { act: kind, task, comment: read.id<MessageId>('comment', ID_BYTES) };
  }
}

function takeRank(read: Fields): Rank {
  const rank = read.text('rank', MAX_RANK_BYTES);
  if (!isRank(rank)) throw new WireError('bad-field', 'task');
  return rank;
}

function takeDay(read: Fields): DueDay | undefined {
  return read.has('day') ? read.uint('day', MAX_DUE_DAY) : undefined;
}

/** Absent: nobody's. */
function takeAssignee(read: Fields, name: string): Assignee | undefined {
  if (!read.has(name)) return undefined;
  const value = read.value(name);
  if (typeof value === 'string') return { role: roleIdOf(value) };
  return { person: read.id<PrincipalId>(name, PRINCIPAL_BYTES) };
}

function spell(act: TaskAct): Readonly<Record<string, Encodable>> {
  if (act.act === 'create') {
    return {
      title: act.title,
      column: act.column,
      rank: act.rank,
      ...spellAssignee('assignee', act.assignee),
      ...(act.due === undefined ? {} : { day: act.due }),
      ...(act.origin === undefined ? {} : { origin: raw(act.origin) }),
    };
  }
  const onTask = { task: raw(act.task), ...('saw' in act ? { saw: raw(act.saw) } : {}) };
  switch (act.act) {
    case 'title':
      return { ...onTask, title: act.title };
    case 'assign':
      return { ...onTask, ...spellAssignee('to', act.to) };
    case 'due':
      return { ...onTask, ...(act.day === undefined ? {} : { day: act.day }) };
    case 'move':
    case 'reopen':
      return { ...onTask, column: act.column, rank: act.rank };
    case 'close':
      return { ...onTask, as: act.as };
    case 'add-item':
    case 'comment':
      return { ...onTask, text: act.text };
    case 'check':
      return { ...onTask, item: raw(act.item), done: act.isDone };
    case 'reword':
      return { ...onTask, item: raw(act.item), text: act.text };
    case 'drop-item':
      return { ...onTask, item: raw(act.item) };
    case 'wait':
      return { ...onTask, on: raw(act.on), is: act.isOn };
    case 'drop-comment':
      return { ...onTask, comment: raw(act.comment) };
  }
}

function spellAssignee(name: string, to: Assignee | undefined): Readonly<Record<string, Encodable>> {
  if (to === undefined) return {};
  return { [name]: 'role' in to ? to.role : raw(to.person) };
}

function raw(id: string): Bytes {
  const bytes = hex.decode(id);
  if (bytes === undefined) throw new Error('not an id');
  return bytes;
}
