// The rules of tasks: what acts make of one, who may do what, and how contradictory ones are told.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageId, PrincipalId } from '../charter/ids.ts';
import type { RoleId } from '../charter/rules.ts';
import type { Millis } from '../ports.ts';
import { TaskBoard, boardKey, compareTasks, matches, rankAt, waitingFor, wouldLoop } from './board.ts';
import { contradictionsOf } from './contradictions.ts';
import { rankBetween, type Rank } from './rank.ts';
import { decodeTaskAct, encodeTaskAct, type TaskAct } from './task-body.ts';
import { foldTask, openCrossings, outcomeOf, type Actor, type Task, type ToldAct } from './task.ts';
import { undoOf } from './undo.ts';

const id = (name: number): MessageId => name.toString(16).padStart(64, '0') as MessageId;
const person = (name: number): PrincipalId => name.toString(16).padStart(66, '0') as PrincipalId;
const [ana, bo, cem] = [person(1), person(2), person(3)];
const COOKS = 'cooks' as RoleId;
const member = (principal: PrincipalId): Actor => ({ principal, roles: [], mayTasks: true, mayPost: true });
const guest = (principal: PrincipalId, roles: RoleId[] = []): Actor => ({
  principal,
  roles,
  mayTasks: false,
  mayPost: true,
});
const at = 1_000 as Millis;
const TASK = id(1);
const M = 'V' as Rank;

type Bare = TaskAct extends infer T ? (T extends unknown ? Omit<T, 'at' | 'task'> : never) : never;

/** An act as it comes out of a chain: its number is its lamport and its id. */
function tell(number: number, actor: Actor, act: Bare): ToldAct {
  const onTask = act.act === 'create' ? {} : { task: TASK };
  return { id: id(number), lamport: number, actor, act: { at, ...onTask, ...act } as TaskAct };
}

const making: Bare = {
  act: 'create',
  title: 'Soup for 200',
  column: 'todo',
  rank: M,
  assignee: undefined,
  due: undefined,
  origin: undefined,
};
const made = tell(1, member(ana), making);

function after(...acts: readonly ToldAct[]): Task {
  const task = foldTask(TASK, [made, ...acts]);
  if (task === undefined) throw new Error('no task');
  return task;
}

const outcomes = (task: Task) => task.acts.slice(1).map(({ outcome }) => outcome);

describe('a task', () => {
  it('is what was said of it, in content order (P29)', () => {
    const task = after(
      tell(2, member(bo), { act: 'title', saw: TASK, title: 'Soup for 250' }),
      tell(3, member(bo), { act: 'assign', saw: TASK, to: { person: cem } }),
      tell(4, member(ana), { act: 'due', saw: TASK, day: 20_000 }),
      tell(5, member(ana), { act: 'add-item', text: 'onions' }),
      tell(6, guest(cem), { act: 'check', saw: id(5), item: id(5), isDone: true }),
      tell(7, guest(cem), { act: 'comment', text: 'Enough for two pots.' }),
      tell(8, guest(cem), { act: 'close', saw: TASK, as: 'done' }),
    );
    expect(outcomes(task)).toEqual(Array(7).fill('done'));
    expect(task.title.value).toBe('Soup for 250');
    expect(task.items[0]?.isDone.value).toBe(true);
    expect(task.comments.map(({ text }) => text)).toEqual(['Enough for two pots.']);
    expect(task.stage.value).toEqual({ is: 'ended', as: 'done' });
  });

  it('does not exist for anybody when its maker had no right to make it (P33)', () => {
    expect(foldTask(TASK, [tell(1, guest(bo), making)])).toBeUndefined();
  });

  it('is not closed, given away or renamed by who has no right to, and says so alike everywhere (P33)', () => {
    const task = after(
      tell(2, guest(bo), { act: 'close', saw: TASK, as: 'done' }),
      tell(3, guest(bo), { act: 'assign', saw: TASK, to: { person: bo } }),
      tell(4, guest(bo), { act: 'title', saw: TASK, title: 'Nothing' }),
    );
    expect(outcomes(task)).toEqual(['not-allowed', 'not-allowed', 'not-allowed']);
    expect(task.title.value).toBe('Soup for 200');
    expect(task.stage.value.is).toBe('open');
  });

  it('may be moved on by whoever holds the role it is given to, and by nobody else of their kind', () => {
    const given = tell(2, member(ana), { act: 'assign', saw: TASK, to: { role: COOKS } });
    const move: Bare = { act: 'move', saw: TASK, column: 'doing', rank: M };
    expect(outcomes(after(given, tell(3, guest(bo, [COOKS]), move)))).toEqual(['done', 'done']);
    expect(outcomes(after(given, tell(3, guest(cem), move)))).toEqual(['done', 'not-allowed']);
  });

  it('takes nothing but words and a reopening once it ended', () => {
    const closed = tell(2, member(ana), { act: 'close', saw: TASK, as: 'done' });
    const task = after(
      closed,
      tell(3, member(bo), { act: 'move', saw: id(2), column: 'doing', rank: M }),
      tell(4, member(bo), { act: 'close', saw: id(2), as: 'dropped' }),
      tell(5, member(bo), { act: 'comment', text: 'why?' }),
      tell(6, member(bo), { act: 'reopen', saw: id(2), column: 'doing', rank: M }),
      tell(7, member(bo), { act: 'reopen', saw: id(6), column: 'doing', rank: M }),
    );
    expect(outcomes(task)).toEqual(['done', 'ended', 'ended', 'done', 'done', 'not-ended']);
  });

  it('says which of two acts that crossed stands, until somebody who saw it goes on', () => {
    const closed = tell(2, member(ana), { act: 'assign', saw: TASK, to: { person: bo } });
    const crossing = tell(3, member(cem), { act: 'assign', saw: TASK, to: { person: cem } });
    const task = after(closed, crossing);
    expect(task.assignee.value).toEqual({ person: cem });
    expect(openCrossings(task).map((one) => [one.id, one.crossed])).toEqual([[id(3), id(2)]]);
    const settled = after(closed, crossing, tell(4, member(ana), { act: 'assign', saw: id(3), to: { person: bo } }));
    expect(openCrossings(settled)).toEqual([]);
  });

  it('tells of acts that crossed until somebody who saw them says the same again', () => {
    const [toBo, toCem] = [
      tell(2, member(ana), { act: 'assign', saw: TASK, to: { person: bo } }),
      tell(3, member(cem), { act: 'assign', saw: TASK, to: { person: cem } }),
    ];
    const told = contradictionsOf(after(toBo, toCem));
    expect(told.map(({ stands, fell }) => [stands.id, fell.id])).toEqual([[id(3), id(2)]]);
    const agreed = tell(4, member(bo), { act: 'assign', saw: id(3), to: { person: cem } });
    expect(contradictionsOf(after(toBo, toCem, agreed))).toEqual([]);
    // Who had not seen it did not agree to it.
    const unaware = tell(4, member(bo), { act: 'assign', saw: TASK, to: { person: cem } });
    expect(contradictionsOf(after(toBo, toCem, unaware))).toHaveLength(1);
  });

  it('tells whose ending overtook an act of somebody else, until it is reopened or agreed to', () => {
    const closed = tell(2, member(ana), { act: 'close', saw: TASK, as: 'done' });
    const moved = tell(3, member(bo), { act: 'move', saw: TASK, column: 'doing', rank: M });
    const told = contradictionsOf(after(closed, moved));
    expect(told.map(({ stands, fell }) => [stands.id, fell.id])).toEqual([[id(2), id(3)]]);
    const reopened = tell(4, member(bo), { act: 'reopen', saw: id(2), column: 'doing', rank: M });
    expect(contradictionsOf(after(closed, moved, reopened))).toEqual([]);
    const agreed = tell(4, member(bo), { act: 'close', saw: id(2), as: 'done' });
    expect(contradictionsOf(after(closed, moved, agreed))).toEqual([]);
  });

  it('is told nothing of when two put it elsewhere in one column', () => {
    const higher = tell(2, member(ana), { act: 'move', saw: TASK, column: 'todo', rank: 'G' as Rank });
    const lower = tell(3, member(bo), { act: 'move', saw: TASK, column: 'todo', rank: 'k' as Rank });
    expect(openCrossings(after(higher, lower))).toHaveLength(1);
    expect(contradictionsOf(after(higher, lower))).toEqual([]);
  });

  it('that two closed at once is closed, and nobody is told off for it', () => {
    const task = after(
      tell(2, member(ana), { act: 'close', saw: TASK, as: 'done' }),
      tell(3, member(bo), { act: 'close', saw: TASK, as: 'done' }),
    );
    expect(outcomes(task)).toEqual(['done', 'already']);
    expect(openCrossings(task)).toEqual([]);
  });

  it('hears nothing that stands before it, and waits for no act of its own', () => {
    const early: ToldAct = { ...tell(0, member(bo), { act: 'title', saw: TASK, title: 'x' }), lamport: 0 };
    const task = after(early, tell(2, member(bo), { act: 'wait', on: TASK, isOn: true }));
    expect(task.acts.map(({ outcome }) => outcome)).toEqual(['before-the-task', 'done', 'itself']);
  });

  it('loses no comment but by who wrote it', () => {
    const task = after(
      tell(2, member(ana), { act: 'comment', text: 'mine' }),
      tell(3, member(bo), { act: 'drop-comment', comment: id(2) }),
      tell(4, member(ana), { act: 'drop-comment', comment: id(9) }),
    );
    expect(outcomes(task)).toEqual(['done', 'not-allowed', 'no-such-comment']);
    expect(task.comments).toHaveLength(1);
  });
});

const actors = fc.constantFrom(member(ana), member(bo), guest(cem), guest(bo, [COOKS]));
const saw = fc.integer({ min: 1, max: 12 }).map(id);
const columns = fc.constantFrom('todo' as const, 'doing' as const);
const anyAct: fc.Arbitrary<Bare> = fc.oneof(
  fc.record({ act: fc.constant('title' as const), saw, title: fc.constantFrom('a', 'b') }),
  fc.record({
    act: fc.constant('assign' as const),
    saw,
    to: fc.constantFrom(undefined, { person: bo }, { role: COOKS }),
  }),
  fc.record({ act: fc.constant('due' as const), saw, day: fc.option(fc.nat(9), { nil: undefined }) }),
  fc.record({ act: fc.constant('move' as const), saw, column: columns, rank: fc.constant(M) }),
  fc.record({ act: fc.constant('close' as const), saw, as: fc.constantFrom('done' as const, 'dropped' as const) }),
  fc.record({ act: fc.constant('reopen' as const), saw, column: columns, rank: fc.constant(M) }),
  fc.record({ act: fc.constant('add-item' as const), text: fc.constantFrom('x', 'y') }),
  fc.record({ act: fc.constant('check' as const), saw, item: saw, isDone: fc.boolean() }),
  fc.record({ act: fc.constant('reword' as const), saw, item: saw, text: fc.constantFrom('x', 'z') }),
  fc.record({ act: fc.constant('drop-item' as const), item: saw }),
  fc.record({ act: fc.constant('wait' as const), on: saw, isOn: fc.boolean() }),
  fc.record({ act: fc.constant('comment' as const), text: fc.constantFrom('hm', 'oh') }),
  fc.record({ act: fc.constant('drop-comment' as const), comment: saw }),
);
const histories = fc
  .array(fc.tuple(actors, anyAct), { maxLength: 11 })
  .map((acts) => [made, ...acts.map(([actor, act], i) => tell(i + 2, actor, act))]);

describe('any history of a task', () => {
  it('gives one task in whatever order it comes, once or twice (P29, P33)', () => {
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat()), (acts, dice) => {
        const inOrder = new TaskBoard();
        for (const one of acts) inOrder.add(one);
        const shuffled = [...acts, ...acts]
          .map((one) => ({ one, dice: dice.next().value ?? 0 }))
          .sort((a, b) => a.dice - b.dice);
        const board = new TaskBoard();
        for (const { one } of shuffled) board.add(one);
        expect(board.tasks.get(TASK)).toEqual(inOrder.tasks.get(TASK));
        expect(board.tasks.get(TASK)).toEqual(foldTask(TASK, acts));
      }),
    );
  });

  it('is changed by no refused act', () => {
    fc.assert(
      fc.property(histories, (acts) => {
        const whole = foldTask(TASK, acts)!;
        const counted = new Set(whole.acts.filter(({ outcome }) => outcome === 'done').map((one) => one.id));
        const without = foldTask(
          TASK,
          acts.filter((one) => counted.has(one.id)),
        )!;
        expect({ ...without, acts: [] }).toEqual({ ...whole, acts: [] });
      }),
    );
  });

  it('is as it was after an act and its undoing', () => {
    fc.assert(
      fc.property(histories, actors, anyAct, (acts, _, act) => {
        const before = foldTask(TASK, acts)!;
        const one = tell(20, member(ana), act);
        const withIt = foldTask(TASK, [...acts, one])!;
        if (withIt.acts.at(-1)!.outcome !== 'done' || act.act === 'drop-comment') return;
        const undone = undoOf(one.id, before, withIt, at);
        if (undone === undefined) throw new Error('nothing to undo');
        const back = foldTask(TASK, [...acts, one, { ...tell(21, member(ana), act), act: undone }])!;
        expect(back.acts.at(-1)!.outcome).toBe('done');
        const text = (task: Task) => ({
          title: task.title.value,
          assignee: task.assignee.value,
          due: task.due.value,
          stage: task.stage.value,
          items: task.items.map((item) => [item.text.value, item.isDone.value]).sort(),
          waits: [...task.waitsFor].sort(),
          comments: task.comments.map((comment) => comment.text),
        });
        // A dropped item comes back unchecked: it is a new one.
        if (act.act === 'drop-item') expect(back.items).toHaveLength(before.items.length);
        else expect(text(back)).toEqual(text(before));
      }),
    );
  });

  it('spares what somebody else changed since from an undo', () => {
    const mine = tell(2, member(ana), { act: 'title', saw: TASK, title: 'mine' });
    const theirs = tell(3, member(bo), { act: 'title', saw: id(2), title: 'theirs' });
    expect(undoOf(id(2), after(), after(mine, theirs), at)).toBeUndefined();
  });

  it('spells every act in one way only', () => {
    fc.assert(
      fc.property(histories, (acts) => {
        for (const { act } of acts) expect(decodeTaskAct(encodeTaskAct(act))).toEqual(act);
      }),
    );
  });
});

describe('a board', () => {
  function boardOf(count: number): TaskBoard {
    const board = new TaskBoard();
    let rank: Rank | undefined;
    for (let i = 1; i <= count; i++) {
      rank = rankBetween(rank, undefined);
      board.add({
        ...tell(i, member(ana), { ...making, rank, title: `Task ${i}` } as Bare),
        id: id(i),
      });
    }
    return board;
  }
  const onTask = (number: number, task: MessageId, act: Bare): ToldAct => {
    const told = tell(number, member(ana), act);
    return { ...told, act: { ...told.act, task } as TaskAct };
  };

  it('puts a task between two others, and what ended last', () => {
    const board = boardOf(3);
    const order = () => [...board.tasks.values()].sort(compareTasks).map((task) => task.title.value);
    const [first, second] = [...board.tasks.values()].sort(compareTasks);
    board.add(onTask(9, id(3), { act: 'move', saw: id(3), column: 'todo', rank: rankAt([first!, second!], 1) }));
    expect(order()).toEqual(['Task 1', 'Task 3', 'Task 2']);
    board.add(onTask(10, id(1), { act: 'close', saw: id(1), as: 'done' }));
    expect(order()).toEqual(['Task 3', 'Task 2', 'Task 1']);
  });

  it('has keys that order tasks as comparing them does', () => {
    const ranks = fc.stringMatching(/^[0-9A-Za-z]{0,3}[1-9A-Za-z]$/).map((text) => text as Rank);
    const stages = fc.oneof(
      fc.record({ is: fc.constant('open' as const), column: columns, rank: ranks }),
      fc.record({ is: fc.constant('ended' as const), as: fc.constantFrom('done' as const, 'dropped' as const) }),
    );
    const task = after();
    const tasks = fc.record({ stage: stages, name: fc.nat(3), when: fc.nat(3) }).map(({ stage, name, when }) => ({
      ...task,
      id: id(name),
      at: when as Millis,
      stage: { value: stage, by: TASK },
    }));
    fc.assert(
      fc.property(tasks, tasks, (a, b) => {
        const [left, right] = [boardKey(a), boardKey(b)];
        expect(Math.sign(compareTasks(a, b))).toBe(left < right ? -1 : left > right ? 1 : 0);
      }),
    );
  });

  it('knows what an open task still waits for, and sees a circle coming', () => {
    const board = boardOf(3);
    board.add(onTask(9, id(1), { act: 'wait', on: id(2), isOn: true }));
    board.add(onTask(10, id(2), { act: 'wait', on: id(3), isOn: true }));
    expect(waitingFor(board.tasks.get(id(1))!, board.tasks).map((task) => task.id)).toEqual([id(2)]);
    expect(wouldLoop(id(3), id(1), board.tasks)).toBe(true);
    expect(wouldLoop(id(1), id(3), board.tasks)).toBe(false);
    board.add(onTask(11, id(2), { act: 'close', saw: id(2), as: 'done' }));
    expect(waitingFor(board.tasks.get(id(1))!, board.tasks)).toEqual([]);
  });

  it('is narrowed to whose, which, when and what', () => {
    const board = boardOf(3);
    board.add(onTask(9, id(1), { act: 'assign', saw: id(1), to: { person: bo } }));
    board.add(onTask(10, id(2), { act: 'assign', saw: id(2), to: { role: COOKS } }));
    board.add(onTask(11, id(3), { act: 'due', saw: id(3), day: 5 }));
    const found = (filter: Parameters<typeof matches>[1]) =>
      [...board.tasks.values()].filter((task) => matches(task, filter)).map((task) => task.title.value);
    expect(found({ of: { person: bo, roles: [COOKS] } })).toEqual(['Task 1', 'Task 2']);
    expect(found({ role: COOKS })).toEqual(['Task 2']);
    expect(found({ isUnassigned: true })).toEqual(['Task 3']);
    expect(found({ dueBy: 5 })).toEqual(['Task 3']);
    expect(found({ dueBy: 4 })).toEqual([]);
    expect(found({ text: 'task 2' })).toEqual(['Task 2']);
    expect(found({ stage: 'ended' })).toEqual([]);
  });

  it('forgets acts that were taken back', () => {
    const board = boardOf(1);
    board.add(onTask(9, id(1), { act: 'title', saw: id(1), title: 'Taken back' }));
    expect(board.remove(new Set([id(9)]))).toEqual([id(1)]);
    expect(board.tasks.get(id(1))?.title.value).toBe('Task 1');
  });

  it('refuses alike what a screen would not offer', () => {
    const task = after(tell(2, member(ana), { act: 'close', saw: TASK, as: 'done' }));
    expect(outcomeOf(task, tell(3, member(ana), { act: 'due', saw: TASK, day: 1 }))).toBe('ended');
  });
});
