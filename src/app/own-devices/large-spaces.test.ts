// What is sealed for a new device holds so much and no more: of a large space it gets as much as has room, and the rest after.

import { expect, test } from 'vitest';
import type { DeviceId, Incarnation } from '#core/charter/ids.ts';
import { EVERYONE } from '#core/charter/ids.ts';
import { sealOwnSpace, tryOpenOwnSpace } from '#core/identity/own-message.ts';
import { COINS_BYTES, type Seed } from '#core/crypto/suite.ts';
import { chainKey } from '#core/sync/held.ts';
import { utf8 } from '#core/bytes/bytes.ts';
import { gathered, Member } from '#tests/suites/group-members.ts';
import { Town } from '#tests/suites/group-replicas.ts';
import { linked } from '#tests/suites/linked-devices.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';
import { handOver, takeUp } from './hand-over.ts';

const CHANNELS = 200;
const CHAINS = 2_500;

test('W13 a group with more channels than have room in what is handed over comes to a new device, all of them read', async () => {
  const world = await SessionWorld.start();
  const [alice, bob] = await gathered(world, 'founder-led', 'alice', 'bob');
  const names = Array.from(
    { length: CHANNELS },
    (_, i) => `channel ${i} of the garden, with a name as people give them`,
  );
  for (const name of names) await world.during(alice.group.createChannel({ name, readers: 'everyone' }));
  await world.pass(5_000);
  for (const name of names) await alice.say('hello', name);
  await world.pass(5_000);
  for (const name of names) bob.talk(name).markRead(bob.messages(name).at(-1)!.id);
  await world.pass(1_000);
  const laptop = new Member(world, await world.person('laptop').start());
  await linked(world, bob.person, laptop.person);
  await world.pass(20_000);
  expect(laptop.group.channels.current.map(({ name }) => name).sort()).toEqual(
    bob.group.channels.current.map(({ name }) => name).sort(),
  );
  expect(laptop.group.channels.current.filter(({ unread }) => unread > 0)).toEqual([]);
});

test('W13 a group with a long log and more chains than one message names is handed over all the same', async () => {
  const town = new Town();
  const alice = await town.found('alice');
  const relays = (i: number) =>
    Array.from({ length: 8 }, (_, k) => `wss://${`${k}`.repeat(200)}${i}.example/p2p/${'x'.repeat(52)}`);
  for (let i = 0; i < 30; i++) await alice.act({ type: 'relays', relays: relays(i) });
  const { replica } = alice;
  for (let i = 0; i < CHAINS; i++) {
    const device = i.toString(16).padStart(64, '0') as DeviceId;
    const chain = { device, scope: EVERYONE, incarnation: '00'.repeat(8) as Incarnation };
    replica.held.set(chainKey(chain), { chain, spans: [{ from: 0, to: i + 1 }] });
  }
  const { context, identity } = replica;
  const { own } = (await handOver(replica, { facts: utf8('facts'), recovery: undefined }))!;
  const seed = alice.dice.bytes(32) as Seed;
  const to = await context.suite.sealingKeyOf(seed, 1);
  const of = { to: 'aa'.repeat(32), space: identity.space };
  const sealed = await sealOwnSpace(context.suite, to, { ...of, own, coins: alice.dice.bytes(COINS_BYTES) });
  const opened = await tryOpenOwnSpace(context.suite, seed, { ...of, sealed });
  expect(opened).toBeDefined();
  const taken = await takeUp(context, identity.space, opened!);
  expect(taken!.chains.length).toBeGreaterThan(300);
  // The longest of them.
  expect(taken!.chains[0]!.spans).toEqual([{ from: 0, to: CHAINS }]);
});
