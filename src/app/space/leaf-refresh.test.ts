// New sealing keys are published after a key came, by all, and not in one moment (keys/SPEC.md §9).

import { expect, test } from 'vitest';
import { EVERYONE } from '#core/charter/ids.ts';
import { DAY, HOUR, MINUTE } from '#core/ports.ts';
import { decodeWrap } from '#core/keys/wrap.ts';
import { Town, type Member } from '#tests/suites/group-replicas.ts';
import { REFRESH_WITHIN } from './leaf-refresh.ts';

async function dozen(): Promise<{ town: Town; alice: Member; all: readonly Member[] }> {
  const town = new Town();
  const alice = await town.found('alice');
  const all = [alice];
  for (let i = 0; i < 11; i++) all.push(await town.join(`member ${i}`, alice));
  // All are let in, and all have published since.
  await town.live(HOUR + REFRESH_WITHIN);
  return { town, alice, all };
}

const numbers = (all: readonly Member[]) => all.map(({ replica }) => replica.keys.leaf.number);

/** How many records left devices from some place of the tape on; a rotation brings its maker's along. */
function recordsSince(town: Town, from: number, maker: Member): number {
  const sent = town.tape.slice(from).filter((each) => each.from !== maker);
  return sent.flatMap(({ written }) => written.parcel.records).length;
}

test('after a rotation nobody publishes at once, and everybody within half a day, each at a time of their own', async () => {
  const { town, alice, all } = await dozen();
  const before = numbers(all);
  const from = town.tape.length;
  await alice.rotate(EVERYONE);
  await town.live(MINUTE);
  expect(recordsSince(town, from, alice)).toBe(0);
  const times = new Set<number>();
  for (let hour = 0; hour < 12; hour++) {
    const sent = town.tape.length;
    await town.live(HOUR);
    if (recordsSince(town, sent, alice) > 0) times.add(hour);
  }
  expect(times.size).toBeGreaterThan(4);
  expect(numbers(all).map((number, i) => number - before[i]!)).toEqual(all.map((member) => (member === alice ? 0 : 1)));
  expect(recordsSince(town, from, alice)).toBe(all.length - 1);
});

test('several rotations in half a day cost one record each, and what they brought opens all the same', async () => {
  const { town, alice, all } = await dozen();
  const from = town.tape.length;
  for (let i = 0; i < 3; i++) {
    await alice.rotate(EVERYONE);
    await alice.say(`under key ${i}`);
    await town.live(5 * MINUTE);
  }
  await town.live(REFRESH_WITHIN);
  expect(recordsSince(town, from, alice)).toBe(all.length - 1);
  for (const member of all)
    expect(member.texts()).toEqual(expect.arrayContaining(['under key 0', 'under key 1', 'under key 2']));
});

test('what is due is done after a restart, and when a clock was set back', async () => {
  const { town, alice, all } = await dozen();
  const [, bob] = all;
  const before = bob!.replica.keys.leaf.number;
  await alice.rotate(EVERYONE);
  await town.deliver();
  const due = bob!.replica.keys.refreshAt!;
  expect(due).toBeGreaterThan(town.clock.now());
  bob!.isOn = false;
  await bob!.restart();
  expect(bob!.replica.keys.refreshAt).toBe(due);
  bob!.replica.keys.putOffRefresh((due + 1000 * DAY) as typeof due);
  bob!.isOn = true;
  await town.live(REFRESH_WITHIN + MINUTE);
  expect(bob!.replica.keys.leaf.number).toBe(before + 1);
  expect(bob!.replica.keys.refreshAt).toBeUndefined();
});

test('whoever was left out of a rotation and was given its key says so at once', async () => {
  const { town, alice, all } = await dozen();
  const bob = all[1]!;
  const second = await town.addDevice(bob, 'bob second');
  await town.live(2 * HOUR);
  expect(second.replica.keys.held.size).toBeGreaterThan(0);
  expect(second.replica.keys.leaf.number).toBe(1);
  // Nobody shared it a second time.
  const { space } = alice.replica.identity;
  const wraps = town.tape.flatMap(({ written }) => written.parcel.wraps.map((bytes) => decodeWrap(bytes)));
  expect(
    wraps.filter((wrap) => wrap.space === space && wrap.device === second.device && wrap.place === undefined),
  ).toHaveLength(1);
});
