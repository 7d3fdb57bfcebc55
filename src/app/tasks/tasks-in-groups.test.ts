// Tasks among members of a group: the code that ships, over a relay node and a network in memory.

import { expect, test } from 'vitest';
import type { SpaceId } from '#core/charter/ids.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { encodeTaskAct, type TaskAct } from '#core/tasks/task-body.ts';
import type { Millis } from '#core/ports.ts';
import { members, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import type { GroupBook } from '../groups/groups.ts';
import { write } from '../space/author.ts';
import type { TaskAnswer, TaskChange, TaskId, TaskMaking, Tasks } from './task-api.ts';

class Town {
  readonly world: SessionWorld;
  readonly all: readonly Member[];

  constructor(world: SessionWorld, all: readonly Member[]) {
    this.world = world;
    this.all = all;
  }

  async make(by: Member, making: Omit<TaskMaking, 'readers'> & Partial<TaskMaking>): Promise<TaskId> {
    return done(await this.world.during(tasksOf(by).create({ readers: 'everyone', ...making }))).task;
  }

  act(by: Member, task: TaskId, change: TaskChange): Promise<TaskAnswer> {
    return this.world.during(tasksOf(by).act(task, change));
  }

  /** Nothing goes to or from somebody until it is mended. */
  cutOff(member: Member): () => void {
    const { roads } = this.world;
    const others = [...this.all.filter((one) => one !== member).map(({ person }) => person.name), 'relay0'];
    return roads.part([member.person.name], others);
  }

  /** The board as each of them sees it. */
  boards(): readonly (readonly string[])[] {
    return this.all.map((member) =>
      tasksOf(member).list.current.map(({ title, place, assignee }) =>
        [place, title, ...(assignee?.is === 'person' ? [assignee.name] : assignee ? [assignee.label] : [])].join(' · '),
      ),
    );
  }
}

function tasksOf(member: Member): Tasks {
  return member.group.tasks!;
}

function done(answer: TaskAnswer) {
  if (answer.is !== 'done') throw new Error(answer.why);
  return answer;
}

async function town(...names: string[]): Promise<Town> {
  const world = await SessionWorld.start();
  const all = await members(world, ...names);
  const [founder, ...others] = all;
  await founder!.found('founder-led');
  const { code } = await founder!.invite(others.length);
  await world.pass(3_000);
  for (const one of others) expect((await one.join(code!)).is).toBe('joined');
  await world.pass(20_000);
  // Everybody looks at the board, so that it is read.
  for (const one of all) expect(tasksOf(one).list.current).toEqual([]);
  await world.pass(1_000);
  return new Town(world, all);
}

test('P29 a task is made, given, brought on, closed and commented by members, and is there again after a restart', async () => {
  const here = await town('alice', 'bob');
  const { world } = here;
  const [alice, bob] = here.all as [Member, Member];
  const soup = await here.make(alice, { title: 'Soup for 200' });
  const bobs = alice.group.state.current.people.find(({ name }) => name === 'bob')!.id;
  done(await here.act(alice, soup, { do: 'assign', to: { person: bobs } }));
  await world.pass(10_000);
  done(await here.act(bob, soup, { do: 'move', to: 'doing' }));
  done(await here.act(bob, soup, { do: 'comment', text: 'Onions are in.' }));
  await world.pass(10_000);
  expect(here.boards()).toEqual([['doing · Soup for 200 · bob'], ['doing · Soup for 200 · bob']]);
  expect(tasksOf(alice).task(soup).current?.comments).toMatchObject([{ by: { name: 'bob' }, text: 'Onions are in.' }]);
  const closed = done(await here.act(alice, soup, { do: 'move', to: 'done' }));
  done(await world.during(tasksOf(alice).undo(closed.act!)));
  await world.pass(10_000);
  await bob.person.stop();
  await bob.person.start();
  expect(tasksOf(bob).state.current).toBe('opening');
  await world.pass(1_000);
  expect(tasksOf(bob).state.current).toBe('open');
  expect(here.boards()).toEqual([['doing · Soup for 200 · bob'], ['doing · Soup for 200 · bob']]);
});

test('P29 contradictory acts of two who were cut off from each other end in one board, and both are told why', async () => {
  const here = await town('alice', 'bob');
  const { world } = here;
  const [alice, bob] = here.all as [Member, Member];
  const [van, hall] = [await here.make(alice, { title: 'Van' }), await here.make(alice, { title: 'Hall' })];
  await world.pass(10_000);
  const [alices, bobs] = ['alice', 'bob'].map(
    (name) => alice.group.state.current.people.find((one) => one.name === name)!.id,
  );
  const mend = here.cutOff(bob);
  done(await here.act(alice, van, { do: 'assign', to: { person: bobs! } }));
  done(await here.act(alice, hall, { do: 'move', to: 'done' }));
  // More, so that whatever she does comes first: content order follows who had seen how much.
  await here.make(bob, { title: 'Tea' });
  done(await here.act(bob, van, { do: 'assign', to: { person: bobs! } }));
  done(await here.act(bob, van, { do: 'assign', to: undefined }));
  done(await here.act(bob, van, { do: 'assign', to: { person: alices! } }));
  done(await here.act(bob, hall, { do: 'move', to: 'doing' }));
  await world.pass(5_000);
  expect(here.boards()[0]).not.toEqual(here.boards()[1]);
  mend();
  await world.pass(60_000);
  const [hers, his] = here.boards();
  expect(hers).toEqual(his);
  for (const member of here.all) {
    const { entry, crossings } = tasksOf(member).task(hall).current!;
    expect(entry).toMatchObject({ place: 'done', crossings: 1 });
    expect(crossings).toMatchObject([
      {
        stands: { by: { name: 'alice' }, what: { is: 'closed', as: 'done' } },
        fell: { by: { name: 'bob' }, what: { is: 'moved', to: 'doing' }, outcome: 'ended' },
        instead: { do: 'move', to: 'doing' },
      },
    ]);
    expect(tasksOf(member).task(van).current!.entry.assignee).toMatchObject({ name: 'alice' });
  }
  done(await here.act(bob, hall, tasksOf(bob).task(hall).current!.crossings[0]!.agree!));
  await world.pass(20_000);
  expect(here.all.map((member) => tasksOf(member).task(hall).current!.crossings)).toEqual([[], []]);
});

test('P30 a task of a role is there for its holders only, and goes from who loses the role', async () => {
  const here = await town('alice', 'bob', 'carol');
  const { world } = here;
  const [alice, bob] = here.all as [Member, Member, Member];
  const role = 'lead' as RoleId;
  const bobs = alice.group.state.current.people.find(({ name }) => name === 'bob')!.id;
  expect(await world.during(alice.group.giveRole(bobs, role))).toBe('done');
  await world.pass(20_000);
  await here.make(alice, { title: 'For leads', readers: role });
  await world.pass(20_000);
  expect(here.boards()).toEqual([['todo · For leads'], ['todo · For leads'], []]);
  expect(tasksOf(bob).me.current.mayMakeFor).toContain(role);
  expect(await world.during(alice.group.takeRole(bobs, role))).toBe('done');
  await world.pass(20_000);
  expect(here.boards()).toEqual([['todo · For leads'], [], []]);
});

test('P33 what a changed app writes without the right is without effect everywhere, and stands there as refused', async () => {
  const here = await town('alice', 'bob', 'carol');
  const { world } = here;
  const [alice, bob] = here.all as [Member, Member, Member];
  const soup = await here.make(alice, { title: 'Soup' });
  await world.pass(10_000);
  const { rules } = alice.group.state.current;
  const strict = { ...rules, members: rules.members.filter((right) => right !== 'tasks') };
  expect(await world.during(alice.group.changeRules(strict))).toBe('done');
  await world.pass(20_000);
  expect(await here.act(bob, soup, { do: 'move', to: 'done' })).toEqual({ is: 'refused', why: 'not-allowed' });
  const made = await world.during(tasksOf(bob).create({ title: 'Mine', readers: 'everyone' }));
  expect(made).toEqual({ is: 'refused', why: 'not-allowed' });

  const at = 1 as Millis;
  const close: TaskAct = { act: 'close', at, task: soup, saw: soup, as: 'done' };
  await sayAnyway(world, bob, close);
  for (const one of here.all) expect(tasksOf(one)).toBeDefined();
  await world.pass(20_000);
  expect(here.boards()).toEqual([['todo · Soup'], ['todo · Soup'], ['todo · Soup']]);
  for (const member of here.all) {
    expect(tasksOf(member).task(soup).current!.history.at(-1)).toMatchObject({
      by: { name: 'bob' },
      outcome: 'not-allowed',
    });
  }
});

test('the description of a task is written by all who read it', async () => {
  const here = await town('alice', 'bob');
  const { world } = here;
  const [alice, bob] = here.all as [Member, Member];
  const soup = await here.make(alice, { title: 'Soup' });
  await world.pass(10_000);
  const hers = await world.during(tasksOf(alice).openDescription(soup));
  if (hers === 'gone') throw new Error('gone');
  hers.doc.getMap('meta').set('note', 'with onions');
  await world.pass(10_000);
  const his = await world.during(tasksOf(bob).openDescription(soup));
  if (his === 'gone') throw new Error('gone');
  expect(his.doc.getMap('meta').get('note')).toBe('with onions');
  await hers.close();
  await his.close();
});

/** As an app would whose checks were taken out: what is written goes out with the next start. */
async function sayAnyway(world: SessionWorld, { person, groups, entry }: Member, act: TaskAct): Promise<void> {
  const { replica } = (groups as GroupBook).space(entry.id as string as SpaceId)!;
  const said = { kind: 'task', body: encodeTaskAct(act) };
  expect(await world.during(write(replica, said, () => undefined))).toBeUndefined();
  await person.stop();
  await person.start();
}
