// Deciding together over whole sessions: questions go to the readers of a scope, and everybody comes to the same.

import { expect, test } from 'vitest';
import type { RoleId } from '#core/charter/rules.ts';
import { gathered, personIn, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import type { Asking, Question, Voice } from './question-api.ts';

const POLL: Asking = {
  readers: 'everyone',
  method: 'poll',
  question: 'When do we cook?',
  options: ['Friday', ' Saturday ', 'Saturday', ''],
  picks: 1,
  turnout: 2,
  until: 20_100,
};

function question(member: Member): Question {
  return member.group.questions.list.current[0]!;
}

function picks(...options: number[]): Voice {
  return { is: 'picks', options };
}

test('a poll is asked, voices are changed and taken back, and its end is the same for everybody, for good', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'assembly', 'alice', 'bob', 'carol');
  expect(await world.during(alice.group.questions.ask({ ...POLL, options: ['one'] }))).toBe('empty');
  expect(await world.during(alice.group.questions.ask(POLL))).toBe('done');
  await world.pass(3_000);
  expect(question(bob)).toMatchObject({
    question: 'When do we cook?',
    options: ['Friday', 'Saturday'],
    by: personIn(bob, 'alice').id,
    until: 20_100,
    result: { is: 'nothing', spoke: 0, needed: 2 },
    maySpeak: true,
  });
  const { id } = question(bob);
  const say = async (member: Member, voice: Voice): Promise<void> => {
    expect(await world.during(member.group.questions.speak(id, voice, ''))).toBe('done');
    await world.pass(2_000);
  };
  await say(bob, picks(0));
  await say(carol, picks(1));
  await say(bob, picks(1));
  expect(question(alice).result).toEqual({ is: 'picked', tally: [0, 2], leading: [1] });
  expect(await world.during(carol.group.questions.hush(id))).toBe('done');
  await world.pass(2_000);
  expect(question(alice).result).toEqual({ is: 'nothing', spoke: 1, needed: 2 });
  await say(carol, picks(0));
  await carol.person.stop();
  expect(await world.during(alice.group.questions.end(id))).toBe('done');
  await world.pass(3_000);
  expect(await world.during(bob.group.questions.speak(id, picks(0), ''))).toBe('not-allowed');
  await carol.person.start();
  await world.pass(5_000);
  for (const member of [alice, bob, carol]) {
    const shown = question(member);
    expect(shown).toMatchObject({ maySpeak: false, mayEnd: false, endedBy: personIn(member, 'alice').id, left: [] });
    expect(shown.result).toEqual({ is: 'picked', tally: [1, 1], leading: [0, 1] });
  }
});

test('consensus: one who blocks, with a reason that all read, holds it up until they stand aside', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'affinity-cell', 'alice', 'bob');
  const asking = { ...POLL, method: 'consensus', question: 'Move to Thursday?', options: [], turnout: 0 } as const;
  expect(await world.during(bob.group.questions.ask(asking))).toBe('done');
  await world.pass(2_000);
  const { id } = question(alice);
  await world.during(bob.group.questions.speak(id, { is: 'stance', stance: 'agree' }, ''));
  await world.during(alice.group.questions.speak(id, { is: 'stance', stance: 'block' }, 'I work then'));
  await world.pass(2_000);
  expect(question(bob)).toMatchObject({
    result: { is: 'blocked' },
    voices: [{ note: expect.any(String) as string }, {}],
  });
  expect(question(bob).voices.map(({ note }) => note)).toContain('I work then');
  await world.during(alice.group.questions.speak(id, { is: 'stance', stance: 'stand-aside' }, ''));
  await world.pass(2_000);
  expect(question(bob).result).toEqual({ is: 'passed', tally: { agree: 1, 'stand-aside': 1, block: 0 } });
  // Whoever may ask may also end what others asked; a restart changes nothing.
  expect(await world.during(alice.group.questions.end(id))).toBe('done');
  await world.pass(2_000);
  const before = question(bob);
  await bob.person.stop();
  await bob.person.start();
  expect(question(bob)).toEqual(before);
});

test('P30 the question of a role is seen by who holds it, and by nobody else', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  const helper = 'helper' as RoleId;
  for (const name of ['alice', 'bob']) {
    expect(await world.during(alice.group.giveRole(personIn(alice, name).id, helper))).toBe('done');
  }
  await world.pass(3_000);
  const asking = { ...POLL, readers: helper, method: 'ranked' } as const;
  expect(bob.group.questions.mayAsk.current).toContain(helper);
  expect(carol.group.questions.mayAsk.current).not.toContain(helper);
  expect(await world.during(carol.group.questions.ask(asking))).toBe('not-allowed');
  expect(await world.during(bob.group.questions.ask(asking))).toBe('done');
  await world.pass(5_000);
  const { id } = question(alice);
  await world.during(alice.group.questions.speak(id, { is: 'order', options: [1, 0] }, ''));
  await world.during(bob.group.questions.speak(id, { is: 'order', options: [1] }, ''));
  await world.pass(3_000);
  expect(question(bob).result).toMatchObject({ is: 'ranked', winner: 1 });
  expect(carol.group.questions.list.current).toEqual([]);
});
