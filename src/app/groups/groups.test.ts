// Groups of several sessions: the code that ships, over a relay node and a network in memory.

import { expect, test } from 'vitest';
import { members, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import type { GroupId } from './group-api.ts';

test('X16 a group that was founded is listed, and is there again after a restart', async () => {
  const world = await SessionWorld.start();
  const [alice] = await members(world, 'alice');
  await alice!.found('founder-led', ['plaza', 'kitchen']);
  expect(alice!.groups.list.current).toMatchObject([{ name: 'the garden', state: 'in', unread: 0 }]);
  expect(await alice!.say('is anybody here?')).toBe('saved');
  const before = alice!.group.state.current;
  expect(before.people).toMatchObject([
    { name: 'alice', isMe: true, isIn: true, came: { by: 'founding' }, roles: [{ role: 'lead' }] },
  ]);
  await alice!.person.stop();
  await alice!.person.start();
  expect(alice!.groups.list.current).toMatchObject([{ name: 'the garden', state: 'in' }]);
  expect(alice!.group.state.current).toEqual(before);
  expect(alice!.group.channels.current.map(({ name }) => name)).toEqual(['kitchen', 'plaza']);
  expect(alice!.texts()).toEqual(['is anybody here?']);
});

test('P13 a newcomer comes in while everybody is away, and writes at once', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await members(world, 'alice', 'bob');
  await alice!.found('founder-led');
  await alice!.say('before anybody came');
  const { code } = await alice!.invite();
  await world.pass(3_000);
  await alice!.person.stop();

  expect(bob!.groups.readCode(code!)).toEqual({ is: 'invitation', groupName: 'the garden', expiresAt: undefined });
  expect(await bob!.join(code!)).toMatchObject({ is: 'joined' });
  expect(bob!.groups.readCode(code!)).toEqual({ is: 'member-already', group: bob!.entry.id });
  expect(bob!.names()).toEqual(['alice', 'bob']);
  expect(bob!.texts()).toEqual([]);
  expect(await bob!.say('hello, I am new')).toBe('saved');
  await world.pass(3_000);
  expect(bob!.messages()).toMatchObject([{ mine: true, delivery: 'relay' }]);
  await bob!.person.stop();

  await alice!.person.start();
  await world.pass(5_000);
  expect(alice!.names()).toEqual(['alice', 'bob']);
  expect(alice!.texts()).toEqual(['before anybody came', 'hello, I am new']);
  expect(alice!.entry).toMatchObject({ unread: 1, lastMessage: { text: 'hello, I am new', by: 'bob' } });
  expect(alice!.group.invitations.current).toMatchObject([{ state: 'used-up', uses: 1, code: undefined }]);
  await alice!.say('welcome');
  await world.pass(3_000);
  await alice!.person.stop();

  await bob!.person.start();
  await world.pass(5_000);
  expect(bob!.texts()).toEqual(['hello, I am new', 'welcome']);
});

test('P10 others learn of a newcomer, all write to all, and each hears of each once', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await members(world, 'alice', 'bob', 'carol');
  await alice!.found('founder-led');
  const { code } = await alice!.invite(2);
  await world.pass(2_000);
  expect(await bob!.join(code!)).toMatchObject({ is: 'joined' });
  await world.pass(2_000);
  expect(await carol!.join(code!)).toMatchObject({ is: 'joined' });
  await world.pass(5_000);
  for (const member of [alice!, bob!, carol!]) {
    expect([...member.names()].sort()).toEqual(['alice', 'bob', 'carol']);
    expect(await member.say(`from ${member.person.name}`)).toBe('saved');
    await world.pass(1_000);
  }
  await world.pass(8_000);
  const all = ['from alice', 'from bob', 'from carol'];
  for (const member of [alice!, bob!, carol!]) expect(member.texts()).toEqual(all);
  const me = (member: Member) => member.group.state.current.me;
  expect(carol!.messages().map(({ by }) => by)).toEqual([me(alice!), me(bob!), me(carol!)]);
  expect(alice!.messages()[0]).toMatchObject({ mine: true, delivery: 'delivered' });
  const [invitation] = alice!.group.invitations.current;
  expect(invitation!.state).toBe('used-up');
  expect(new Set(invitation!.joined)).toEqual(new Set([me(bob!), me(carol!)]));
  expect(alice!.group.state.current.people.map(({ presence }) => presence)).toEqual(['away', 'relayed', 'relayed']);
});

test('an invitation that is used up or withdrawn says so to whoever comes by it', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await members(world, 'alice', 'bob', 'carol');
  await alice!.found('assembly');
  const first = await alice!.invite();
  const second = await alice!.invite();
  await world.pass(2_000);
  expect(await bob!.join(first.code!)).toMatchObject({ is: 'joined' });
  await world.pass(3_000);
  expect(await world.during(alice!.group.withdrawInvitation(second.id))).toBe('done');
  expect(await world.during(alice!.group.withdrawInvitation(second.id))).toBe('gone');
  await world.pass(3_000);
  expect(alice!.group.invitations.current.map(({ state }) => state)).toEqual(['used-up', 'withdrawn']);
  expect(await carol!.join(first.code!)).toEqual({ is: 'refused', problem: 'used-up' });
  expect(await carol!.join(second.code!)).toEqual({ is: 'refused', problem: 'withdrawn' });
  expect(carol!.groups.list.current).toEqual([]);
  expect(alice!.names()).toEqual(['alice', 'bob']);
});

test('who comes by an invitation while no relay node answers waits, also over a restart, and is told what came of it', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await members(world, 'alice', 'bob', 'carol');
  await alice!.found('council');
  const { code } = await alice!.invite();
  await world.pass(2_000);
  const [relay] = world.relays;
  relay!.crash();
  await world.pass(1_000);
  const [waits, alsoWaits] = [await bob!.join(code!), await carol!.join(code!)];
  expect([waits, alsoWaits]).toMatchObject([{ is: 'waiting' }, { is: 'waiting' }]);
  expect(bob!.groups.list.current).toMatchObject([{ name: 'the garden', state: 'waiting' }]);
  await carol!.person.stop();
  await relay!.start();
  await world.pass(40_000);
  expect(bob!.entry.state).toBe('in');
  await carol!.person.start();
  await world.pass(20_000);
  expect(carol!.groups.list.current).toMatchObject([{ name: 'the garden', state: 'used-up' }]);
  await world.during(carol!.group.wipe());
  expect(carol!.groups.list.current).toEqual([]);
  expect(alice!.names()).toEqual(['alice', 'bob']);
});

test('of two who use up an invitation without knowing of each other one is in, and the other is told', async () => {
  const world = await SessionWorld.start(2);
  const [alice, bob, carol] = await members(world, 'alice', 'bob', 'carol');
  await alice!.found('open-project');
  const { code } = await alice!.invite();
  await world.pass(3_000);
  await alice!.person.stop();
  const cuts = ['bob', 'carol'].flatMap((name, i) => {
    const relay = world.relays[i]!.place;
    return [world.roads.cut(name, relay), world.roads.cut(relay, name)];
  });
  expect(await bob!.join(code!)).toMatchObject({ is: 'joined' });
  expect(await carol!.join(code!)).toMatchObject({ is: 'joined' });
  await world.pass(3_000);
  for (const mend of cuts) mend();
  await world.pass(40_000);
  await alice!.person.start();
  await world.pass(30_000);
  const states = [bob!, carol!].map(({ entry }) => entry.state);
  expect([...states].sort()).toEqual(['in', 'used-up']);
  const winner = states[0] === 'in' ? 'bob' : 'carol';
  expect(alice!.names()).toEqual(['alice', winner]);
});

test('P17 codes of other kinds, cut or damaged ones are told apart and come to nothing', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await members(world, 'alice', 'bob');
  await alice!.found('affinity-cell');
  const { code } = await alice!.invite();
  const card = await alice!.person.card();
  expect(bob!.groups.readCode(card)).toEqual({ is: 'foreign' });
  expect(bob!.person.session.people.readCode(code!)).toEqual({ is: 'foreign' });
  expect(bob!.groups.readCode(code!.slice(0, -9))).toEqual({ is: 'cut' });
  expect(bob!.groups.readCode(`${code!.slice(0, 30)}A${code!.slice(31)}`)).toEqual({ is: 'damaged' });
  expect(await bob!.join(`${code!}x`)).toEqual({ is: 'refused', problem: 'damaged' });
  expect(await bob!.join('hello')).toEqual({ is: 'refused', problem: 'foreign' });
  expect(bob!.groups.list.current).toEqual([]);
});

test('W17 two people are known by other names in each group and as contacts, and are understood in every one', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await members(world, 'alice', 'bob');
  await bob!.person.answer(await alice!.person.card());
  const gardens: GroupId[] = [];
  for (let i = 0; i < 2; i++) {
    const id = await alice!.found('founder-led');
    const group = alice!.groups.open(id);
    const invitation = await world.during(group.invite({ role: undefined, uses: 1 }));
    if (typeof invitation === 'string') throw new Error(invitation);
    await world.pass(3_000);
    await bob!.join(invitation.code!);
    gardens.push(id);
  }
  await world.pass(30_000);

  const people = [alice!, bob!].flatMap(({ groups }) =>
    gardens.map((id) => groups.open(id).state.current.people.map((person) => String(person.id))),
  );
  const known = new Set([...people.flat(), String(alice!.person.contact), String(bob!.person.contact)]);
  // Two in each of two groups, told alike by both; as contacts they share one name for what they have together.
  expect(people.map(({ length }) => length)).toEqual([2, 2, 2, 2]);
  expect(known.size).toBe(2 * 2 + 1);
  for (const [i, id] of gardens.entries()) {
    const channelOf = ({ groups }: Member) => groups.open(id).channel(groups.open(id).channels.current[0]!.id);
    await world.during(channelOf(bob!).send(`said in ${i}`));
    await world.pass(3_000);
    const heard = channelOf(alice!).timeline.current.filter((entry) => entry.is === 'message');
    expect(heard.map(({ text }) => text)).toEqual([`said in ${i}`]);
  }
});
