// A device that said two things in one place, to different people: each gets what the others have, so that nobody's words
// wait for it (chain/SPEC.md §9).

import { expect, test } from 'vitest';
import { EVERYONE } from '#core/charter/ids.ts';
import { MINUTE, SECOND } from '#core/ports.ts';
import { chainKey, type ChainId } from '#core/sync/held.ts';
import { subtractSpans } from '#core/sync/spans.ts';
import { MemoryRows, Town, type Member } from '#tests/suites/group-replicas.ts';
import { accuse } from './author.ts';
import { Branches } from './branches.ts';
import { loadReplica } from './load-replica.ts';
import { serve } from './offer.ts';
import { Replica } from './replica.ts';

/** Mallory says something that Carol alone hears, goes back to before it, and says something else, and more after that. */
async function cast(saysMore = true) {
  const town = new Town();
  const alice = await town.found('alice');
  const carol = await town.join('carol', alice);
  const mallory = await town.join('mallory', alice);
  await town.live(MINUTE);
  const { identity, keys, incarnation } = mallory.replica;
  const chain: ChainId = { device: mallory.device, incarnation, scope: EVERYONE };
  await mallory.flush();
  const copy = new MemoryRows();
  for (const [collection, rows] of mallory.rows.rows) copy.rows.set(collection, new Map(rows));
  await mallory.say('one');
  await town.deliver(carol);
  // Nobody else ever hears that.
  town.tape.length = 0;
  const twin = new Replica(mallory.context, { identity, leaf: keys.leaf, incarnation });
  await loadReplica(twin, copy);
  mallory.is(twin);
  await mallory.say('other');
  if (saysMore) await mallory.say('more');
  await town.deliver(alice);
  await alice.say('heard both');
  await town.deliver();
  return { town, alice, carol, mallory, chain };
}

/** What is asked for of a chain on a link to somebody who has it up to `end`, and comes of it. */
async function ask(to: Member, from: Member, chain: ChainId, branches = new Branches(to.replica)): Promise<boolean> {
  const end = Math.max(...from.replica.spans(chain).map((span) => span.to));
  const spans = subtractSpans([{ from: 0, to: end }], branches.spans(chain, chainKey(chain)));
  const want = { request: 1, ops: false, heads: [], records: [], chains: [{ chain, spans }] };
  for (const parcel of serve(from.replica, want, to.device)) await to.take(parcel, from.device);
  return spans.length > 0;
}

test('P33 threat 18: who was told something else than all others gets what the next words rest on, though nobody has both', async () => {
  const { alice, carol, chain } = await cast();
  expect(carol.texts()).toEqual(['one']);
  expect(carol.replica.spans(chain)).toEqual(alice.replica.spans(chain));
  expect(await ask(carol, alice, chain)).toBe(true);
  expect(carol.texts()).toEqual(['one', 'other', 'more', 'heard both']);
  expect(carol.replica.pending.size).toBe(0);
  expect(await ask(carol, alice, chain)).toBe(false);
});

test('where nobody asked has it, it is asked for again after a while, and not before', async () => {
  const { town, carol, chain } = await cast();
  const { replica } = carol;
  const branches = new Branches(replica);
  const asked = [branches.spans(chain, chainKey(chain)), branches.spans(chain, chainKey(chain))];
  await town.pass(30 * SECOND);
  asked.push(branches.spans(chain, chainKey(chain)));
  const last = replica.spans(chain).at(-1)!;
  // All but the last, which rests on what is missing.
  const lacking = [{ from: last.to - 1, to: last.to }];
  expect(asked).toEqual([lacking, replica.spans(chain), lacking]);
});

test('what was answered to one of the two reaches everybody, also where the device had ended itself before that was proved', async () => {
  const { town, alice, carol, mallory, chain } = await cast();
  const { device } = chain;
  const { binding } = mallory.replica.view!.devices.get(device)!;
  await mallory.act({ type: 'device', act: 'end', binding, device, frontier: [] });
  await carol.say('I answer to one');
  await town.deliver(alice, carol);
  expect(alice.texts()).not.toContain('I answer to one');
  await ask(carol, alice, chain);
  await alice.take((await accuse(carol.replica))!, carol.device);
  expect(alice.replica.view!.devices.get(device)).toMatchObject({ isLive: false, isFrozen: false });
  expect(await ask(alice, carol, chain)).toBe(true);
  expect(alice.texts()).toContain('I answer to one');
  expect(alice.replica.pending.size).toBe(0);
});

test('P33 threat 18: who was told something else in the last place of all gets what others answer to, and everybody what they answer', async () => {
  const { town, alice, carol, chain } = await cast(false);
  await carol.say('I answer to one');
  await town.deliver(alice);
  expect(carol.texts()).toEqual(['one', 'I answer to one']);
  expect(alice.texts()).toEqual(['other', 'heard both']);
  expect(carol.replica.spans(chain)).toEqual(alice.replica.spans(chain));
  const branches = new Branches(carol.replica);
  // It may only be on its way.
  expect(await ask(carol, alice, chain, branches)).toBe(false);
  await town.pass(30 * SECOND);
  expect(await ask(carol, alice, chain, branches)).toBe(true);
  expect(carol.texts()).toContain('heard both');
  await alice.take((await accuse(carol.replica))!, carol.device);
  expect(await ask(alice, carol, chain)).toBe(true);
  expect(alice.texts()).toContain('I answer to one');
  for (const { replica } of [alice, carol]) expect(replica.pending.size).toBe(0);
});

test('what nobody ever said has ends of chains asked for ever more rarely', async () => {
  const { town, carol, chain } = await cast(false);
  const branches = new Branches(carol.replica);
  const held = carol.replica.spans(chain);
  const asked: number[] = [];
  for (let minutes = 0; minutes < 24 * 60; minutes++) {
    if (branches.spans(chain, chainKey(chain)) !== held) asked.push(minutes);
    await town.pass(MINUTE);
  }
  expect(asked.slice(0, 6)).toEqual([1, 2, 3, 5, 9, 17]);
  expect(asked.length).toBeLessThan(32);
});
