// Tasks as the screens use them, between people whose acts reach each other late.
import { describe, expect, it } from 'vitest';
import type { MessageId } from '#core/charter/ids.ts';
import type { RoleId } from '#core/charter/rules.ts';
import type { Clock, Millis } from '#core/ports.ts';
import type { TaskAct } from '#core/tasks/task-body.ts';
import type { Actor } from '#core/tasks/task.ts';
import type { GroupState } from '../groups/group-api.ts';
import { LiveValue } from '../live-value.ts';
import type { PersonId } from '../talk/talk-api.ts';
import type { Readers, TaskAnswer, TaskChange } from './task-api.ts';
import type { HeardAct, TaskLog, TaskNews, WriteAnswer } from './task-log.ts';
import { principalOf } from './task-names.ts';
import { GroupTasks } from './tasks.ts';

const COOKS = 'cooks' as RoleId;
const person = (name: string): PersonId => `person ${name}` as PersonId;

/** One member's log: acts of others come when `meet` says so. */
class LogDouble implements TaskLog {
  readonly readable = new LiveValue<readonly Readers[]>(['everyone', COOKS]);
  readonly acts: HeardAct[] = [];
  readonly #name: string;
  readonly #listeners = new Set<(news: TaskNews) => void>();
  static #made = 0;
  mayTasks = true;
  isFull = false;

  constructor(name: string) {
    this.#name = name;
  }

  read(): readonly HeardAct[] {
    return this.acts;
  }

  listen(heard: (news: TaskNews) => void): () => void {
    this.#listeners.add(heard);
    return () => void this.#listeners.delete(heard);
  }

  me(): Actor {
    const isCook = this.#name === 'Cem';
    return {
      principal: principalOf(person(this.#name)),
      roles: isCook ? [COOKS] : [],
      mayTasks: this.mayTasks,
      mayPost: true,
    };
  }

  write(readers: Readers, act: TaskAct, made: (act: MessageId) => void): Promise<WriteAnswer> {
    if (this.isFull) return Promise.resolve({ is: 'no-room' });
    const id = (LogDouble.#made++).toString(16).padStart(64, '0') as MessageId;
    const lamport = 1 + Math.max(0, ...this.acts.map(({ told }) => told.lamport));
    made(id);
    this.hear({ readers, told: { id, lamport, actor: this.me(), act } });
    return Promise.resolve({ is: 'saved', act: id });
  }

  openDescription(): Promise<'gone'> {
    return Promise.resolve('gone');
  }

  hear(act: HeardAct): void {
    if (this.acts.some(({ told }) => told.id === act.told.id)) return;
    this.acts.push(act);
    for (const heard of this.#listeners) heard({ is: 'told', act });
  }

  takeBack(id: MessageId): void {
    this.acts.splice(
      this.acts.findIndex(({ told }) => told.id === id),
      1,
    );
    for (const heard of this.#listeners) heard({ is: 'restood' });
  }
}

function stateFor(me: string): GroupState {
  const people = ['Ana', 'Bo', 'Cem'].map((name) => ({
    id: person(name),
    name,
    isMe: name === me,
    nameWarning: undefined,
    isIn: true,
    roles: [],
    came: { by: 'founding' as const },
    presence: 'away' as const,
    devices: 1,
    lastHeard: undefined,
  }));
  return {
    name: 'Kitchen',
    standing: 'in',
    rules: undefined as never,
    me: person(me),
    people,
    roles: [{ id: COOKS, label: 'Cooks', can: [], holders: [person('Cem')], mine: me === 'Cem' }],
    successionOffer: undefined,
    disputes: [],
  };
}

const clock: Clock = {
  now: () => 1_000 as Millis,
  after: (_delay, wake) => {
    const timer = setTimeout(wake, 0);
    return () => clearTimeout(timer);
  },
};

class Member {
  readonly log: LogDouble;
  readonly group: LiveValue<GroupState>;
  readonly tasks: GroupTasks;

  constructor(name: string) {
    this.log = new LogDouble(name);
    this.group = new LiveValue(stateFor(name));
    this.tasks = new GroupTasks({ group: this.group, log: this.log, clock });
  }

  async make(title: string, readers: Readers = 'everyone'): Promise<MessageId> {
    const answer = await this.tasks.create({ title, readers });
    if (answer.is !== 'done') throw new Error(answer.why);
    return answer.task;
  }

  act(task: MessageId, change: TaskChange): Promise<TaskAnswer> {
    return this.tasks.act(task, change);
  }

  details(task: MessageId) {
    return this.tasks.task(task).current!;
  }

  get shown() {
    return this.tasks.list.current.map(({ title, place }) => `${place}: ${title}`);
  }
}

function meet(...members: readonly Member[]): void {
  const all = members.flatMap(({ log }) => log.acts);
  for (const { log } of members) for (const act of all) log.hear(act);
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('the tasks of a group', () => {
  it('stand in the order of the board, and each change moves one of them (P29)', async () => {
    const ana = new Member('Ana');
    const soup = await ana.make('Soup');
    const bread = await ana.make('Bread');
    await ana.make('Tea');
    expect(ana.shown).toEqual(['todo: Soup', 'todo: Bread', 'todo: Tea']);
    const [, kept] = ana.tasks.list.current;
    await ana.act(soup, { do: 'move', to: 'doing' });
    expect(ana.shown).toEqual(['todo: Bread', 'todo: Tea', 'doing: Soup']);
    expect(ana.tasks.list.current[0]).toBe(kept);
    await ana.act(soup, { do: 'move', to: 'todo', above: bread });
    expect(ana.shown).toEqual(['todo: Soup', 'todo: Bread', 'todo: Tea']);
    await ana.act(bread, { do: 'move', to: 'done' });
    expect(ana.shown).toEqual(['todo: Soup', 'todo: Tea', 'done: Bread']);
  });

  it('write nothing where all is so already, and say no before they would be refused', async () => {
    const ana = new Member('Ana');
    const soup = await ana.make('Soup');
    const bread = await ana.make('Bread');
    expect(await ana.act(soup, { do: 'title', title: ' Soup ' })).toMatchObject({ is: 'done', act: undefined });
    expect(await ana.act(soup, { do: 'move', to: 'todo', above: bread })).toMatchObject({ act: undefined });
    expect(await ana.act(soup, { do: 'title', title: '  ' })).toEqual({ is: 'refused', why: 'empty' });
    await ana.act(soup, { do: 'wait', on: bread, isOn: true });
    expect(await ana.act(bread, { do: 'wait', on: soup, isOn: true })).toEqual({ is: 'refused', why: 'loop' });
    expect(ana.details(soup).waits).toMatchObject([{ title: 'Bread', isOpen: true, isCircle: false }]);
    expect(ana.details(bread).neededBy).toMatchObject([{ title: 'Soup' }]);
    await ana.act(bread, { do: 'move', to: 'done' });
    expect(ana.tasks.list.current.find(({ id }) => id === soup)?.waitsFor).toBe(0);
    expect(await ana.act(bread, { do: 'due', day: 3 })).toEqual({ is: 'refused', why: 'ended' });
    ana.log.isFull = true;
    expect(await ana.act(soup, { do: 'due', day: 3 })).toEqual({ is: 'refused', why: 'no-room' });
    expect(ana.details(soup).entry.due).toBeUndefined();
  });

  it('explain to both what happened when two gave one task away at once (P29)', async () => {
    const [ana, cem] = [new Member('Ana'), new Member('Cem')];
    const soup = await ana.make('Soup');
    meet(ana, cem);
    await ana.act(soup, { do: 'assign', to: { person: person('Bo') } });
    await cem.act(soup, { do: 'assign', to: { person: person('Cem') } });
    meet(ana, cem);
    await settled();
    for (const member of [ana, cem]) {
      const { entry, crossings } = member.details(soup);
      expect(entry.assignee).toMatchObject({ name: 'Cem' });
      expect(entry.crossings).toBe(1);
      expect(crossings).toMatchObject([
        {
          fell: { by: { name: 'Ana' }, what: { is: 'gave', to: { name: 'Bo' } } },
          stands: { by: { name: 'Cem' }, what: { is: 'gave', to: { name: 'Cem' } } },
          instead: { do: 'assign', to: { person: person('Bo') } },
        },
      ]);
    }
    await ana.act(soup, ana.details(soup).crossings[0]!.agree!);
    meet(ana, cem);
    await settled();
    expect([ana, cem].map((member) => member.details(soup).crossings)).toEqual([[], []]);
    expect(cem.details(soup).entry.assignee).toMatchObject({ name: 'Cem', isMe: true });
  });

  it('say who had closed a task that somebody meanwhile moved on (P33)', async () => {
    const [ana, bo] = [new Member('Ana'), new Member('Bo')];
    const soup = await ana.make('Soup');
    meet(ana, bo);
    await ana.act(soup, { do: 'move', to: 'done' });
    // Bo wrote more while away, so that his act comes later in order than the ending.
    await bo.make('Tea');
    await bo.act(soup, { do: 'move', to: 'doing' });
    meet(ana, bo);
    await settled();
    const { entry, history, crossings } = ana.details(soup);
    expect(entry.place).toBe('done');
    expect(history.at(-1)).toMatchObject({
      by: { name: 'Bo' },
      what: { is: 'moved', to: 'doing' },
      outcome: 'ended',
      because: { by: { name: 'Ana' }, what: { is: 'closed', as: 'done' } },
    });
    expect(crossings).toMatchObject([{ fell: { by: { name: 'Bo' } }, instead: { do: 'move', to: 'doing' } }]);
    await bo.act(soup, bo.details(soup).crossings[0]!.instead!);
    expect(bo.details(soup).entry).toMatchObject({ place: 'doing', crossings: 0 });
  });

  it('take one act back, unless somebody changed the same thing since', async () => {
    const [ana, bo] = [new Member('Ana'), new Member('Bo')];
    const soup = await ana.make('Soup');
    const closed = await ana.act(soup, { do: 'move', to: 'done' });
    if (closed.is !== 'done') throw new Error(closed.why);
    expect(await ana.tasks.undo(closed.act!)).toMatchObject({ is: 'done' });
    expect(ana.shown).toEqual(['todo: Soup']);
    const renamed = await ana.act(soup, { do: 'title', title: 'Stew' });
    meet(ana, bo);
    await settled();
    await bo.act(soup, { do: 'title', title: 'Broth' });
    meet(ana, bo);
    await settled();
    if (renamed.is !== 'done') throw new Error(renamed.why);
    expect(await ana.tasks.undo(renamed.act!)).toEqual({ is: 'refused', why: 'changed-since' });
    expect(await bo.tasks.undo(renamed.act!)).toEqual({ is: 'refused', why: 'gone' });
  });

  it('offer whoever a task is given to no more than to bring it on', async () => {
    const [ana, cem] = [new Member('Ana'), new Member('Cem')];
    const soup = await ana.make('Soup');
    await ana.act(soup, { do: 'assign', to: { role: COOKS } });
    cem.log.mayTasks = false;
    cem.group.set({ ...cem.group.current, people: [] });
    meet(ana, cem);
    await settled();
    expect(cem.details(soup).entry.may).toEqual({ change: false, bringOn: true, comment: true });
    expect(cem.details(soup).entry.assignee).toMatchObject({ label: 'Cooks', isMine: true });
    expect(await cem.act(soup, { do: 'move', to: 'doing' })).toMatchObject({ is: 'done' });
    expect(await cem.act(soup, { do: 'title', title: 'Mine' })).toEqual({ is: 'refused', why: 'not-allowed' });
    expect(cem.tasks.me.current.mayMakeFor).toEqual([]);
  });

  it('are named anew when a name changes, and forget what was taken back', async () => {
    const ana = new Member('Ana');
    const soup = await ana.make('Soup');
    const given = await ana.act(soup, { do: 'assign', to: { person: person('Bo') } });
    const { people } = ana.group.current;
    ana.group.set({
      ...ana.group.current,
      people: people.map((one) => (one.name === 'Bo' ? { ...one, name: 'Bo B' } : one)),
    });
    expect(ana.details(soup).entry.assignee).toMatchObject({ name: 'Bo B' });
    if (given.is !== 'done') throw new Error(given.why);
    ana.log.takeBack(given.act!);
    await settled();
    expect(ana.details(soup).entry.assignee).toBeUndefined();
    ana.log.takeBack(soup);
    await settled();
    expect(ana.tasks.task(soup).current).toBeUndefined();
  });

  it('are all there, once, when acts come in while others are being read', async () => {
    const ana = new Member('Ana');
    for (let i = 0; i < 300; i++) await ana.make(`Task ${i}`);
    const late = new LogDouble('Ana');
    late.acts.push(...ana.log.acts.slice(0, 200));
    let pauses = 0;
    const waking: Clock = {
      ...clock,
      after: (delay, wake) => {
        for (let i = 0; i < 40; i++) {
          const act = ana.log.acts[200 + pauses++];
          if (act !== undefined) late.hear(act);
        }
        return clock.after(delay, wake);
      },
    };
    const tasks = new GroupTasks({ group: ana.group, log: late, clock: waking });
    await new Promise<void>((resolve) => tasks.state.subscribe(resolve));
    expect(tasks.list.current.map(({ title }) => title)).toEqual(ana.tasks.list.current.map(({ title }) => title));
  });
});
