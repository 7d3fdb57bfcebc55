// Members who know different rendezvous secrets because a relay node lost its disk after a removal: they meet again, and
// whoever was removed learns that and nothing more.

import { afterEach, expect, test, vi } from 'vitest';
import type { RoleId } from '#core/charter/rules.ts';
import { DAY, HOUR, MINUTE } from '#core/ports.ts';
import { gathered, members, personIn, type Member } from '#tests/suites/group-members.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { Beckonings } from './traffic/beckoning.ts';
import { Meeting } from './traffic/meeting.ts';

afterEach(() => void vi.restoreAllMocks());

async function loseDisk(world: SessionWorld): Promise<void> {
  await world.loseMail();
  await world.pass(5_000);
}

async function remove(world: SessionWorld, by: Member, name: string): Promise<void> {
  expect(await world.during(by.group.remove(personIn(by, name).id))).toBe('done');
  await by.say(`without ${name}`);
  await world.pass(5_000);
}

test('P15 a member who missed a removal and all mail of it meets the others again, and is told', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  await bob!.person.stop();
  await carol!.person.stop();
  await remove(world, alice!, 'carol');
  await loseDisk(world);
  await bob!.person.start();
  await world.pass(30_000);
  expect(bob!.names()).toEqual(['alice', 'bob']);
  expect(bob!.texts()).toEqual(['without carol']);
  expect(await bob!.say('here I am')).toBe('saved');
  await world.pass(5_000);
  expect(alice!.texts()).toEqual(['without carol', 'here I am']);
  expect(alice!.messages().at(-1)).toMatchObject({ by: bob!.group.state.current.me });
  expect(bob!.messages().at(-1)).toMatchObject({ delivery: 'delivered' });
});

test('P15 a member whose app went on while a removal passed it by follows a call of whom it met where all were before', async () => {
  const world = await SessionWorld.start();
  const [alice, , carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  const [relay] = world.relays;
  const mend = world.roads.part(['carol'], [relay!.place, 'alice', 'bob']);
  await remove(world, alice!, 'bob');
  await loseDisk(world);
  mend();
  await world.pass(2 * MINUTE);
  expect(carol!.names()).toEqual(['alice', 'carol']);
  expect(carol!.texts()).toEqual(['without bob']);
  expect(await carol!.say('here I am')).toBe('saved');
  await world.pass(5_000);
  expect(alice!.texts()).toEqual(['without bob', 'here I am']);
});

test('P15 what a relay node lost is left there again after a day, so that nobody need be there with whoever missed it', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  await bob!.person.stop();
  await carol!.person.stop();
  await remove(world, alice!, 'carol');
  await loseDisk(world);
  await world.pass(DAY + HOUR);
  await alice!.person.stop();
  await bob!.person.start();
  await world.pass(30_000);
  expect(bob!.names()).toEqual(['alice', 'bob']);
  expect(bob!.texts()).toEqual(['without carol']);
});

/** Carol came in by an invitation of Alice's while Alice and Bob, whose apps are closed, could not hear of it. */
async function carolCame(world: SessionWorld): Promise<readonly [Member, Member, Member]> {
  const [alice, bob] = await gathered(world, 'open-project', 'alice', 'bob');
  const { code } = await alice!.invite();
  await world.pass(5_000);
  for (const member of [alice!, bob!]) await member.person.stop();
  const [carol] = await members(world, 'carol');
  expect(await carol!.join(code!)).toMatchObject({ is: 'joined' });
  return [alice!, bob!, carol!];
}

test('P13 a newcomer of whom nobody heard, since a relay node lost its disk, is known to all minutes later', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await carolCame(world);
  // With keys of their own on top, which nobody has either.
  for (let i = 0; i < 2; i++) await carol.invite();
  await carol.say('hello');
  await world.pass(5_000);
  await loseDisk(world);
  for (const member of [alice, bob]) await member.person.start();
  await world.pass(2 * MINUTE);
  for (const member of [alice, bob, carol]) {
    expect([...member.names()].sort()).toEqual(['alice', 'bob', 'carol']);
    expect(member.texts()).toEqual(['hello']);
  }
});

test('P13 a newcomer of whom only somebody heard who is out since is known to all minutes after they come back, weeks later', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await carolCame(world);
  await bob.person.start();
  await world.pass(20_000);
  expect(bob.names()).toContain('carol');
  for (const member of [bob, carol]) await member.person.stop();
  await loseDisk(world);
  await alice.person.start();
  await remove(world, alice, 'bob');
  // The keys that Carol has are no more on Alice's disk by then.
  await world.pass(16 * DAY);
  const mend = world.roads.part(['alice'], [world.relays[0]!.place, 'carol']);
  await loseDisk(world);
  await carol.person.start();
  await world.pass(10 * MINUTE);
  await loseDisk(world);
  mend();
  await world.pass(20 * MINUTE);
  for (const member of [alice, carol]) expect([...member.names()].sort()).toEqual(['alice', 'carol']);
  expect(await alice.say('hello')).toBe('saved');
  await world.pass(5_000);
  expect(carol.texts().at(-1)).toBe('hello');
});

test('P13 a newcomer of whom nobody heard is known to all minutes later also where their app was started anew meanwhile', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await carolCame(world);
  await world.pass(5_000);
  await carol.person.stop();
  await loseDisk(world);
  for (const member of [carol, alice, bob]) await member.person.start();
  await world.pass(2 * MINUTE);
  for (const member of [alice, bob, carol]) {
    expect([...member.names()].sort()).toEqual(['alice', 'bob', 'carol']);
  }
});

test('P15 two who each removed somebody and made keys of their own meet again', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol, dave] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol', 'dave');
  const lead = 'lead' as RoleId;
  expect(await world.during(alice!.group.giveRole(personIn(alice!, 'bob').id, lead))).toBe('done');
  await world.pass(5_000);
  for (const member of [bob!, carol!, dave!]) await member.person.stop();
  await remove(world, alice!, 'carol');
  await alice!.person.stop();
  await loseDisk(world);
  await bob!.person.start();
  await world.pass(5_000);
  await remove(world, bob!, 'dave');
  await loseDisk(world);
  await alice!.person.start();
  await world.pass(30_000);
  for (const member of [alice!, bob!]) {
    expect(member.names()).toEqual(['alice', 'bob']);
    expect([...member.texts()].sort()).toEqual(['without carol', 'without dave']);
  }
  expect(await alice!.say('together again')).toBe('saved');
  await world.pass(5_000);
  expect(bob!.texts().at(-1)).toBe('together again');
});

test('P16 who was removed and missed the letter is told when they come, by those who listen where all met before', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  await carol!.person.stop();
  await remove(world, alice!, 'carol');
  await world.during(alice!.group.invite({ role: undefined, uses: 1 }));
  await world.pass(5_000);
  await loseDisk(world);
  const heard = vi.spyOn(Meeting.prototype, 'hear');
  await carol!.person.start();
  await world.pass(90_000);
  expect(carol!.entry.state).toBe('removed');
  expect(carol!.group.history.current.at(-1)!.what).toMatchObject({ is: 'removed' });
  expect(bob!.group.history.current.at(-1)!.what).toMatchObject({ is: 'invited' });
  expect(carol!.texts()).toEqual([]);
  // Nobody said anything where carol can hear it.
  const me = personIn(carol!, 'carol').id as string;
  expect(heard.mock.calls.filter(([replica]) => replica.me?.principal === me)).toEqual([]);
});

test('P16 who was removed and missed the letter is told though many were removed since, one after the other', async () => {
  const world = await SessionWorld.start();
  const later = ['dave', 'erin', 'frank', 'grace', 'heidi'];
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol', ...later);
  await carol!.person.stop();
  for (const name of ['carol', ...later]) await remove(world, alice!, name);
  await alice!.person.stop();
  await loseDisk(world);
  await carol!.person.start();
  await world.pass(90_000);
  expect([...bob!.names()].sort()).toEqual(['alice', 'bob']);
  expect(carol!.entry.state).toBe('removed');
});

test('P16 the letter to who was removed is left again, since a relay node may have lost it', async () => {
  const world = await SessionWorld.start();
  const [alice, , carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  await carol!.person.stop();
  await remove(world, alice!, 'carol');
  await loseDisk(world);
  await alice!.person.stop();
  await alice!.person.start();
  await world.pass(2 * MINUTE);
  // Whoever heard carol would tell her: that is another promise.
  vi.spyOn(Beckonings.prototype, 'hearFormer').mockResolvedValue();
  await carol!.person.start();
  await world.pass(10_000);
  expect(carol!.entry.state).toBe('removed');
});

test('P16 who was removed, does not know it and calls somebody who went on is told by whoever they call', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol', 'dave');
  expect(await world.during(alice!.group.giveRole(personIn(alice!, 'carol').id, 'lead' as RoleId))).toBe('done');
  await world.pass(5_000);
  const others = [world.relays[0]!.place, 'alice', 'bob', 'dave'];
  const mend = world.roads.part(['carol'], others);
  await remove(world, alice!, 'carol');
  await alice!.person.stop();
  // By keys of her own Carol takes all the others for strays.
  expect(await world.during(carol!.group.remove(personIn(carol!, 'dave').id))).toBe('done');
  await loseDisk(world);
  // Whoever heard her where all met before would tell her: that is another promise.
  vi.spyOn(Beckonings.prototype, 'hearFormer').mockResolvedValue();
  mend();
  await world.pass(90_000);
  expect([...bob!.names()].sort()).toEqual(['alice', 'bob', 'dave']);
  expect(carol!.entry.state).toBe('removed');
});

test('P13 a newcomer whose coming was lost on the way is known by the keys they made', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'open-project', 'alice', 'bob');
  const { code } = await alice!.invite();
  await world.pass(5_000);
  for (const member of [alice!, bob!]) await member.person.stop();
  const [carol, dave] = await members(world, 'carol', 'dave');
  expect(await carol!.join(code!)).toMatchObject({ is: 'joined' });
  await world.pass(5_000);
  await loseDisk(world);
  const invitation = await carol!.invite();
  await world.pass(5_000);
  expect(await dave!.join(invitation.code!)).toMatchObject({ is: 'joined' });
  await world.pass(2 * MINUTE);
  for (const member of [carol!, dave!]) await member.person.stop();
  await alice!.person.start();
  await world.pass(20_000);
  // What carol is called was lost too.
  expect(alice!.names()).toEqual(['alice', 'bob', '', 'dave']);
});

/** Carol joins while alice is cut off and does something; all that alice said of it since is lost before carol is back. */
async function joinInVain(world: SessionWorld, { alice, code, meanwhile }: InVain): Promise<Member> {
  const [carol] = await members(world, 'carol');
  const others = [world.relays[0]!.place, 'bob', 'carol', 'dave'];
  const mend = world.roads.part(['alice'], others);
  expect(await carol!.join(code)).toMatchObject({ is: 'joined' });
  expect(carol!.entry.state).toBe('in');
  await world.pass(3_000);
  await carol!.person.stop();
  expect(await world.during(meanwhile())).toBe('done');
  mend();
  await world.pass(30_000);
  expect(alice.names()).not.toContain('carol');
  await loseDisk(world);
  await carol!.person.start();
  await world.pass(90_000);
  return carol!;
}

interface InVain {
  readonly alice: Member;
  readonly code: string;
  readonly meanwhile: () => Promise<string>;
}

test('P17 whose invitation was withdrawn while they joined is told, though all mail of it was lost', async () => {
  const world = await SessionWorld.start();
  const [alice] = await gathered(world, 'founder-led', 'alice', 'bob');
  const { id, code } = await alice!.invite();
  await world.pass(5_000);
  const meanwhile = (): Promise<string> => alice!.group.withdrawInvitation(id);
  const carol = await joinInVain(world, { alice: alice!, code: code!, meanwhile });
  expect(carol.entry.state).toBe('withdrawn');
});

test('P16 who came by somebody who was removed meanwhile is told, though all mail of it was lost', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'open-project', 'alice', 'bob', 'dave');
  const { code } = await bob!.invite();
  await world.pass(5_000);
  const meanwhile = async (): Promise<string> => {
    await bob!.person.stop();
    return alice!.group.remove(personIn(alice!, 'bob').id);
  };
  const carol = await joinInVain(world, { alice: alice!, code: code!, meanwhile });
  expect(carol.entry.state).toBe('withdrawn');
  await alice!.say('without them');
  await alice!.invite();
  await world.pass(30_000);
  expect(carol.texts()).toEqual([]);
  const acts = carol.group.history.current.map(({ what }) => what.is);
  expect(acts).toContain('removed');
  // Nothing done since: neither of the two invitations is the one that alice made then.
  expect(acts.filter((is) => is === 'invited')).toHaveLength(2);
});

/** Carol joins by one relay node, and bob hears her; dave and erin by another, before alice, who lets them in. */
async function comeAtOnce(world: SessionWorld): Promise<Record<'alice' | 'bob' | 'carol', Member>> {
  const [here, there] = world.relays.map(({ place }) => place);
  const [alice, bob] = await gathered(world, 'open-project', 'alice', 'bob');
  const { code } = await alice!.invite(2);
  await world.pass(5_000);
  const [carol, dave, erin] = await members(world, 'carol', 'dave', 'erin');
  const [early, late] = [
    ['carol', 'bob', here!],
    ['alice', 'dave', 'erin', there!],
  ];
  const mend = world.roads.part(early!, late!);
  for (const member of [carol!, dave!, erin!]) expect(await member.join(code!)).toMatchObject({ is: 'joined' });
  await world.pass(3_000);
  const task = { title: 'show carol around', readers: 'everyone' } as const;
  expect(await world.during(bob!.group.tasks!.create(task))).toMatchObject({ is: 'done' });
  await world.pass(3_000);
  await carol!.person.stop();
  await bob!.person.stop();
  await world.pass(12 * MINUTE);
  await loseDisk(world);
  mend();
  await bob!.person.start();
  await world.pass(30_000);
  expect([...alice!.names()].sort()).toEqual(['alice', 'bob', 'dave', 'erin']);
  return { alice: alice!, bob: bob!, carol: carol! };
}

test('P17 whose invitation others used up while they joined is told, and what shows that those came first', async () => {
  const world = await SessionWorld.start(2);
  const { carol } = await comeAtOnce(world);
  await loseDisk(world);
  await carol.person.start();
  await world.pass(90_000);
  expect(carol.entry.state).toBe('used-up');
});

test('P34 what was done after somebody came is known to those too for whom that coming is void', async () => {
  const world = await SessionWorld.start(2);
  const { alice, bob } = await comeAtOnce(world);
  await world.pass(90_000);
  const lists = [alice, bob].map(({ group }) => group.tasks!.list);
  await world.pass(1_000);
  for (const { current } of lists) expect(current.map(({ title }) => title)).toEqual(['show carol around']);
});

test('P16 whose removal came to nothing is told by whoever undid it, though all mail of it was lost', async () => {
  const world = await SessionWorld.start();
  const [alice, bob, carol] = await gathered(world, 'founder-led', 'alice', 'bob', 'carol', 'dave');
  const lead = 'lead' as RoleId;
  expect(await world.during(alice!.group.giveRole(personIn(alice!, 'bob').id, lead))).toBe('done');
  await world.pass(5_000);
  const others = [world.relays[0]!.place, 'bob', 'carol', 'dave'];
  const mend = world.roads.part(['alice'], others);
  expect(await world.during(bob!.group.remove(personIn(bob!, 'carol').id))).toBe('done');
  await world.pass(5_000);
  expect(carol!.entry.state).toBe('removed');
  expect(await world.during(alice!.group.remove(personIn(alice!, 'bob').id))).toBe('done');
  for (const member of [bob!, carol!]) await member.person.stop();
  mend();
  await world.pass(30_000);
  await loseDisk(world);
  await carol!.person.start();
  await world.pass(2 * MINUTE);
  expect([...alice!.names()].sort()).toEqual(['alice', 'carol', 'dave']);
  expect(carol!.entry.state).toBe('in');
});
