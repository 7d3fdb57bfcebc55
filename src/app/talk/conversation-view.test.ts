// Ten thousand own messages that are delivered at once are looked up a little at a time, and come to the same as at once.

import { expect, test } from 'vitest';
import type { DeviceId, Incarnation, MessageId, PrincipalId, SpaceId } from '#core/charter/ids.ts';
import { EVERYONE } from '#core/charter/ids.ts';
import type { Millis } from '#core/ports.ts';
import { nothingHeld, type HeldChain } from '#core/sync/held.ts';
import type { Disk } from '../disk.ts';
import { Peers } from '../space/peers.ts';
import type { Replica } from '../space/replica.ts';
import { ConversationView } from './conversation-view.ts';

const MANY = 10_000;
/** Look-ups between two looks at the page: some milliseconds on a slow phone. */
const FEW = 600;
const NOW = 1 as Millis;

const [mine, theirs] = ['a'.repeat(64), 'b'.repeat(64)] as DeviceId[];
const chain = { device: mine!, scope: EVERYONE, incarnation: '0011223344556677' as Incarnation };
const idOf = (i: number): MessageId => i.toString(16).padStart(64, '0') as MessageId;

/**
 * A conversation of own words, all on the own disk; how often it was looked up how far a message has come, and how often
 * which one that is; a way to have all delivered.
 */
function conversation(): {
  readonly view: ConversationView;
  readonly looks: () => number;
  readonly finds: () => number;
  readonly deliver: () => void;
} {
  let [looks, finds] = [0, 0];
  const peers = new Peers('space' as SpaceId);
  const held: HeldChain = { chain, spans: [{ from: 0, to: MANY }] };
  const replica = {
    identity: { device: mine },
    view: { devices: new Map([mine, theirs].map((device) => [device, {}])) },
    isMine: (device: DeviceId) => device === mine,
    peers,
    durable: { ...nothingHeld, chains: [held] },
    entryAt: (id: MessageId) => {
      finds++;
      const header = {
        device: chain.device,
        scope: chain.scope,
        get incarnation() {
          looks++;
          return chain.incarnation;
        },
        seq: Number.parseInt(id, 16),
      };
      return { message: { header } };
    },
    chainsOf: () => ({ gaps: () => [] }),
  };
  const view = new ConversationView(replica as unknown as Replica);
  for (let i = 0; i < MANY; i++) {
    const place = { id: idOf(i), lamport: i + 1, author: 'me' as PrincipalId, mine: true, heardAt: NOW, arrival: i };
    view.timeline.add({ ...place, body: { kind: 'chat', text: `${i}`, at: NOW } as never });
  }
  const disk = { put: () => undefined } as unknown as Disk;
  const deliver = (): void => peers.confirm(theirs!, { ...nothingHeld, chains: [held] }, disk);
  return { view, looks: () => looks, finds: () => finds, deliver };
}

test('many messages that come, and that are delivered, are looked up a few between two breaths', async () => {
  const { view, looks, finds, deliver } = conversation();
  const once = conversation();
  let [last, most] = [0, 0];
  const breathe = (): undefined => {
    most = Math.max(most, looks() - last);
    last = looks();
  };
  for (const event of [() => undefined, deliver]) {
    event();
    const drawn = await view.entriesInSteps(NOW, breathe);
    breathe();
    if (event === deliver) once.deliver();
    expect(drawn).toEqual(once.view.entries(NOW));
    expect(view.waiting).toBe(once.view.waiting);
  }
  expect(view.waiting).toBe(0);
  expect([looks(), finds()]).toEqual([2 * MANY, MANY]);
  expect(most).toBeLessThanOrEqual(FEW);
});
