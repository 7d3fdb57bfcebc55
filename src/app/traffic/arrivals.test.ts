// What is known of frames that wait their turn: of which chains their runs say they are, and whether an answer is whole.

import { expect, test } from 'vitest';
import { EVERYONE } from '#core/charter/ids.ts';
import type { AeadKey } from '#core/crypto/suite.ts';
import { encodeChannelMessage, type ChannelMessage } from '#core/sync/channel-messages.ts';
import { chainKey } from '#core/sync/held.ts';
import { sealFrame } from '#core/sync/link-frames.ts';
import { decodeOpenRun, spanOfRun } from '#core/sync/open-run.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { quickSuite } from '#tests/suites/space-kit.ts';
import { Town } from '#tests/suites/group-replicas.ts';
import { heldNow, serve } from '../space/offer.ts';
import { Arrivals } from './arrivals.ts';

const key = new Uint8Array(32).fill(7) as AeadKey;
const frameOf = (message: ChannelMessage, counter: number): Uint8Array =>
  sealFrame(quickSuite, { channel: '0011223344556677', key, counter }, encodeChannelMessage(message));

test('frames that wait tell what is in them, until it is their turn', async () => {
  const town = new Town();
  const alice = await town.found('alice');
  const [bob] = await town.joinThree(alice);
  await town.deliver();
  for (let i = 0; i < 5; i++) await alice.say(`word ${i}`);
  const chain = { device: alice.device, incarnation: alice.replica.incarnation, scope: EVERYONE };
  const chains = heldNow(alice.replica).chains.filter((held) => chainKey(held.chain) === chainKey(chain));
  const [given] = serve(alice.replica, { request: 1, ops: false, heads: [], records: [], chains }, bob.device);
  const { runs } = given!;
  for (const run of runs) {
    const read = decodeOpenRun(run);
    const from = read[0]!.message.header.seq;
    expect(spanOfRun(run)).toEqual({ chain, spans: [{ from, to: from + read.length }] });
  }
  const arrivals = new Arrivals(quickSuite, key);
  const junk = new Uint8Array([1, 2, 3]);
  const parcel = { ...emptyParcel, runs: [...runs, junk] };
  const first = frameOf({ is: 'give', request: 4, last: false, parcel }, 1);
  const last = frameOf({ is: 'give', request: 4, last: true, parcel: emptyParcel }, 2);
  const damaged = first.map((byte, i) => (i === first.length - 1 ? byte ^ 1 : byte));
  for (const frame of [first, damaged]) arrivals.note(frame);
  expect(arrivals.hasLast(4)).toBe(false);
  arrivals.note(last);
  expect([arrivals.hasLast(4), arrivals.hasLast(5)]).toEqual([true, false]);
  expect(arrivals.spans(chainKey(chain))).toEqual(runs.flatMap((run) => spanOfRun(run).spans));
  expect(arrivals.take(first)).toMatchObject({ opens: true, message: { is: 'give', last: false } });
  expect(arrivals.spans(chainKey(chain))).toEqual([]);
  expect(arrivals.take(damaged)).toMatchObject({ opens: false, message: undefined });
  expect(arrivals.take(last)).toMatchObject({ opens: true, message: { is: 'give', last: true } });
  expect(arrivals.hasLast(4)).toBe(false);
  // One that was not noted is opened all the same.
  expect(arrivals.take(first)).toMatchObject({ opens: true, message: { is: 'give' } });
});
