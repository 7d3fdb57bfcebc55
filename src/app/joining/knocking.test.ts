// Coming into a group without an invitation, over whole sessions: a knock while everybody is away, vouches by the group's
// rule, coming in by oneself (P43, P13).

import { expect, test } from 'vitest';
import { TEMPLATES, type TemplateId } from '#core/charter/templates.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { DAY } from '#core/ports.ts';
import { members, personIn, type Member } from '#tests/suites/group-members.ts';
import { linked } from '#tests/suites/linked-devices.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { groupHome } from '../documents/document-homes.ts';

const QUESTIONS = ['Who do you know here?', 'What would you like to do?'];
const ANSWERS = ['Carol, from the market', 'Wash up'];

interface Town {
  readonly world: SessionWorld;
  readonly alice: Member;
  readonly bob: Member;
  readonly carol: Member;
  readonly noor: Member;
  readonly code: string;
}

/** Three equals who ask questions of strangers, and a stranger. */
async function town(template: TemplateId = 'affinity-cell', isWithRoles = true): Promise<Town> {
  const world = await SessionWorld.start();
  const [alice, bob, carol, noor] = (await members(world, 'alice', 'bob', 'carol', 'noor')) as [Member, ...Member[]];
  const { rules, founderRoles } = TEMPLATES[template];
  const founding = { name: 'the garden', myName: 'alice', myRoles: founderRoles, channels: ['plaza'] };
  await world.during(alice.groups.found({ ...founding, rules: { ...rules, knock: QUESTIONS } }));
  const { code } = await alice.invite(2);
  await world.pass(2_000);
  for (const member of [bob!, carol!]) await member.join(code!);
  await world.pass(10_000);
  const [role] = founderRoles;
  for (const name of isWithRoles ? ['bob', 'carol'] : []) {
    await world.during(alice.group.giveRole(personIn(alice, name).id, role as RoleId));
  }
  expect(await world.during(alice.group.openDoor())).toBe('done');
  await world.pass(5_000);
  const door = alice.group.doorCode.current!;
  expect(carol!.group.doorCode.current).toBe(door);
  return { world, alice, bob: bob!, carol: carol!, noor: noor!, code: door };
}

function knockOf({ world, noor, code }: Town, myName = 'noor'): ReturnType<Member['groups']['knock']> {
  return world.during(noor.groups.knock(code, { myName, answers: ANSWERS }));
}

function holds(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes).includes(text);
}

async function rest({ world }: Town, ...away: Member[]): Promise<void> {
  for (const member of away) await member.person.stop();
  await world.pass(1_000);
}

async function alone({ world }: Town, member: Member): Promise<void> {
  await member.person.start();
  await world.pass(15_000);
}

test('P43 somebody knocks while all are away; two who are never there together vouch; they come in by themselves', async () => {
  const here = await town();
  const { world, alice, bob, carol, noor, code } = here;
  await alice.say('not for strangers');
  const home = groupHome(alice.entry.id, 'everyone');
  await world.during(alice.person.session.documents.create({ title: 'Who washes up', with: home }));
  await world.pass(2_000);
  await rest(here, alice, bob, carol);

  expect(noor.groups.readCode(code)).toEqual({ is: 'group-card', groupName: 'the garden', questions: QUESTIONS });
  expect(await knockOf(here)).toMatchObject({ is: 'waiting' });
  expect(noor.groups.list.current).toMatchObject([{ name: 'the garden', state: 'knocking' }]);
  await world.pass(3_000);
  await rest(here, noor);

  await alone(here, alice);
  const [knock] = alice.group.knocks.current;
  expect(knock).toMatchObject({ name: 'noor', vouchers: [], missing: 2, mayVouch: true });
  expect(knock!.answers).toEqual(QUESTIONS.map((question, i) => ({ question, answer: ANSWERS[i] })));
  expect(await world.during(alice.group.vouch(knock!.id))).toBe('done');
  expect(await world.during(alice.group.vouch(knock!.id))).toBe('gone');
  expect(alice.group.knocks.current).toMatchObject([{ vouchers: [personIn(alice, 'alice').id], missing: 1 }]);
  expect(alice.group.may({ do: 'admit', knock: knock!.id })).toBe('no');
  await world.pass(5_000);
  await rest(here, alice);
  await alone(here, noor);
  expect(noor.entry.state).toBe('knocking');
  await rest(here, noor);

  await alone(here, bob);
  expect(bob.group.knocks.current).toMatchObject([{ name: 'noor', missing: 1 }]);
  expect(await world.during(bob.group.vouch(knock!.id))).toBe('done');
  expect(bob.group.knocks.current).toEqual([]);
  await world.pass(5_000);
  await rest(here, bob);

  await alone(here, noor);
  expect(noor.entry.state).toBe('in');
  expect([...noor.names()].sort()).toEqual(['alice', 'bob', 'carol', 'noor']);
  expect(noor.texts()).toEqual([]);
  expect(noor.person.session.documents.list.current.map(({ title }) => title)).toEqual(['Who washes up']);
  expect(await noor.say('hello, I washed up')).toBe('saved');
  expect(noor.group.state.current.people.find(({ isMe }) => isMe)?.came).toMatchObject({ by: 'vote' });
  await world.pass(5_000);
  await rest(here, noor);

  await alone(here, carol);
  expect([...carol.names()].sort()).toEqual(['alice', 'bob', 'carol', 'noor']);
  expect(carol.texts()).toEqual(['not for strangers', 'hello, I washed up']);
  await carol.say('welcome');
  await world.pass(5_000);
  await alone(here, noor);
  expect(noor.texts()).toEqual(['hello, I washed up', 'welcome']);
});

test('two who vouch at once without knowing of each other come to one vote, which lets them in', async () => {
  const here = await town();
  const { world, alice, bob, carol, noor } = here;
  await knockOf(here);
  await world.pass(10_000);
  const [knock] = alice.group.knocks.current;
  await rest(here, carol);
  const cut = [world.roads.cut('alice', 'bob'), world.roads.cut('bob', 'alice')];
  const relay = world.relays[0]!.place;
  cut.push(world.roads.cut('bob', relay), world.roads.cut(relay, 'bob'));
  expect(await world.during(alice.group.vouch(knock!.id))).toBe('done');
  expect(await world.during(bob.group.vouch(knock!.id))).toBe('done');
  for (const mend of cut) mend();
  await world.pass(60_000);
  expect(noor.entry.state).toBe('in');
  expect([...alice.names()].sort()).toEqual(['alice', 'bob', 'carol', 'noor']);
  expect(alice.group.proposals.current.filter(({ state }) => state === 'open')).toEqual([]);
  expect(alice.group.state.current.disputes).toEqual([]);
});

test('the vouch of somebody who was removed does not count', async () => {
  const here = await town('founder-led');
  const { world, alice, bob, carol, noor } = here;
  const rules = alice.group.state.current.rules;
  const roles = rules.roles.map((role) => ({ ...role, can: role.can.filter((right) => right !== 'admit') }));
  await world.during(alice.group.changeRules({ ...rules, roles, quorum: { ...rules.quorum, admit: 2 } }));
  await world.pass(5_000);
  await knockOf(here);
  await world.pass(10_000);
  const [knock] = carol.group.knocks.current;
  expect(await world.during(carol.group.vouch(knock!.id))).toBe('done');
  await world.pass(3_000);
  expect(bob.group.knocks.current).toMatchObject([{ missing: 1 }]);
  expect(await world.during(alice.group.remove(personIn(alice, 'carol').id))).toBe('done');
  await world.pass(3_000);
  expect(bob.group.knocks.current).toMatchObject([{ vouchers: [], missing: 2 }]);
  expect(await world.during(bob.group.vouch(knock!.id))).toBe('done');
  await world.pass(10_000);
  expect(noor.entry.state).toBe('knocking');
  expect(await world.during(alice.group.vouch(knock!.id))).toBe('done');
  await world.pass(10_000);
  expect(noor.entry.state).toBe('in');
});

test('who may admit alone lets somebody in with one word', async () => {
  const here = await town('council', false);
  const { world, alice, bob, noor } = here;
  await knockOf(here);
  await world.pass(10_000);
  const [knock] = alice.group.knocks.current;
  expect(alice.group.may({ do: 'admit', knock: knock!.id })).toBe('yes');
  expect(bob.group.knocks.current).toMatchObject([{ name: 'noor', mayTurnAway: false }]);
  expect(await world.during(alice.group.vouch(knock!.id))).toBe('done');
  await world.pass(10_000);
  expect(noor.entry.state).toBe('in');
  expect(personIn(noor, 'noor').came).toMatchObject({ by: 'admission', from: personIn(noor, 'alice').id });
  await bob.say('hello, noor');
  await world.pass(5_000);
  expect(noor.texts()).toEqual(['hello, noor']);
});

test('who is turned away is told, and comes in all the same when the vote goes on', async () => {
  const here = await town();
  const { world, alice, bob, carol, noor } = here;
  await knockOf(here);
  await world.pass(10_000);
  const [knock] = alice.group.knocks.current;
  expect(await world.during(alice.group.vouch(knock!.id))).toBe('done');
  await world.pass(2_000);
  expect(await world.during(carol.group.turnAway(knock!.id))).toBe('done');
  await world.pass(5_000);
  expect(noor.entry.state).toBe('refused');
  expect(bob.group.knocks.current).toEqual([]);
  expect(await world.during(bob.group.vouch(knock!.id))).toBe('gone');
  const [vote] = bob.group.proposals.current;
  expect(await world.during(bob.group.endorse(vote!.id))).toBe('done');
  await world.pass(10_000);
  expect(noor.entry.state).toBe('in');
});

test('a knock that is taken back, or lies for four weeks, is considered no more, and its letter is destroyed', async () => {
  const here = await town();
  const { world, alice, bob, carol, noor } = here;
  await knockOf(here, 'a name nobody else has');
  await world.pass(10_000);
  expect(bob.group.knocks.current).toMatchObject([{ name: 'a name nobody else has' }]);
  await world.during(noor.group.wipe());
  expect(noor.groups.list.current).toEqual([]);
  await world.pass(15_000);
  expect(bob.group.knocks.current).toEqual([]);
  expect(alice.group.knocks.current).toEqual([]);
  await world.during(alice.person.session.idle());
  const rows = alice.person.disk.rows.flatMap(({ value }) => value ?? []);
  expect(rows.some((row) => holds(row, 'a name nobody else has'))).toBe(false);

  await knockOf(here);
  await world.pass(10_000);
  expect(bob.group.knocks.current).toHaveLength(1);
  await rest(here, alice, bob, carol, noor);
  await world.pass(29 * DAY);
  await alone(here, bob);
  await alone(here, noor);
  expect(bob.group.knocks.current).toEqual([]);
  expect(noor.entry.state).toBe('expired');
});

test('of a flood of knocks some are considered, the group talks on, and a new door ends it', async () => {
  const here = await town();
  const { world, alice, bob, carol, code } = here;
  await rest(here, carol);
  for (let i = 0; i < 24; i++) {
    const [nobody] = await members(world, `nobody ${i}`);
    await world.during(nobody!.groups.knock(code, { myName: `nobody ${i}`, answers: ANSWERS }));
    await world.pass(500);
    await nobody!.person.stop();
  }
  await world.pass(30_000);
  expect(alice.group.knocks.current).toHaveLength(20);
  await alice.say('somebody floods us');
  await world.pass(2_000);
  expect(bob.texts().at(-1)).toBe('somebody floods us');
  expect(await world.during(bob.group.openDoor())).toBe('done');
  await world.pass(3_000);
  expect(alice.group.doorCode.current).not.toBe(code);
  for (const { id } of alice.group.knocks.current) await world.during(alice.group.turnAway(id));
  await world.pass(30_000);
  expect(alice.group.knocks.current).toEqual([]);
});

test('P06 P17 what the relay node keeps names neither who knocks nor what they answer, and it lets nobody in', async () => {
  const here = await town();
  const { world, noor } = here;
  await knockOf(here);
  await world.pass(10_000);
  const kept = world.relays[0]!.kept.map(({ encoded }) => encoded);
  expect(kept.length).toBeGreaterThan(0);
  for (const text of ['noor', ANSWERS[0]!, QUESTIONS[0]!, 'the garden']) {
    expect(kept.some((bytes) => holds(bytes, text))).toBe(false);
  }
  await world.pass(60_000);
  expect(noor.entry.state).toBe('knocking');
});

test('without questions in the rules, or the right to, no door is opened; a code that is over says so', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = (await members(world, 'alice', 'bob')) as [Member, Member];
  await alice.found('affinity-cell');
  expect(await world.during(alice.group.openDoor())).toBe('not-allowed');
  const here = await town('founder-led', false);
  expect(await here.world.during(here.bob.group.openDoor())).toBe('not-allowed');
  expect(bob.groups.readCode(here.code.slice(0, -7))).toEqual({ is: 'cut' });
  expect(bob.groups.readCode(`${here.code.slice(0, 40)}A${here.code.slice(41)}`)).toEqual({ is: 'damaged' });
  expect(here.alice.groups.readCode(here.code)).toMatchObject({ is: 'member-already' });
  await alice.person.stop();
  await bob.person.stop();
  await world.pass(91 * DAY);
  await bob.person.start();
  expect(bob.groups.readCode(here.code)).toEqual({ is: 'expired' });
  expect(await world.during(bob.groups.knock(here.code, { myName: 'bob', answers: [] }))).toEqual({
    is: 'refused',
    problem: 'expired',
  });
});

test('W14 who came in after a knock names a recovery key at once: the words on paper end a lost device there', async () => {
  const here = await town('assembly', true);
  const { world, alice, noor } = here;
  await noor.person.stop();
  noor.person.isAsked = true;
  await noor.person.start();
  await world.pass(5_000);
  await knockOf(here);
  await world.pass(10_000);
  const [knock] = alice.group.knocks.current;
  for (const member of [alice, here.bob, here.carol]) {
    await world.during(member.group.vouch(knock!.id));
    await world.pass(5_000);
  }
  await world.pass(20_000);
  expect(noor.entry.state).toBe('in');
  const shown = await world.during(noor.person.session.ownDevices.showWords('right'));
  if (shown.is !== 'words') throw new Error(shown.is);
  const phone = await world.person('phone').start();
  await linked(world, noor.person, phone);
  expect(personIn(alice, 'noor').devices).toBe(2);
  const lost = noor.person.session.ownDevices.list.current.find(({ isThis }) => !isThis)!;
  await phone.stop();
  const ended = await world.during(noor.person.session.ownDevices.end(lost.id, shown.words.join(' ')));
  expect(ended).toMatchObject({ is: 'ended', left: 0 });
  await world.pass(5_000);
  expect(personIn(alice, 'noor').devices).toBe(1);
});
