// Who lost a role, or a right by new rules, goes on with an app that has not heard: what they do by it counts for nobody,
// alike at everybody's and at their own, whatever it is (chain/SPEC.md §8.1; P30, P33).

import { expect, test } from 'vitest';
import type { PlainRight, RoleId } from '#core/charter/rules.ts';
import { gathered, personIn, withRole, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { groupHome } from '../documents/document-homes.ts';

const GARDEN = 'garden' as RoleId;
const WORK: readonly PlainRight[] = ['documents', 'channels', 'tasks', 'decisions'];

interface Cast {
  readonly world: SessionWorld;
  readonly alice: Member;
  readonly bob: Member;
  readonly carol: Member;
  readonly all: readonly Member[];
}

/** Work of all kinds is for a role: Alice leads and works, Bob works, Carol only talks. */
async function cast(): Promise<Cast> {
  const world = await SessionWorld.start();
  const all = await gathered(world, withRole(GARDEN, WORK), 'alice', 'bob', 'carol');
  const [alice, bob, carol] = all;
  expect(await world.during(alice.group.giveRole(personIn(alice, 'bob').id, GARDEN))).toBe('done');
  await world.pass(20_000);
  return { world, alice, bob, carol, all };
}

/** Does one of everything, by the role and without it. */
async function work({ world, bob }: Cast, name: string): Promise<void> {
  const { documents } = bob.person.session;
  await world.during(documents.create({ title: name, with: groupHome(bob.entry.id, 'everyone') }));
  expect(await world.during(bob.group.createChannel({ name, readers: 'everyone' }))).toMatch(/^[0-9a-f]+$/u);
  expect((await world.during(bob.group.tasks!.create({ readers: 'everyone', title: name }))).is).toBe('done');
  const asking = { readers: 'everyone', method: 'consent', question: name, options: [], picks: 0, turnout: 0 } as const;
  expect(await world.during(bob.group.questions.ask(asking))).toBe('done');
  expect(await bob.say(`talk of ${name}`)).toBe('saved');
  await world.pass(8_000);
}

function seen(member: Member) {
  const { group, person } = member;
  return {
    documents: person.session.documents.list.current.map(({ title }) => title).sort(),
    channels: group.channels.current.map(({ name }) => name).filter((name) => name !== 'plaza'),
    tasks: group.tasks!.list.current.map(({ title }) => title).sort(),
    questions: group.questions.list.current.map(({ question }) => question).sort(),
    talk: member.texts(),
  };
}

function only(names: readonly string[], talk: readonly string[]) {
  return { documents: names, channels: names, tasks: names, questions: names, talk };
}

/** Boards are read when they are first looked at. */
async function look({ world, all }: Cast): Promise<void> {
  for (const member of all) seen(member);
  await world.pass(3_000);
}

/** Now, and after a start from the disk. */
async function expectAll(people: Cast, expected: ReturnType<typeof only>): Promise<void> {
  const { world, all } = people;
  for (const member of all) expect([member.person.name, seen(member)]).toEqual([member.person.name, expected]);
  for (const member of all) {
    await member.person.stop();
    await member.person.start();
    await world.pass(10_000);
    await look(people);
    expect([member.person.name, seen(member)]).toEqual([member.person.name, expected]);
  }
}

const TAKEN: Readonly<Record<string, (people: Cast) => Promise<string>>> = {
  'takes the role from them': ({ world, alice }) =>
    world.during(alice.group.takeRole(personIn(alice, 'bob').id, GARDEN)),
  'changes the rules so that the role may less': ({ world, alice }) => {
    const { rules } = alice.group.state.current;
    const roles = rules.roles.map((role) => (role.id === GARDEN ? { ...role, can: [] } : role));
    return world.during(alice.group.changeRules({ ...rules, roles }));
  },
  'deletes the role': ({ world, alice }) => {
    const { rules } = alice.group.state.current;
    const roles = rules.roles
      .filter(({ id }) => id !== GARDEN)
      .map((role) => ({ ...role, can: role.can.filter((right) => right !== `grant:${GARDEN}`) }));
    return world.during(alice.group.changeRules({ ...rules, roles }));
  },
};

for (const [how, take] of Object.entries(TAKEN)) {
  test(`P30 P33 while somebody is out of reach another ${how}: work done since is taken back, talk stays`, async () => {
    const people = await cast();
    const { world, alice, bob, carol } = people;
    await look(people);
    await work(people, 'in time');
    await world.pass(30_000);
    expect([alice, bob, carol].map(seen)).toEqual(Array(3).fill(only(['in time'], ['talk of in time'])));
    const mend = people.world.roads.part(['bob'], ['alice', 'carol', 'relay0']);
    await world.pass(10_000);
    expect(await take(people)).toBe('done');
    await work(people, 'too late');
    expect(seen(bob)).toEqual(only(['in time', 'too late'], ['talk of in time', 'talk of too late']));
    mend();
    await world.pass(120_000);
    await expectAll(people, only(['in time'], ['talk of in time', 'talk of too late']));
  });
}
