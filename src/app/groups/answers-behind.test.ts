// Who answers what is shown stands behind it for everybody, also where it still waits for its past (chain/SPEC.md §2).

import { expect, test } from 'vitest';
import { EVERYONE, type MessageId } from '#core/charter/ids.ts';
import { MINUTE } from '#core/ports.ts';
import { gathered, type Member } from '#tests/suites/group-members.ts';
import { Town } from '#tests/suites/group-replicas.ts';
import { SessionWorld } from '#tests/suites/session-world.ts';

async function until(world: SessionWorld, isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 10_000 && !isSo(); i++) await world.pass(1);
}

test('P33 an answer in a group stands behind what it answers, which waited for its past', async () => {
  const world = await SessionWorld.start();
  const all = await gathered(world, 'founder-led', 'alice', 'bob', 'carol');
  const [alice, bob, carol] = all as [Member, Member, Member];
  const reachesBob = world.roads.part(['carol'], ['bob']);
  const reachesAll = world.roads.part(['carol'], ['alice', 'relay0']);
  const before = ['the key is under the pot', 'or was', 'and no longer is'];
  for (const text of before) await alice.say(text);
  await world.pass(3_000);
  // Bob's question finds Carol before what he asks about does, and she answers at once.
  reachesBob();
  await bob.say('which pot?');
  await until(world, () => carol.texts().length > 0);
  const again = world.roads.part(['carol'], ['bob']);
  expect(carol.texts()).toEqual(['which pot?']);
  await carol.say('the blue one');
  expect(carol.texts()).toEqual(['which pot?', 'the blue one']);
  again();
  reachesAll();
  await world.pass(2 * MINUTE);
  for (const member of all) expect(member.texts()).toEqual([...before, 'which pot?', 'the blue one']);
});

test('18 28 nobody holds a place that others could not answer behind by words that wait for ever', async () => {
  const town = new Town();
  const bob = await town.found('bob');
  const mallory = await town.join('mallory', bob);
  await town.deliver();
  const told: number[] = [];
  const waiting: typeof bob.replica.events.waiting = (entries) => {
    told.push(...entries.map(({ message }) => message.header.lamport));
  };
  bob.replica.events = { ...bob.replica.events, waiting };
  const chains = mallory.replica.chainsOf(EVERYONE);
  const { lamport } = chains.next(mallory.device, mallory.replica.incarnation);
  for (const claim of [lamport + 9, 2 ** 53 - 1]) {
    const next = chains.next(mallory.device, mallory.replica.incarnation);
    chains.next = () => ({ ...next, seen: ['fe'.repeat(32) as MessageId], lamport: claim });
    await mallory.say('read this for ever');
    Reflect.deleteProperty(chains, 'next');
  }
  await town.deliver();
  expect(bob.replica.pending.size).toBe(2);
  expect(told).toEqual([lamport + 9]);
  await bob.restart();
  const shown = [...bob.replica.pending.values()].filter((entry) => bob.replica.mayShow(entry));
  expect(shown.map(({ message }) => message.header.lamport)).toEqual([lamport + 9]);
  await bob.say('what do you mean?');
  expect(bob.replica.log.entries.at(-1)!.message.header.lamport).toBe(lamport + 10);
});
