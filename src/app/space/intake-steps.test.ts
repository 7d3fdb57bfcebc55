// Many messages at once are taken in by steps that let the page draw: that shows in nothing but time (P29).

import { expect, test } from 'vitest';
import { EVERYONE } from '#core/charter/ids.ts';
import { emptyParcel, type Parcel } from '#core/sync/parcel.ts';
import { Town, type Member } from '#tests/suites/group-replicas.ts';
import { heldNow, serve } from './offer.ts';

const MANY = 1_100;

function listen(member: Member): { readonly told: string[]; breaths: number } {
  const heard = { told: [] as string[], breaths: 0 };
  member.replica.events = {
    settled: (messages) => heard.told.push(...messages.map(({ entry }) => entry.message.id)),
    waiting: () => undefined,
    restood: () => heard.told.push('restood'),
    changed: () => undefined,
  };
  return heard;
}

test('a parcel comes to the same with breaths as without, also when what it rests on stands further back', async () => {
  const town = new Town();
  const alice = await town.found('alice');
  const [bob, carol, dave] = await town.joinThree(alice);
  await town.deliver();
  await alice.rotate(EVERYONE);
  await town.deliver();
  for (let i = 0; i < MANY; i++) await bob.say(`bob ${i}`);
  // Rests on all that Bob said.
  await town.link(bob, alice);
  for (let i = 0; i < 5; i++) await alice.say(`alice ${i}`);
  const { chains } = heldNow(alice.replica);
  const pieces = [...serve(alice.replica, { request: 1, ops: false, heads: [], records: [], chains }, carol.device)];
  const runs = pieces.flatMap((piece) => [...piece.runs]);
  const frames = pieces.flatMap((piece) => [...piece.frames]);
  const parcel: Parcel = { ...emptyParcel, runs: runs.toReversed(), frames: frames.toReversed() };
  const [quick, slow] = [listen(carol), listen(dave)];
  const breathe = (): Promise<void> => {
    slow.breaths++;
    return new Promise((resolve) => setImmediate(resolve));
  };
  Object.assign(dave.context, { breathe });
  await carol.take(parcel, true);
  await dave.take(parcel, true);
  expect(slow.breaths).toBeGreaterThan(2);
  expect(quick.told.length).toBeGreaterThan(MANY);
  expect(new Set(slow.told)).toEqual(new Set(quick.told));
  expect(slow.told).toHaveLength(new Set(slow.told).size);
  const held = ({ replica }: Member): string[] => replica.log.entries.map(({ message }) => message.id);
  expect(held(dave).toSorted()).toEqual(held(carol).toSorted());
  expect(dave.replica.pending.size).toBe(0);
  const again = dave.texts();
  await dave.flush();
  await dave.restart();
  expect(dave.texts()).toEqual(again);
});
