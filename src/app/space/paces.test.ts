// What was missed of devices that wrote at different paces comes so that nothing waits for what was not asked for
// (sync/SPEC.md §4; P10).

import { expect, test } from 'vitest';
import { HOUR, type Millis } from '#core/ports.ts';
import { Channel } from '#core/sync/channel.ts';
import { Town } from '#tests/suites/group-replicas.ts';
import { heldNow, serve } from './offer.ts';

test('P10 of somebody who says much and somebody who answers late, the words come in their order', async () => {
  const town = new Town();
  const alice = await town.found('alice');
  const bob = await town.join('bob', alice);
  const carol = await town.join('carol', alice);
  await town.live(HOUR);
  carol.isOn = false;
  for (let i = 0; i < 4_000; i++) await alice.say(`much ${i}`);
  await town.deliver();
  for (let i = 0; i < 1_300; i++) await bob.say(`late ${i}`);
  await town.deliver();

  const { replica } = carol;
  const channel = new Channel({
    durable: () => heldNow(replica),
    spans: (chain) => replica.spans(chain),
    hasOp: (op) => replica.charter.ops.has(op),
    recordNumber: (device) => replica.records.get(device)?.record.number,
    knows: () => true,
    heads: () => replica.charter.heads,
    isForNow: () => false,
    coming: () => [],
    hasArrived: () => false,
  });
  const held = heldNow(alice.replica);
  const [wanted] = channel.hear({ is: 'have', n: 1, whole: true, held }, 0 as Millis).flatMap((effect) => {
    return effect.is === 'send' && effect.message.is === 'want' ? [effect.message.want] : [];
  });
  const waiting: number[] = [];
  for (const piece of serve(alice.replica, wanted!, carol.device)) {
    await carol.take(piece, alice.device);
    waiting.push(replica.pending.size);
  }
  expect(waiting.length).toBeGreaterThan(3);
  expect(Math.max(...waiting)).toBe(0);
});
