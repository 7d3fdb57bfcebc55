// Samples of src/core/tasks.
import type { MessageId, PrincipalId } from '#core/charter/ids.ts';
import type { RoleId } from '#core/charter/rules.ts';
import type { Millis } from '#core/ports.ts';
import type { Rank } from '#core/tasks/rank.ts';
import { encodeTaskAct, MAX_TITLE_BYTES, type TaskAct } from '#core/tasks/task-body.ts';
import { encode } from '#core/wire/cbor.ts';
import { filler, fillerId, type StructureSamples } from './sample.ts';

const at = 1_700_000_000_000 as Millis;
const task = fillerId<MessageId>(32, 0x10);
const saw = fillerId<MessageId>(32, 0x30);
const item = fillerId<MessageId>(32, 0x50);
const person = fillerId<PrincipalId>(33, 0x70);
const rank = 'V' as Rank;
const role = 'cooks' as RoleId;
const bare = { column: 'todo', rank, assignee: undefined, due: undefined, origin: undefined } as const;

const acts: Readonly<Record<string, TaskAct>> = {
  'a task': { act: 'create', at, title: 'Soup 🍲 for 200', ...bare },
  'a task from a message, for a person, due': {
    ...{ act: 'create', at, title: 'Onions', column: 'doing', rank },
    ...{ assignee: { person }, due: 20_000, origin: item },
  } as TaskAct,
  'a new title': { act: 'title', at, task, saw, title: 'Soup for 250' },
  'given to a role': { act: 'assign', at, task, saw, to: { role } },
  'given to nobody': { act: 'assign', at, task, saw, to: undefined },
  due: { act: 'due', at, task, saw, day: 0 },
  'not due any more': { act: 'due', at, task, saw, day: undefined },
  moved: { act: 'move', at, task, saw, column: 'doing', rank: '0V' as Rank },
  closed: { act: 'close', at, task, saw, as: 'dropped' },
  reopened: { act: 'reopen', at, task, saw, column: 'todo', rank },
  'an item': { act: 'add-item', at, task, text: 'onions' },
  checked: { act: 'check', at, task, saw, item, isDone: true },
  reworded: { act: 'reword', at, task, saw, item, text: 'red onions' },
  'an item less': { act: 'drop-item', at, task, item },
  waits: { act: 'wait', at, task, on: item, isOn: true },
  'a comment': { act: 'comment', at, task, text: 'Enough for\ntwo pots' },
  'a comment less': { act: 'drop-comment', at, task, comment: item },
};

const title = { v: 1, act: 'title', at: 0, task: filler(32), saw: filler(32), title: 'x' };
const create = { v: 1, act: 'create', at: 0, title: 'x', column: 'todo', rank: 'V' };

export const tasksSamples: Readonly<Record<string, StructureSamples>> = {
  'body-task': {
    spec: 'tasks/SPEC.md §1',
    accept: Object.entries(acts).map(([name, act]) => ({ name, bytes: encodeTaskAct(act) })),
    refuse: [
      { name: 'an act nobody knows', bytes: encode({ ...title, act: 'burn' }) },
      { name: 'a title too long', bytes: encode({ ...title, title: 'x'.repeat(MAX_TITLE_BYTES + 1) }) },
      { name: 'a rank that ends in zero', bytes: encode({ ...create, rank: 'V0' }) },
      { name: 'an empty rank', bytes: encode({ ...create, rank: '' }) },
      { name: 'a column nobody knows', bytes: encode({ ...create, column: 'done' }) },
      { name: 'a day after the year 9999', bytes: encode({ ...create, day: 2_932_897 }) },
      { name: 'for a principal of 32 bytes', bytes: encode({ ...create, assignee: filler(32) }) },
      { name: 'for everyone, which is no role', bytes: encode({ ...create, assignee: 'everyone' }) },
      {
        name: 'a title without what it replaces',
        bytes: encode({ v: 1, act: 'title', at: 0, task: filler(32), title: 'x' }),
      },
    ],
  },
};
