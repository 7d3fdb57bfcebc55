// A contact, a stranger or a relay node that sends anything at all: nothing throws, nothing changes that must not.

import { expect, test } from 'vitest';
import { concat, hex, utf8, type Bytes } from '#core/bytes/bytes.ts';
import type { PeerId } from '#core/ports.ts';
import { encode } from '#core/wire/cbor.ts';
import { emptyParcel, PART_NAMES, type Parcel } from '#core/sync/parcel.ts';
import { Dice } from '#tests/sim/dice.ts';
import { SimNetwork } from '#tests/sim/sim-network.ts';
import { SessionWorld, twoContacts } from '#tests/suites/session-world.ts';
import { Disk } from './disk.ts';
import { EventQueue } from './event-queue.ts';
import { wrapAgreement } from '#core/keys/wrap.ts';
import { foundSelf } from './space/found.ts';
import { write } from './space/author.ts';
import { takeParcel } from './space/intake.ts';
import type { SpaceContext } from './space/replica.ts';

const dice = new Dice(3, 'hostile');

function junk(): Bytes {
  const length = dice.roll(300);
  const shapes: (() => Bytes)[] = [
    () => dice.bytes(length),
    () => encode([dice.bytes(length), dice.bytes(64)]),
    () => encode({ v: 1, messages: [[dice.bytes(length)]], signature: dice.bytes(64) }),
    () => encode({ v: dice.roll(3), t: 'have', n: dice.roll(1_000) }),
    () => concat(new Uint8Array([dice.roll(3)]), encode({ v: 1, t: 'hello', nonce: dice.bytes(32) })),
  ];
  return shapes[dice.roll(shapes.length)]!();
}

test('P17 27: parcels of junk are refused part by part, and cost little', async () => {
  const { world, suite } = new SessionWorld();
  const queue = new EventQueue();
  const clock = world.clock(() => 0);
  const rows = {
    get: () => Promise.resolve(undefined),
    list: () => Promise.resolve([]),
    commit: () => Promise.resolve(),
  };
  const disk = new Disk({ rows, clock, queue, changed: () => undefined });
  const agreement = wrapAgreement(dice, suite);
  const context: SpaceContext = { suite, agreement, random: dice, clock, logger: world.logger(), disk };
  const replica = await foundSelf(context);
  await write(replica, { kind: 'chat', body: utf8('mine') }, () => undefined);
  const before = [replica.charter.heads, replica.log.entries.length, replica.keys.held.size];
  for (let i = 0; i < 300; i++) {
    const parcel: Record<string, readonly Bytes[]> = { ...emptyParcel };
    for (const name of PART_NAMES) parcel[name] = Array.from({ length: dice.roll(4) }, junk);
    await takeParcel(replica, parcel as unknown as Parcel, true);
  }
  expect([replica.charter.heads, replica.log.entries.length, replica.keys.held.size]).toEqual(before);
  expect(replica.parked.size).toBeLessThanOrEqual(256);
});

test('27: a stranger who links to us and talks gets nothing but our greeting, and is dropped', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  const stranger = new SimNetwork(world.roads, 'stranger', hex.encode(dice.bytes(8)) as PeerId);
  const heard: Bytes[] = [];
  let isEnded = false;
  const meeting = { peer: alice.network.self, relays: [] };
  const link = await world.during(stranger.openPeer(meeting, 'relays', new AbortController().signal));
  link.onframe = (frame) => heard.push(frame);
  link.onclose = () => (isEnded = true);
  for (let i = 0; i < 200; i++) {
    link.send(junk());
    await world.pass(20);
  }
  await world.pass(12_000);
  expect(isEnded).toBe(true);
  expect(heard.length).toBeGreaterThan(0);
  // A greeting is a nonce and an echo; it is as long for everybody.
  expect(Math.max(...heard.map(({ length }) => length))).toBeLessThan(120);
  await alice.say('still here');
  await world.pass(1_000);
  expect(bob.texts()).toEqual(['still here']);
});

test('P10: what is missing shows as a gap, and heals as soon as somebody has it', async () => {
  const world = await SessionWorld.start();
  const { alice, bob } = await twoContacts(world);
  await alice.say('one');
  await world.pass(2_000);
  // The road from alice loses everything but what comes through the mailbox, and the relay node loses its disk.
  const mend = world.roads.cut('alice', 'bob');
  await bob.stop();
  await alice.say('two');
  await world.pass(5_000);
  await world.loseMail();
  await world.pass(25_000);
  await alice.say('three');
  await world.pass(5_000);
  await bob.start();
  await world.pass(6_000);
  expect(bob.timeline()).toMatchObject([{ text: 'one' }, { is: 'gap', missing: 1 }, { text: 'three' }]);
  // The receipt for what came says what did not, so that it is left once more.
  await world.pass(30_000);
  expect(bob.texts()).toEqual(['one', 'two', 'three']);
  expect(bob.timeline().every((entry) => entry.is === 'message')).toBe(true);
  mend();
});
