// Who lost a right goes on as if they had not heard, by an app that was changed: everybody keeps the same of it, which is
// what was seen in time and what honest people built on (chain/SPEC.md §8; P30, P33).

import { describe, expect, test } from 'vitest';
import { hex, utf8 } from '#core/bytes/bytes.ts';
import { citationFor } from '#core/chain/citing.ts';
import { frontierOf } from '#core/chain/evidence.ts';
import { sealRun } from '#core/chain/frame.ts';
import { writeMessage } from '#core/chain/message.ts';
import { EVERYONE, type DeviceId, type GrantId, type Scope } from '#core/charter/ids.ts';
import { encodeSignedOp, grantIdOf } from '#core/charter/op.ts';
import type { PlainRight, RoleId, Rules } from '#core/charter/rules.ts';
import { signOp, unsignedOp, type Author } from '#core/charter/write-op.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { DAY, HOUR } from '#core/ports.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { KITCHEN, Town, type Member } from '#tests/suites/group-replicas.ts';
import { counts, RULES, STRICT, WITHOUT_KITCHEN } from '#tests/suites/group-rights.ts';
import { authorOf } from './own-ops.ts';
import { revokeBody, rulesBody } from './revoking.ts';

const KITCHEN_ROLE = 'kitchen' as RoleId;
interface Cast {
  readonly town: Town;
  readonly alice: Member;
  readonly bob: Member;
  readonly carol: Member;
  readonly dave: Member;
}

/** Alice and Bob are stewards, Carol has no role, Dave is in the kitchen and has worked for all. */
async function cast(rules = RULES): Promise<Cast> {
  const town = new Town();
  const alice = await town.found('alice', rules);
  const [bob, carol, dave] = [
    await town.join('bob', alice),
    await town.join('carol', alice),
    await town.join('dave', alice, (await paperKey(town)).device),
  ];
  await town.deliver();
  await alice.act({ type: 'grant', act: 'role', on: bob.principal, role: 'stewards' as RoleId });
  await alice.act({ type: 'grant', act: 'role', on: dave.principal, role: KITCHEN_ROLE });
  await town.live(HOUR);
  for (const member of [carol, dave]) await member.say(`hello of ${member.name}`);
  await dave.say('long ago', EVERYONE, 'doc.update');
  await town.live(HOUR);
  return { town, alice, bob, carol, dave };
}

async function paperKey({ suite }: Town): Promise<Author> {
  const seed = new Uint8Array(32).fill(99) as Seed;
  return { device: hex.encode(await suite.signingKeyOf(seed)) as DeviceId, seed };
}

async function expectAll(members: readonly Member[], texts: readonly string[], right?: PlainRight): Promise<void> {
  for (const member of members)
    expect([member.name, await counts(member, EVERYONE, right)]).toEqual([member.name, texts]);
}

const work = (member: Member, text: string) => member.say(text, EVERYONE, 'doc.update');
const roleOf = (member: Member, role: RoleId = KITCHEN_ROLE) => member.roleGrant(role) as string as GrantId;

/** A message that cites grants of roles as its author likes, under the newest key of the scope they have. */
async function forge(by: Member, text: string, scope: Scope, roles: readonly GrantId[]): Promise<void> {
  const { charter, identity, incarnation, keys, context } = by.replica;
  const key = [...keys.held.values()].map((held) => held.key).findLast((held) => held.scope === scope)!;
  const { device, space } = identity;
  const citation = citationFor(charter, device, EVERYONE)!;
  const { seq, own, seen, lamport } = by.replica.chainsOf(scope).next(device, incarnation);
  const chain = { space, scope, kid: key.kid, device, incarnation, seq, n: undefined, lamport, own, seen };
  const header = { ...chain, ...citation, auth: [...citation.auth, ...roles], kind: 'doc.update' };
  const body = utf8(text);
  const bodyKey = keys.takeBodyKey(
    { ...header, bodyHash: new Uint8Array(32), bodyLength: body.length },
    context.clock.now(),
  )!;
  const message = await writeMessage(
    header,
    { salt: context.random.bytes(32), body, bodyKey },
    identity.seed,
    context.suite,
  );
  const frame = sealRun([message], keys.headerKey(key.kid)!, context.random, context.suite)!;
  await by.take({ ...emptyParcel, frames: [frame] });
  by.town.sent(by, { parcel: { ...emptyParcel, frames: [frame] }, hasOps: false, scope });
}

/** Everybody hears all, the one who pretended not to as well. */
async function all({ town, dave }: Cast): Promise<void> {
  dave.isOn = true;
  await town.live(HOUR);
  await town.deliver();
}

describe('P30 P33: who lost a role', () => {
  test('keeps what the one who took it had seen, and nothing said afterwards, whatever past it cites', async () => {
    const people = await cast();
    const { town, alice, bob, carol, dave } = people;
    await work(dave, 'seen in time');
    await town.deliver();
    dave.isOn = false;
    await alice.act(revokeBody(alice.replica, roleOf(dave)));
    await work(dave, 'too late');
    await town.live(5 * DAY);
    await work(dave, 'much too late');
    await town.live(HOUR);
    await expectAll([alice, bob, carol], ['long ago', 'seen in time']);
    // What takes no right, or one that everybody has, stands.
    await dave.say('I only wanted to talk');
    await all(people);
    await expectAll([alice, bob, carol, dave], ['long ago', 'seen in time']);
    expect(carol.texts()).toContain('I only wanted to talk');
  });

  test('keeps what others built on before they had heard', async () => {
    const people = await cast();
    const { town, alice, bob, carol, dave } = people;
    dave.isOn = false;
    await alice.act(revokeBody(alice.replica, roleOf(dave)));
    await work(dave, 'built on');
    // Of all that was sent Carol hears this alone.
    await carol.take(town.tape.at(-1)!.written.parcel);
    await carol.say('good work, dave');
    await work(dave, 'nobody has seen this');
    await town.live(HOUR);
    await expectAll([alice, bob, carol], ['built on', 'long ago']);
    await all(people);
    await expectAll([alice, bob, carol, dave], ['built on', 'long ago']);
  });

  test('keeps of two revocations that crossed what both had seen', async () => {
    const people = await cast();
    const { town, alice, bob, carol, dave } = people;
    await work(dave, 'seen by both');
    await town.deliver();
    await work(dave, 'seen by bob alone');
    await town.deliver(bob);
    dave.isOn = false;
    const bodies = [alice, bob].map(({ replica }) => revokeBody(replica, roleOf(dave)));
    await alice.act(bodies[0]!);
    await bob.act(bodies[1]!);
    await work(dave, 'seen by nobody');
    await all(people);
    await expectAll([alice, bob, carol, dave], ['long ago', 'seen by both']);
  });

  test('by vote is no other', async () => {
    const people = await cast();
    const { town, alice, bob, carol, dave } = people;
    await work(dave, 'before the proposal');
    await town.deliver();
    dave.isOn = false;
    const proposal = await alice.act({ type: 'propose', act: revokeBody(alice.replica, roleOf(dave)) });
    await town.deliver();
    const facts = bob.replica.view!.group!.proposals.find(({ op }) => op === proposal)!;
    await bob.act({ type: 'endorse', proposal, counted: [...facts.endorsements] });
    await work(dave, 'after it');
    await all(people);
    await expectAll([alice, bob, carol, dave], ['before the proposal', 'long ago']);
  });

  test('has the right still by another role', async () => {
    const people = await cast();
    const { town, alice, bob, carol, dave } = people;
    await alice.act({ type: 'grant', act: 'role', on: dave.principal, role: 'stewards' as RoleId });
    await town.live(HOUR);
    dave.isOn = false;
    await alice.act(revokeBody(alice.replica, roleOf(dave)));
    await work(dave, 'as a steward');
    await all(people);
    await expectAll([alice, bob, carol, dave], ['as a steward', 'long ago']);
    await expectAll([alice, bob, carol, dave], ['long ago'], 'channels');
  });

  test('and resigned it meant all that they said before', async () => {
    const people = await cast();
    const { alice, bob, carol, dave } = people;
    await work(dave, 'my last');
    await dave.act({ type: 'leave', role: roleOf(dave) });
    await all(people);
    await expectAll([alice, bob, carol, dave], ['long ago', 'my last']);
  });

  test('because who had given it was removed at the same time did nothing by it', async () => {
    const people = await cast();
    const { town, alice, bob, carol, dave } = people;
    bob.isOn = false;
    await bob.act({ type: 'grant', act: 'role', on: carol.principal, role: KITCHEN_ROLE });
    await town.deliver(carol);
    carol.isOn = false;
    await work(carol, 'by what bob gave me');
    await alice.act(revokeBody(alice.replica, bob.principal));
    await town.deliver(dave);
    await town.live(HOUR);
    await work(carol, 'and again');
    carol.isOn = true;
    await all(people);
    await expectAll([alice, carol, dave], ['long ago']);
  });
});

describe('P30 P33: new rules', () => {
  const changed = (change: Partial<Rules>): Rules => ({ ...RULES, ...change });
  for (const [name, rules] of [
    ['take a right from a role', STRICT],
    ['delete a role', WITHOUT_KITCHEN],
  ] as const) {
    test(`that ${name} leave what their author had seen, and nothing said under the old ones afterwards`, async () => {
      const people = await cast();
      const { town, alice, bob, carol, dave } = people;
      await work(dave, 'seen in time');
      await town.deliver();
      dave.isOn = false;
      await alice.act(rulesBody(alice.replica, rules));
      await work(dave, 'under the old rules');
      await town.live(5 * DAY);
      await work(dave, 'still');
      await work(bob, 'stewards may');
      await all(people);
      await expectAll([alice, bob, carol, dave], ['long ago', 'seen in time', 'stewards may']);
    });
  }

  test('that move a right from a role to everybody take nothing', async () => {
    const people = await cast();
    const { alice, bob, carol, dave } = people;
    dave.isOn = false;
    const rules = { ...STRICT, members: [...RULES.members, 'documents' as const] };
    await alice.act(rulesBody(alice.replica, rules));
    await work(dave, 'under the old rules');
    await all(people);
    await expectAll([alice, bob, carol, dave], ['long ago', 'under the old rules']);
  });

  test('that are beaten by others of the same moment bind nobody who had not seen them', async () => {
    const people = await cast();
    const { alice, bob, carol, dave } = people;
    dave.isOn = false;
    // Alice founded the group: hers win over what Bob does at the same time.
    const mild = rulesBody(alice.replica, changed({ rotateDays: 9 }));
    const strict = rulesBody(bob.replica, STRICT);
    await alice.act(mild);
    await bob.act(strict);
    await work(dave, 'under the old rules');
    await all(people);
    await expectAll([alice, bob, carol, dave], ['long ago', 'under the old rules']);
  });

  test('that take a right from everybody leave what was seen', async () => {
    const people = await cast(changed({ members: [...RULES.members, 'documents'] }));
    const { town, alice, bob, carol, dave } = people;
    await work(carol, 'seen in time');
    await town.deliver();
    carol.isOn = false;
    await alice.act(rulesBody(alice.replica, RULES));
    await work(carol, 'too late');
    await town.live(HOUR);
    carol.isOn = true;
    await all(people);
    await expectAll([alice, bob, carol, dave], ['long ago', 'seen in time']);
  });
});

describe('P33: what its author never had', () => {
  test('a role that somebody gave themselves lets them say nothing in it', async () => {
    const { town, alice, bob, carol, dave } = await cast();
    for (const member of [alice, carol]) {
      await alice.act({ type: 'grant', act: 'role', on: member.principal, role: KITCHEN_ROLE });
    }
    await town.live(HOUR);
    await dave.say('in the kitchen', KITCHEN);
    await town.live(HOUR);
    dave.isOn = false;
    await alice.act(revokeBody(alice.replica, roleOf(dave)));
    await town.deliver(alice, bob, carol);
    const body = { type: 'grant', act: 'role', on: dave.principal, role: KITCHEN_ROLE } as const;
    const signed = await signOp(
      unsignedOp(dave.replica.charter, dave.device, body)!,
      authorOf(dave.replica).seed,
      town.suite,
    );
    town.sent(dave, { parcel: { ...emptyParcel, ops: [encodeSignedOp(signed)] }, hasOps: true });
    await dave.take({ ...emptyParcel, ops: [encodeSignedOp(signed)] });
    const old = dave.roleGrant(KITCHEN) as string as GrantId;
    for (const role of [grantIdOf(signed.id, 1), old]) await forge(dave, `by my own leave ${role}`, KITCHEN, [role]);
    await town.live(HOUR);
    for (const member of [alice, carol]) {
      expect(member.replica.charter.ops.has(signed.id)).toBe(true);
      expect(member.replica.log.entries.filter(({ message }) => message.header.device === dave.device)).toHaveLength(5);
      expect(member.texts(KITCHEN)).toEqual(['in the kitchen']);
    }
  });

  test('a device that a stolen one added says nothing once the paper key ended that', async () => {
    const people = await cast();
    const { town, alice, bob, carol, dave } = people;
    const second = await town.addDevice(dave, 'dave second');
    await town.live(HOUR);
    await town.link(dave, second);
    // The thief goes on with the first device, unseen, and brings in one of their own.
    dave.isOn = false;
    const thief = await town.addDevice(dave, 'thief');
    thief.isOn = false;
    await town.link(dave, thief);
    await work(thief, 'from the thief');
    const { binding } = dave.replica.me!;
    const frontier = frontierOf([second.replica.chains], ({ device }) => device === dave.device);
    const body = { type: 'device', act: 'end', binding, device: dave.device, frontier } as const;
    await second.act(body, await paperKey(town));
    await town.live(HOUR);
    for (const member of [alice, bob, carol, second]) {
      expect(member.replica.view!.devices.has(thief.device)).toBe(false);
      expect(await counts(member, EVERYONE)).toEqual(['long ago']);
      expect(member.texts()).not.toContain('from the thief');
    }
  });

  test('who joined by somebody who was removed at that time works at nothing', async () => {
    const town = new Town();
    const alice = await town.found('alice', { ...RULES, members: ['invite', 'post', 'documents'] });
    const [bob, carol] = [await town.join('bob', alice), await town.join('carol', alice)];
    await town.live(HOUR);
    bob.isOn = false;
    const erin = await town.join('erin', bob);
    erin.isOn = false;
    await work(erin, 'from erin');
    // Alice, who had heard of nothing of this, removes who invites.
    await alice.act(revokeBody(alice.replica, bob.principal));
    bob.isOn = true;
    await town.live(HOUR);
    await town.deliver();
    for (const member of [alice, bob, carol]) {
      expect(member.replica.view!.devices.has(erin.device)).toBe(false);
      expect(member.texts()).not.toContain('from erin');
      expect(await counts(member, EVERYONE)).toEqual([]);
    }
  });
});
