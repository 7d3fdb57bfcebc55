// Tasks that a group in memory begins with: of every kind that the screens tell apart.

import type { GroupState, PersonId } from '#app/groups/group-api.ts';
import type { MessageId } from '#core/charter/ids.ts';
import type { RoleId } from '#core/charter/rules.ts';
import type { Millis } from '#core/ports.ts';
import { rankBetween, type Rank } from '#core/tasks/rank.ts';
import type { Column, TaskAct } from '#core/tasks/task-body.ts';
import { principalOf } from '#app/tasks/task-names.ts';
import { actId, type SeedAct } from './memory-tasks.ts';

const HOUR = 3_600_000;
type Bare = TaskAct extends infer T ? (T extends unknown ? Omit<T, 'at'> : never) : never;

/** Writes acts down one after the other, as if all had known of each other, unless told otherwise. */
class Story {
  readonly acts: SeedAct[] = [];
  #rank: Rank | undefined;
  #lamport = 0;
  readonly #from: number;

  constructor(from: number) {
    this.#from = from;
  }

  tell(by: PersonId, act: Bare, about: { readonly lamport?: number; readonly readers?: RoleId } = {}): MessageId {
    const id = actId(this.acts.length);
    this.#lamport = about.lamport ?? this.#lamport + 1;
    const at = (this.#from + this.acts.length * 2 * HOUR) as Millis;
    const { readers } = about;
    this.acts.push({ id, lamport: this.#lamport, by, ...(readers && { readers }), act: { ...act, at } as TaskAct });
    return id;
  }

  make(by: PersonId, title: string, about: Partial<Extract<TaskAct, { act: 'create' }>> = {}): MessageId {
    this.#rank = rankBetween(this.#rank, undefined);
    const column: Column = 'todo';
    const rest = { assignee: undefined, due: undefined, origin: undefined };
    return this.tell(by, { act: 'create', title, column, rank: this.#rank, ...rest, ...about });
  }

  get lamport(): number {
    return this.#lamport;
  }
}

/** For a group of at least four, the second of whom is oneself. */
export function seedTasks(state: Pick<GroupState, 'people' | 'roles'>): readonly SeedAct[] {
  const [ana, me, bo, chidi] = state.people.map(({ id }) => id);
  if (ana === undefined || me === undefined || bo === undefined || chidi === undefined) return [];
  const organisers = state.roles.at(-1)?.id;
  const today = Math.floor(Date.now() / (24 * HOUR));
  const story = new Story(Date.now() - 60 * HOUR);
  const to = (person: PersonId) => ({ person: principalOf(person) });

  const pots = story.make(ana, 'Bring the two big pots', { due: today + 1, assignee: to(bo) });
  const van = story.make(bo, 'Book the van for Saturday', { due: today - 2, assignee: to(me) });
  story.make(chidi, 'Ask the bakery for what is left over', { due: today });
  const list = story.make(me, 'Shopping list for 200 meals', { assignee: to(me), due: today + 2 });
  for (const text of ['Rice, 20 kg', 'Lentils, 12 kg', 'Onions', 'Salt']) {
    const item = story.tell(me, { act: 'add-item', task: list, text });
    const isDone = text.startsWith('R') || text.startsWith('L');
    if (isDone) story.tell(bo, { act: 'check', task: list, item, saw: item, isDone });
  }
  const cook = story.make(ana, 'Cook', {
    due: today + 3,
    assignee: organisers === undefined ? undefined : { role: organisers },
  });
  for (const on of [pots, list]) story.tell(ana, { act: 'wait', task: cook, on, isOn: true });
  story.make(bo, 'تنظيف القاعة بعد الطعام', { assignee: to(chidi) });
  story.make(me, 'Write to everybody who helped');
  const doing = { column: 'doing' as const };
  const posters = story.make(chidi, 'Posters for the harbour, the mill and the three bus stops', {
    ...doing,
    due: today - 1,
  });
  const gas = story.make(bo, 'Check the gas bottles', { ...doing, assignee: to(bo), due: today + 1 });
  story.tell(chidi, {
    act: 'comment',
    task: gas,
    text: 'One of them is nearly empty. I can fetch a new one on Friday.',
  });
  story.tell(bo, { act: 'comment', task: gas, text: 'Please do. The receipt goes to the box.' });
  for (const title of ['Find a hall', 'Ask who eats what', 'Fridge: who has room?']) {
    const task = story.make(ana, title);
    story.tell(chidi, { act: 'close', task, saw: task, as: 'done' });
  }
  const band = story.make(bo, 'A band for the evening');
  story.tell(ana, { act: 'close', task: band, saw: band, as: 'dropped' });

  const now = story.lamport + 1;
  // Neither knew of the other's.
  story.tell(ana, { act: 'assign', task: posters, saw: posters, to: to(bo) }, { lamport: now });
  story.tell(chidi, { act: 'assign', task: posters, saw: posters, to: to(chidi) }, { lamport: now });
  story.tell(bo, { act: 'close', task: van, saw: van, as: 'done' }, { lamport: now + 1 });
  story.tell(me, { act: 'move', task: van, saw: van, column: 'doing', rank: 'n' as Rank }, { lamport: now + 2 });
  return story.acts;
}

/** As many as an old group may have. */
export function manyTasks(state: Pick<GroupState, 'people'>, count: number): readonly SeedAct[] {
  const story = new Story(Date.now() - 2 * count * HOUR);
  const people = state.people.map(({ id }) => id);
  const today = Math.floor(Date.now() / (24 * HOUR));
  for (let i = 0; i < count; i++) {
    const by = people[i % people.length]!;
    const assignee = i % 3 === 0 ? { person: principalOf(people[(i * 7) % people.length]!) } : undefined;
    const column = i % 5 === 0 ? 'doing' : 'todo';
    const task = story.make(by, `Task ${i + 1}: what there is to do`, {
      column,
      assignee,
      due: i % 4 === 0 ? today + (i % 40) - 10 : undefined,
    });
    if (i % 2 === 1) story.tell(by, { act: 'close', task, saw: task, as: i % 9 === 0 ? 'dropped' : 'done' });
  }
  return story.acts;
}
