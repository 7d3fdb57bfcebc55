// New rules take a right also where those who wrote them do not read: readers of such a scope say how far their authors had
// been seen when the rules came, and whoever goes on as if they had not heard does so for nobody (chain/SPEC.md §8.1; P30, P33).

import { describe, expect, test } from 'vitest';
import { frontierOf } from '#core/chain/evidence.ts';
import type { GrantId, OpId } from '#core/charter/ids.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { DAY, HOUR } from '#core/ports.ts';
import { KITCHEN, Town, type Member } from '#tests/suites/group-replicas.ts';
import { counts, RULES, STRICT, WITHOUT_KITCHEN } from '#tests/suites/group-rights.ts';
import { revokeBody, rulesBody } from './revoking.ts';

const KITCHEN_ROLE = 'kitchen' as RoleId;

interface Cast {
  readonly town: Town;
  readonly alice: Member;
  readonly bob: Member;
  readonly carol: Member;
  readonly dave: Member;
  readonly erin: Member;
}

/** Alice and Bob are stewards; Carol, Dave and Erin are in the kitchen, and all three have worked there. */
async function cast(): Promise<Cast> {
  const town = new Town();
  const alice = await town.found('alice', RULES);
  const bob = await town.join('bob', alice);
  const carol = await town.join('carol', alice);
  const dave = await town.join('dave', alice);
  const erin = await town.join('erin', alice);
  await town.deliver();
  await alice.act({ type: 'grant', act: 'role', on: bob.principal, role: 'stewards' as RoleId });
  for (const { principal } of [carol, dave, erin]) {
    await alice.act({ type: 'grant', act: 'role', on: principal, role: KITCHEN_ROLE });
  }
  await town.live(HOUR);
  for (const member of [carol, dave, erin]) await work(member, `long ago, ${member.name}`);
  await town.live(HOUR);
  return { town, alice, bob, carol, dave, erin };
}

const LONG_AGO = ['long ago, carol', 'long ago, dave', 'long ago, erin'];

const work = (member: Member, text: string) => member.say(text, KITCHEN, 'doc.update');

async function expectAll(members: readonly Member[], ...texts: string[]): Promise<void> {
  const expected = [...LONG_AGO, ...texts].sort();
  for (const member of members) expect([member.name, await counts(member, KITCHEN)]).toEqual([member.name, expected]);
}

function completions({ replica }: Member): readonly OpId[] {
  return [...replica.charter.ops.values()]
    .filter(({ signed }) => signed.op.body.type === 'frontier')
    .map(({ id }) => id);
}

async function meetAgain({ town, dave }: Cast): Promise<void> {
  dave.isOn = true;
  await town.live(HOUR);
  await town.deliver();
}

describe('P30 P33: rules by somebody who does not read a scope', () => {
  test('take from who goes on there as if they had not heard all but what the others had seen', async () => {
    const people = await cast();
    const { town, alice, carol, dave, erin } = people;
    await work(dave, 'seen in time');
    await town.deliver();
    dave.isOn = false;
    await alice.act(rulesBody(alice.replica, STRICT));
    await town.live(HOUR);
    await work(dave, 'too late');
    await town.live(5 * DAY);
    await work(dave, 'much too late');
    await town.live(HOUR);
    await expectAll([carol, erin], 'seen in time');
    await meetAgain(people);
    await expectAll([carol, dave, erin], 'seen in time');
  });

  test('are completed once for everybody: by one for the others, by another for the one', async () => {
    const { town, alice, carol, erin } = await cast();
    await alice.act(rulesBody(alice.replica, STRICT));
    await town.live(HOUR);
    expect(completions(carol)).toHaveLength(2);
    await town.live(5 * DAY);
    for (const member of [carol, erin]) await member.restart();
    await town.live(DAY);
    expect(completions(carol)).toHaveLength(2);
  });

  test('leave what one alone had seen in time, since each adds what others did not name', async () => {
    const people = await cast();
    const { town, alice, carol, dave, erin } = people;
    dave.isOn = false;
    await work(dave, 'seen by erin alone');
    await town.deliver(erin);
    erin.isOn = false;
    await alice.act(rulesBody(alice.replica, STRICT));
    // Erin hears the rules, and what Carol says of them a moment later.
    await erin.take(town.tape.at(-1)!.written.parcel);
    erin.duty.next();
    await town.live(HOUR);
    erin.isOn = true;
    await work(dave, 'too late');
    await town.live(HOUR);
    await expectAll([carol, erin], 'seen by erin alone');
    await meetAgain(people);
    await expectAll([carol, dave, erin], 'seen by erin alone');
  });

  test('by vote are no other: what counts is what readers of the scope had seen', async () => {
    const people = await cast();
    const { town, alice, bob, carol, dave, erin } = people;
    await work(dave, 'seen in time');
    await town.deliver();
    dave.isOn = false;
    const proposal = await alice.act({ type: 'propose', act: rulesBody(alice.replica, STRICT) });
    await town.deliver();
    const facts = bob.replica.view!.group!.proposals.find(({ op }) => op === proposal)!;
    await bob.act({ type: 'endorse', proposal, counted: [...facts.endorsements] });
    await town.live(HOUR);
    await work(dave, 'too late');
    await town.live(HOUR);
    await expectAll([carol, erin], 'seen in time');
    await meetAgain(people);
    await expectAll([carol, dave, erin], 'seen in time');
  });

  test('take nothing of what somebody wrote whom nobody else can speak of', async () => {
    const { town, alice, carol, dave, erin } = await cast();
    for (const member of [dave, erin]) await member.act({ type: 'leave', role: member.roleGrant(KITCHEN) as never });
    await town.live(HOUR);
    await work(carol, 'alone here');
    await alice.act(rulesBody(alice.replica, STRICT));
    await town.live(DAY);
    expect(await counts(carol, KITCHEN)).toEqual(['alone here', ...LONG_AGO]);
    expect(completions(carol)).toEqual([]);
  });

  test('that move the right to everybody take nothing there either', async () => {
    const people = await cast();
    const { town, alice, carol, dave, erin } = people;
    dave.isOn = false;
    await alice.act(rulesBody(alice.replica, { ...STRICT, members: [...STRICT.members, 'documents'] }));
    await town.live(HOUR);
    await work(dave, 'under the old rules');
    await meetAgain(people);
    await expectAll([carol, dave, erin], 'under the old rules');
  });

  test('leave those the right who have it by another role, and what they built on', async () => {
    const people = await cast();
    const { town, alice, carol, dave, erin } = people;
    await alice.act({ type: 'grant', act: 'role', on: erin.principal, role: 'stewards' as RoleId });
    await town.live(HOUR);
    [dave, erin].forEach((member) => (member.isOn = false));
    await alice.act(rulesBody(alice.replica, STRICT));
    await town.live(HOUR);
    await work(dave, 'built on');
    // Of all that was sent Erin hears this alone.
    await erin.take(town.tape.at(-1)!.written.parcel);
    await work(erin, 'by another role');
    await work(dave, 'too late');
    erin.isOn = true;
    await meetAgain(people);
    await expectAll([carol, dave, erin], 'built on', 'by another role');
  });
});

describe('P33: what a reader who lost the right says of new rules', () => {
  test('gives themselves nothing, however late they say it', async () => {
    const people = await cast();
    const { town, alice, carol, dave, erin } = people;
    dave.isOn = false;
    await alice.act(rulesBody(alice.replica, STRICT));
    const strict = alice.replica.charter.heads[0]!;
    await town.live(HOUR);
    await work(dave, 'too late');
    await town.live(DAY);
    // Only now they hear of the rules, and say that this had been seen before.
    await town.deliver(dave);
    const frontier = frontierOf([dave.replica.chainsOf(KITCHEN)], ({ device }) => device === dave.device);
    await dave.act({ type: 'frontier', revoke: strict, frontier });
    await meetAgain(people);
    expect(carol.replica.view!.group!.history.some(({ fate }) => fate.is === 'illegal')).toBe(false);
    await expectAll([carol, dave, erin]);
  });

  test('takes nothing from others that somebody had seen', async () => {
    const people = await cast();
    const { town, alice, carol, dave, erin } = people;
    await work(carol, 'seen by all');
    await town.deliver();
    [carol, erin].forEach((member) => (member.isOn = false));
    await alice.act(rulesBody(alice.replica, STRICT));
    const strict = alice.replica.charter.heads[0]!;
    await town.deliver(dave);
    const [first] = frontierOf([dave.replica.chainsOf(KITCHEN)], ({ device }) => device === carol.device);
    const links = [...dave.replica.chainsOf(KITCHEN).links()].filter(({ chain }) => chain.device === carol.device);
    const narrow = { ...first!, seq: 0, head: links.find(({ header }) => header.seq === 0)!.id };
    await dave.act({ type: 'frontier', revoke: strict, frontier: [narrow] });
    expect(await counts(dave, KITCHEN)).not.toContain('seen by all');
    for (const member of [carol, erin]) {
      await member.take(town.tape.at(-2)!.written.parcel);
      member.duty.next();
    }
    [carol, erin].forEach((member) => (member.isOn = true));
    await meetAgain(people);
    await expectAll([carol, dave, erin], 'seen by all');
  });
});

test('P15: a role that rules dropped and brought back is not for whom it was taken from meanwhile', async () => {
  const people = await cast();
  const { town, alice, carol, dave, erin } = people;
  const theirs = dave.roleGrant(KITCHEN) as string as GrantId;
  dave.isOn = false;
  await alice.act(rulesBody(alice.replica, WITHOUT_KITCHEN));
  await town.live(HOUR);
  for (const { replica } of [carol, erin])
    expect([...replica.keys.held.values()].map(({ key }) => key.scope)).not.toContain(KITCHEN);
  await alice.act(revokeBody(alice.replica, theirs));
  await alice.act(rulesBody(alice.replica, RULES));
  await town.live(HOUR);
  await work(dave, 'as if nothing had been');
  await work(carol, 'here again');
  await town.live(HOUR);
  for (const member of [carol, erin]) {
    const told = await counts(member, KITCHEN);
    expect(told).toContain('here again');
    expect(told).not.toContain('as if nothing had been');
  }
});
