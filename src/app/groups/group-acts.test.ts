// What people do in a group: roles, removals, votes, leaving, channels, over a relay node and a network in memory.

import { expect, test } from 'vitest';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { gathered, Member, personIn } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { DAY } from '#core/ports.ts';
import { importFromBackup } from '../backup-state.ts';
import type { ChannelId } from './group-api.ts';

test('P28 P33 roles are given and taken by who may, everybody sees why, and what is not allowed is not written', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  const deputy = 'deputy' as RoleId;
  const person = personIn(alice!, 'bob').id;
  expect(bob!.group.may({ do: 'give-role', person, role: deputy })).toBe('no');
  expect(await world.during(bob!.group.giveRole(person, deputy))).toBe('not-allowed');
  expect(alice!.group.may({ do: 'give-role', person, role: deputy })).toBe('yes');
  expect(await world.during(alice!.group.giveRole(person, deputy))).toBe('done');
  expect(await world.during(alice!.group.giveRole(person, deputy))).toBe('gone');
  await world.pass(5_000);
  const lead = alice!.group.state.current.me!;
  for (const member of [alice!, bob!, carol!]) {
    const why = [{ is: 'given', by: lead, as: 'lead' }, { is: 'founding' }];
    expect(personIn(member, 'bob').roles).toEqual([{ role: 'deputy', why }]);
    expect(member.group.history.current.at(-1)).toMatchObject({
      by: lead,
      what: { is: 'gave-role', person, role: 'deputy' },
      fate: 'stands',
    });
  }
  expect(bob!.group.may({ do: 'remove', person: personIn(bob!, 'carol').id })).toBe('yes');
  expect(bob!.group.may({ do: 'remove', person: lead })).not.toBe('yes');
  expect(await world.during(bob!.group.remove(lead))).toBe('not-allowed');
  expect(await world.during(alice!.group.takeRole(person, deputy))).toBe('done');
  await world.pass(5_000);
  expect(personIn(carol!, 'bob').roles).toEqual([]);
  expect(await world.during(bob!.group.remove(personIn(bob!, 'carol').id))).toBe('not-allowed');
});

test('P15 P16 who was removed is told, writes no more, reads nothing said since, and can wipe it', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  await bob!.say('while I am here');
  await world.pass(3_000);
  await bob!.person.stop();
  expect(await world.during(alice!.group.remove(personIn(alice!, 'bob').id))).toBe('done');
  expect(await alice!.say('among us')).toBe('saved');
  await world.pass(5_000);
  expect(carol!.texts()).toEqual(['while I am here', 'among us']);
  expect(carol!.names()).toEqual(['alice', 'carol']);
  await bob!.person.start();
  await world.pass(20_000);
  expect(bob!.entry.state).toBe('removed');
  expect(bob!.texts()).toEqual(['while I am here']);
  expect(await bob!.say('let me in')).toBe('blocked');
  await alice!.say('still among us');
  await world.pass(20_000);
  expect(bob!.texts()).toEqual(['while I am here']);
  expect(bob!.group.history.current.at(-1)).toMatchObject({
    what: { is: 'removed' },
    by: alice!.group.state.current.me,
  });
  await world.during(bob!.group.wipe());
  expect(bob!.groups.list.current).toEqual([]);
  await bob!.person.stop();
  await bob!.person.start();
  await world.pass(5_000);
  expect(bob!.groups.list.current).toEqual([]);
});

test('who leaves is out for everybody, keeps what they read until they wipe it, and may come again', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'council', 'alice', 'bob');
  await alice!.say('one');
  await world.pass(2_000);
  await world.during(bob!.group.wipe());
  expect(bob!.entry.state).toBe('in');
  expect(await world.during(bob!.group.leave())).toBe('done');
  await world.pass(5_000);
  expect(bob!.entry.state).toBe('left');
  expect(bob!.texts()).toEqual(['one']);
  expect(alice!.names()).toEqual(['alice']);
  const { code } = await alice!.invite();
  await world.pass(2_000);
  expect(await bob!.join(code!)).toMatchObject({ is: 'asks' });
  expect(await world.during(bob!.groups.join(code!, 'bob', { forgetFormer: true }))).toMatchObject({ is: 'joined' });
  await world.pass(5_000);
  expect([...alice!.names()].sort()).toEqual(['alice', 'bob']);
});

test('who left tells it to those who stay, though no relay node keeps what they left there', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'council', 'alice', 'bob');
  await alice!.person.stop();
  expect(await world.during(bob!.group.leave())).toBe('done');
  await world.pass(5_000);
  await world.loseMail();
  await alice!.person.start();
  await world.pass(20_000);
  expect(alice!.names()).toEqual(['alice']);
  await alice!.say('without bob');
  await world.pass(5_000);
  expect([bob!.entry.state, bob!.texts()]).toEqual(['left', []]);
});

test('a vote: proposed, endorsed by more than half, and done for everybody', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'assembly', 'alice', 'bob', 'carol');
  const voter = 'voter' as RoleId;
  for (const name of ['bob', 'carol']) {
    expect(await world.during(alice!.group.giveRole(personIn(alice!, name).id, voter))).toBe('done');
  }
  await world.pass(3_000);
  const act = { do: 'remove', person: personIn(alice!, 'carol').id } as const;
  expect(alice!.group.may(act)).toBe('vote');
  expect(await world.during(alice!.group.remove(act.person))).toBe('not-allowed');
  const proposal = await world.during(alice!.group.propose(act));
  await world.pass(3_000);
  expect(bob!.group.proposals.current).toMatchObject([
    { id: proposal, act, missing: 1, state: 'open', mayEndorse: true },
  ]);
  expect(carol!.names()).toContain('carol');
  expect(await world.during(bob!.group.endorse(bob!.group.proposals.current[0]!.id))).toBe('done');
  await world.pass(5_000);
  for (const member of [alice!, bob!]) {
    expect(member.names()).toEqual(['alice', 'bob']);
    expect(member.group.proposals.current).toMatchObject([{ state: 'decided', mayEndorse: false }]);
    expect(member.group.history.current.at(-1)).toMatchObject({ what: { is: 'decided', act }, fate: 'stands' });
  }
  await world.pass(10_000);
  expect(carol!.entry.state).toBe('removed');
});

test('new rules hold for everybody, by a vote where nobody may change them alone', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'open-project', 'alice', 'bob');
  const { rules } = alice!.group.state.current;
  const changed = { ...rules, rotateDays: 3, addresses: 'direct' as const };
  expect(alice!.group.may({ do: 'charter' })).toBe('vote');
  expect(await world.during(alice!.group.changeRules(changed))).toBe('not-allowed');
  expect(await world.during(alice!.group.propose({ do: 'change-rules', rules: changed }))).toMatch(/^[0-9a-f]{64}$/u);
  await world.pass(5_000);
  for (const member of [alice!, bob!]) expect(member.group.state.current.rules).toEqual(changed);
  expect(await alice!.say('by the new rules')).toBe('saved');
  expect(await bob!.say('by them too')).toBe('saved');
  await world.pass(5_000);
  expect(bob!.texts()).toEqual(alice!.texts());
  expect(alice!.texts()).toHaveLength(2);
});

test('P30 P31 a role has channels that only its holders read, and a key of its own from the first word on', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  const helper = 'helper' as RoleId;
  expect(await world.during(carol!.group.createChannel({ name: 'ours', readers: 'everyone' }))).toBe('not-allowed');
  for (const name of ['alice', 'bob']) {
    expect(await world.during(alice!.group.giveRole(personIn(alice!, name).id, helper))).toBe('done');
  }
  await world.pass(5_000);
  const made = await world.during(alice!.group.createChannel({ name: 'kitchen', readers: helper }));
  expect(made).toMatch(/^[0-9a-f]{32}$/u);
  expect(await alice!.say('for helpers', 'kitchen')).toBe('saved');
  await world.pass(8_000);
  expect(bob!.texts('kitchen')).toEqual(['for helpers']);
  expect(await bob!.say('heard', 'kitchen')).toBe('saved');
  expect(carol!.group.channels.current.map(({ name }) => name)).toEqual(['plaza']);
  await world.pass(8_000);
  expect(alice!.texts('kitchen')).toEqual(['for helpers', 'heard']);
  expect(await world.during(bob!.group.renameChannel(made as ChannelId, 'cellar'))).toBe('done');
  await world.pass(5_000);
  expect(alice!.group.channels.current.map(({ name }) => name)).toEqual(['cellar', 'plaza']);
  expect(await world.during(alice!.group.takeRole(personIn(alice!, 'bob').id, helper))).toBe('done');
  expect(await alice!.say('without bob', 'cellar')).toBe('saved');
  await world.pass(10_000);
  expect(bob!.group.channels.current.map(({ name }) => name)).toEqual(['plaza']);
});

test('edits, deletions, replies, unread and names in texts, also after a restart', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'affinity-cell', 'alice', 'bob');
  await alice!.say('first');
  await alice!.say('hey @bob');
  await world.pass(3_000);
  expect(bob!.entry).toMatchObject({ unread: 2, mentions: 1, lastMessage: { text: 'hey @bob', by: 'alice' } });
  const [first, second] = bob!.messages();
  expect(bob!.talk().firstUnread.current).toBe(first!.id);
  bob!.talk().markRead(first!.id);
  await world.pass(100);
  expect(bob!.entry).toMatchObject({ unread: 1, mentions: 1 });
  expect(await world.during(bob!.talk().edit(first!.id, 'mine'))).toBe('not-yours');
  expect(await world.during(bob!.talk().send('yes', second!.id))).toBe('saved');
  expect(await world.during(alice!.talk().edit(first!.id, 'first, better'))).toBe('saved');
  expect(await world.during(alice!.talk().deleteForAll(second!.id))).toBe('saved');
  bob!.talk().setDraft('half a thought');
  await world.pass(3_000);
  const seen = [
    { text: 'first, better', edited: true },
    { text: '', deleted: true },
    { text: 'yes', replyTo: { text: '', by: alice!.group.state.current.me } },
  ];
  expect(bob!.messages()).toMatchObject(seen);
  await bob!.person.stop();
  await bob!.person.start();
  expect(bob!.messages()).toMatchObject(seen);
  expect(bob!.talk().draft.current).toBe('half a thought');
  expect(bob!.entry).toMatchObject({ unread: 0, mentions: 0 });
});

test('a backup brings groups back as a spare device: what was said, and a place in what follows', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'council', 'alice', 'bob');
  await alice!.say('before the backup');
  await world.pass(3_000);
  const state = await world.during(alice!.person.session.backUp('secret'));
  await alice!.person.stop();
  const copy = new Member(world, world.person('copy'));
  expect(await world.during(importFromBackup(state as Bytes, { rows: copy.person.disk }))).toBe('imported');
  await copy.person.start();
  expect(copy.entry).toMatchObject({ name: 'the garden', state: 'in' });
  expect(copy.texts()).toEqual(['before the backup']);
  await world.pass(20_000);
  expect(await copy.say('from the copy')).toBe('saved');
  await world.pass(20_000);
  await bob!.say('from bob');
  await world.pass(20_000);
  expect(bob!.texts()).toEqual(['before the backup', 'from the copy', 'from bob']);
  expect(copy.texts()).toEqual(bob!.texts());
  expect(copy.messages().map(({ mine }) => mine)).toEqual([true, true, false]);
  expect(personIn(bob!, 'alice')).toMatchObject({ devices: 2 });
});

test('P22 when who leads was silent for as long as the rules say, those who may vote make a successor, junior to all', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  const [lead, deputy] = ['lead' as RoleId, 'deputy' as RoleId];
  for (const name of ['bob', 'carol']) {
    expect(await world.during(alice!.group.giveRole(personIn(alice!, name).id, deputy))).toBe('done');
  }
  await world.pass(5_000);
  expect(bob!.group.state.current.successionOffer).toBeUndefined();
  const days = 45;
  for (const member of [alice!, bob!, carol!]) await member.person.stop();
  await world.pass(days * DAY);
  await bob!.person.start();
  await carol!.person.start();
  await world.pass(30_000);
  const founder = personIn(bob!, 'alice').id;
  expect(bob!.group.state.current.successionOffer).toEqual({ silent: [founder], days });
  const act = { do: 'succeed', person: personIn(bob!, 'carol').id, role: lead } as const;
  expect(bob!.group.may(act)).toBe('vote');
  expect(await world.during(bob!.group.propose(act))).toMatch(/^[0-9a-f]{64}$/u);
  await world.pass(5_000);
  const [proposal] = carol!.group.proposals.current;
  expect(proposal).toMatchObject({ act: { do: 'give-role', role: lead }, missing: 1, mayEndorse: true });
  expect(await world.during(carol!.group.endorse(proposal!.id))).toBe('done');
  await world.pass(5_000);
  expect(personIn(bob!, 'carol').roles.map(({ role }) => role)).toContain('lead');
  expect(carol!.group.may({ do: 'charter' })).toBe('yes');
  expect(carol!.group.may({ do: 'remove', person: founder })).not.toBe('yes');
  expect(bob!.group.state.current.successionOffer).toBeUndefined();
  expect(await carol!.say('we go on')).toBe('saved');
  await world.pass(5_000);
  expect(bob!.texts()).toEqual(['we go on']);
});

test('two acts that cross: everybody sees the same, and which stood and why', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  expect(await world.during(alice!.group.giveRole(personIn(alice!, 'bob').id, 'deputy' as RoleId))).toBe('done');
  await world.pass(3_000);
  const [relay] = world.relays;
  relay!.crash();
  await bob!.person.stop();
  expect(await world.during(alice!.group.remove(personIn(alice!, 'bob').id))).toBe('done');
  await alice!.person.stop();
  await bob!.person.start();
  expect(await world.during(bob!.group.remove(personIn(bob!, 'carol').id))).toBe('done');
  await relay!.start();
  await alice!.person.start();
  await world.pass(60_000);
  expect([alice!, bob!, carol!].map(({ entry }) => entry.state)).toEqual(['in', 'removed', 'in']);
  for (const member of [alice!, carol!]) {
    expect(member.names()).toEqual(['alice', 'carol']);
    const { disputes } = member.group.state.current;
    const acts = new Map(member.group.history.current.map((act) => [act.id, act]));
    const crossed = disputes.map(({ stood, fell, why }) => [acts.get(stood)?.by, acts.get(fell)?.by, why]);
    expect(crossed).toEqual([[personIn(member, 'alice').id, personIn(member, 'bob').id, 'more-senior']]);
    expect(acts.get(disputes[0]!.fell)?.fate).toBe('void');
  }
});

test('P13 P28 who comes by an invitation with a role has it, and its channels from then on', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'open-project', 'alice', 'bob', 'carol');
  const contributor = 'contributor' as RoleId;
  expect(await world.during(bob!.group.invite({ role: contributor, uses: 1 }))).toBe('not-allowed');
  expect(await world.during(alice!.group.giveRole(personIn(alice!, 'bob').id, contributor))).toBe('done');
  await world.pass(3_000);
  const made = await world.during(bob!.group.createChannel({ name: 'workshop', readers: contributor }));
  expect(made).toMatch(/^[0-9a-f]{32}$/u);
  expect(await bob!.say('before dave', 'workshop')).toBe('saved');
  const invitation = await world.during(alice!.group.invite({ role: contributor, uses: 1 }));
  if (typeof invitation === 'string') throw new Error(invitation);
  await world.pass(3_000);
  const dave = new Member(world, await world.person('dave').start());
  await world.pass(500);
  expect(await dave.join(invitation.code!)).toMatchObject({ is: 'joined' });
  await world.pass(120_000);
  expect(personIn(carol!, 'dave')).toMatchObject({ roles: [{ role: 'contributor' }], came: { by: 'invitation' } });
  expect(await bob!.say('hello dave', 'workshop')).toBe('saved');
  await world.pass(10_000);
  expect(dave.group.channels.current.map(({ name }) => name)).toEqual(['plaza', 'workshop']);
  // Who invited does not read that role: the key in use is the one they came with.
  expect(dave.texts('workshop')).toEqual(['before dave', 'hello dave']);
  expect(await dave.say('hello all', 'workshop')).toBe('saved');
  await world.pass(10_000);
  expect(bob!.texts('workshop')).toEqual(['before dave', 'hello dave', 'hello all']);
  expect(carol!.group.channels.current.map(({ name }) => name)).toEqual(['plaza']);
});
