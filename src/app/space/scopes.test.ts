// Many scopes in one replica: who reads what, what is kept, asked for and served, and how it lies on the disk
// (protocol §4 to §6; P30, P31).

import { expect, test, vi } from 'vitest';
import type { RoleId } from '#core/charter/rules.ts';
import { EVERYONE } from '#core/charter/ids.ts';
import { encodeSignedOp } from '#core/charter/op.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { subtractSpans } from '#core/sync/spans.ts';
import { KITCHEN, STEWARDS, Town, type Member } from '#tests/suites/group-replicas.ts';
import { durableFor, heldNow, serve } from './offer.ts';
import { framesOf } from './sealed-runs.ts';

async function three(): Promise<{ town: Town; alice: Member; bob: Member; carol: Member }> {
  const town = new Town();
  const alice = await town.found('alice');
  const bob = await town.join('bob', alice);
  const carol = await town.join('carol', alice);
  await town.deliver();
  await alice.rotate(EVERYONE);
  await alice.act({ type: 'grant', act: 'role', on: bob.principal, role: 'kitchen' as RoleId });
  await alice.act({ type: 'grant', act: 'role', on: alice.principal, role: 'kitchen' as RoleId });
  await town.deliver();
  return { town, alice, bob, carol };
}

function allOps({ replica }: Member) {
  return [...replica.charter.ops.values()].map(({ signed }) => encodeSignedOp(signed));
}

/** As over a link: what counts as held is not asked for. */
async function askedBy(who: Member, of: Member): Promise<void> {
  const { replica } = who;
  const chains = heldNow(of.replica).chains.map(({ chain, spans }) => {
    return { chain, spans: subtractSpans(spans, replica.spans(chain)) };
  });
  const want = { request: 1, ops: true, heads: replica.charter.heads, records: [], chains };
  for (const piece of serve(of.replica, want, who.device)) await who.take(piece, of.device);
}

test('P30 P31: what is said in a role is read by its holders, and everybody else has nothing of it', async () => {
  const { town, alice, bob, carol } = await three();
  expect(await bob.say('soup', KITCHEN)).toBeUndefined();
  expect(await bob.say('hello all')).toBeUndefined();
  await town.deliver();
  expect(alice.texts(KITCHEN)).toEqual(['soup']);
  expect(carol.texts()).toEqual(['hello all']);
  expect(await carol.say('let me in', KITCHEN)).toBe('shut');
  expect(carol.replica.chainSets().map(({ scope }) => scope)).toEqual([EVERYONE]);
  expect(heldNow(carol.replica).chains.map(({ chain }) => chain.scope)).not.toContain(KITCHEN);
  await carol.flush();
  const kids = bob.replica.view!.rotations.flatMap(({ scopes }) => scopes.filter(({ scope }) => scope === KITCHEN));
  const keyRows = [...carol.rows.rows.get(`key:${carol.replica.identity.space}`)!.keys()];
  for (const { kid } of kids) expect(keyRows).not.toContain(kid);
});

test('P30: who does not hold a role is neither told of its chains nor served them, whatever they ask', async () => {
  const { town, alice, bob, carol } = await three();
  await bob.say('soup', KITCHEN);
  await town.deliver();
  alice.replica.durable = heldNow(alice.replica);
  const told = durableFor(alice.replica, carol.device);
  expect(told.chains.every(({ chain }) => chain.scope === EVERYONE)).toBe(true);
  expect(durableFor(alice.replica, carol.device)).toBe(told);
  expect(durableFor(alice.replica, bob.device).chains.some(({ chain }) => chain.scope === KITCHEN)).toBe(true);
  const chains = heldNow(alice.replica).chains;
  const want = { request: 1, ops: false, heads: [], records: [], chains };
  const runs = (to: Member) => [...serve(alice.replica, want, to.device)].flatMap((piece) => piece.runs);
  expect(runs(carol)).toEqual([]);
  expect(runs(bob).length).toBeGreaterThan(0);
});

test('each scope has an order of its own, and all come back from the disk', async () => {
  const { town, alice, bob } = await three();
  for (let i = 0; i < 5; i++) {
    await bob.say(`k${i}`, KITCHEN);
    await bob.say(`e${i}`);
    await town.deliver();
    await alice.say(`ak${i}`, KITCHEN);
    await town.deliver();
  }
  await alice.restart();
  expect(alice.texts(KITCHEN)).toEqual(bob.texts(KITCHEN));
  expect(alice.texts(EVERYONE)).toEqual(['e0', 'e1', 'e2', 'e3', 'e4']);
  const { log } = alice.replica;
  const bobs = log.entries.filter(({ message }) => message.header.device === bob.device);
  expect(bobs.map(({ message }) => message.header.seq)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
  expect(bobs.every(({ message }) => alice.replica.messageAt(message.header, message.header.seq) === message.id)).toBe(
    true,
  );
  await alice.say('after', KITCHEN);
  await town.deliver();
  expect(bob.texts(KITCHEN).at(-1)).toBe('after');
});

test('the first holder of a new role makes its key when they first speak', async () => {
  const { town, alice, bob } = await three();
  expect(bob.replica.view!.rotations.some(({ scopes }) => scopes.some(({ scope }) => scope === KITCHEN))).toBe(false);
  await bob.say('first', KITCHEN);
  await town.deliver();
  const made = alice.replica.view!.rotations.at(-1)!;
  expect(made.by).toBe(bob.device);
  expect(made.scopes.map(({ scope }) => scope)).toEqual([KITCHEN]);
  expect(made.scopes[0]!.recipients.map(({ device }) => device).sort()).toEqual([alice.device, bob.device].sort());
});

test('who loses a role keeps no key of it, and what is said there later is not kept either', async () => {
  const { town, alice, bob } = await three();
  await bob.say('soup', KITCHEN);
  await alice.say('stock', KITCHEN);
  await town.deliver();
  const grant = bob.roleGrant(KITCHEN);
  await alice.act({ type: 'revoke', grant: grant as never, frontier: [], cascade: false });
  await town.deliver();
  expect(bob.replica.reads(KITCHEN)).toBe(false);
  expect([...bob.replica.keys.held.values()].some(({ key }) => key.scope === KITCHEN)).toBe(false);
  await alice.say('without bob', KITCHEN);
  await town.deliver();
  expect(bob.texts()).not.toContain('without bob');
  expect(await bob.say('still here', KITCHEN)).toBe('shut');
});

test('what waited for its past when its reader lost the role is read when they have it again', async () => {
  const { town, alice, bob } = await three();
  await alice.say('first', KITCHEN);
  await town.deliver();
  bob.isOn = false;
  for (const text of ['one', 'two']) await alice.say(text, KITCHEN);
  const chain = { device: alice.device, scope: KITCHEN, incarnation: alice.replica.incarnation };
  const chains = [{ chain, spans: [{ from: 2, to: 3 }] }];
  const want = { request: 1, ops: false, heads: [], records: [], chains };
  for (const piece of serve(alice.replica, want, bob.device)) await bob.take(piece, alice.device);
  expect(bob.replica.pending.size).toBe(1);
  await alice.act({ type: 'revoke', grant: bob.roleGrant(KITCHEN) as never, frontier: [], cascade: false });
  await bob.take({ ...emptyParcel, ops: allOps(alice) });
  expect(bob.replica.reads(KITCHEN)).toBe(false);
  await alice.act({ type: 'grant', act: 'role', on: bob.principal, role: 'kitchen' as RoleId });
  await bob.take({ ...emptyParcel, ops: allOps(alice) });
  expect(bob.replica.reads(KITCHEN)).toBe(true);
  await askedBy(bob, alice);
  expect(bob.texts(KITCHEN)).toEqual(['first', 'one', 'two']);
});

test('one removal makes one op, whatever scopes it concerns', async () => {
  const { town, alice, bob } = await three();
  await bob.say('soup', KITCHEN);
  await alice.say('only us', STEWARDS);
  await town.deliver();
  await alice.act({ type: 'revoke', grant: bob.principal, frontier: [], cascade: false });
  const before = alice.replica.view!.rotations.length;
  expect(await alice.say('without bob')).toBeUndefined();
  const made = alice.replica.view!.rotations.slice(before);
  expect(made.map(({ scopes }) => scopes.map(({ scope }) => scope).sort())).toEqual([[EVERYONE, KITCHEN].sort()]);
});

test('18: a chain that went on twice after a disk was put back is left at relay nodes in runs that hold', async () => {
  const { alice } = await three();
  for (const text of ['one', 'two', 'three']) await alice.say(text);
  const { replica } = alice;
  const chain = { device: alice.device, incarnation: replica.incarnation, scope: EVERYONE };
  const ids = [0, 1, 2].map((seq) => replica.messageAt(chain, seq)!);
  const spans = [{ from: 0, to: 3 }];
  expect([...framesOf(replica, { chain, spans })]).toHaveLength(1);
  // The second was said another time: what stands in its place does not rest on the first.
  const second = replica.log.get(ids[1]!)!;
  const header = { ...second.message.header, own: ids[2] };
  const get = replica.log.get.bind(replica.log);
  vi.spyOn(replica.log, 'get').mockImplementation((id) =>
    id === ids[1] ? { ...second, message: { ...second.message, header } } : get(id),
  );
  expect([...framesOf(replica, { chain, spans })]).toHaveLength(2);
});

test('what its author has back from others, open, is not left at relay nodes as if it were deleted', async () => {
  const { alice } = await three();
  for (const text of ['one', 'two', 'three']) await alice.say(text);
  const { replica } = alice;
  const chain = { device: alice.device, incarnation: replica.incarnation, scope: EVERYONE };
  const second = replica.log.get(replica.messageAt(chain, 1)!)!;
  const given = { ...second, message: { ...second.message, sealed: undefined } };
  const get = replica.log.get.bind(replica.log);
  vi.spyOn(replica.log, 'get').mockImplementation((id) => (id === second.message.id ? given : get(id)));
  expect([...framesOf(replica, { chain, spans: [{ from: 1, to: 2 }] })]).toEqual([]);
  expect([...framesOf(replica, { chain, spans: [{ from: 0, to: 3 }] })]).toHaveLength(2);
});
