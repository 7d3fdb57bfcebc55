// A checkpoint that waits for its past may wait for the very message that it replaces, and whoever made it may have been
// ended since: who comes by the links still gets on (sync/SPEC.md §6).

import { expect, test } from 'vitest';
import { EVERYONE, type MessageId } from '#core/charter/ids.ts';
import { encodeAttest, encodeDocCheckpoint, type StateHash } from '#core/docs/doc-checkpoint.ts';
import { encodeDocUpdate, type DocumentId } from '#core/docs/doc-update.ts';
import { HOUR } from '#core/ports.ts';
import { Town, type Member } from '#tests/suites/group-replicas.ts';
import { GroupLasting } from './lasting.ts';
import { heldNow, serve } from './offer.ts';
import { revokeBody } from './revoking.ts';

const document = '01'.repeat(16) as DocumentId;
const state = '02'.repeat(32) as StateHash;

interface Cast {
  readonly town: Town;
  readonly alice: Member;
  readonly bob: Member;
  readonly carol: Member;
  readonly dave: Member;
  /** What Alice wrote, and Bob’s checkpoint of it. */
  readonly change: MessageId;
  readonly checkpoint: MessageId;
}

const last = ({ replica }: Member): MessageId => replica.log.entries.at(-1)!.message.id;

/** Alice removes Bob, not having heard of his checkpoint, for which Dave speaks before he hears of this, or after. Carol is away. */
async function cast(daveSpeaks: 'before' | 'after'): Promise<Cast> {
  const town = new Town();
  const alice = await town.found('alice');
  const [bob, carol, dave] = await town.joinThree(alice);
  await town.live(HOUR);
  for (const { replica } of town.members) replica.lasting = new GroupLasting(replica, () => true);
  await alice.sayBytes(encodeDocUpdate({ document, schema: 1, update: new Uint8Array(9) }), 'doc.update');
  const change = last(alice);
  await town.deliver(bob, dave);
  const { device, incarnation, seq } = alice.replica.log.get(change)!.message.header;
  const covers = [{ device, incarnation, spans: [{ from: seq, to: seq + 1 }] }];
  const claim = { is: 'claim', document, state, parts: 1, base: undefined, covers } as const;
  await bob.sayBytes(encodeDocCheckpoint(claim), 'doc.checkpoint');
  const checkpoint = last(bob);
  await town.deliver(dave);
  const speak = () => dave.sayBytes(encodeAttest({ checkpoint, agrees: true }), 'attest');
  if (daveSpeaks === 'before') await speak();
  await alice.act(revokeBody(alice.replica, bob.principal));
  await town.deliver(dave);
  if (daveSpeaks === 'after') await speak();
  dave.replica.shred(change);
  return { town, alice, bob, carol, dave, change, checkpoint };
}

/** All that Dave has of some chains, as he gives it. */
async function give(dave: Member, carol: Member, isMeant: (of: Member['device']) => boolean): Promise<void> {
  const { chains, records } = heldNow(dave.replica);
  const wanted = chains.filter(({ chain }) => chain.scope === EVERYONE && isMeant(chain.device));
  const want = { request: 1, ops: true, heads: carol.replica.charter.heads, records, chains: wanted };
  for (const piece of serve(dave.replica, want, carol.device)) await carol.take(piece, dave.device);
}

test('what a checkpoint replaces comes without its body also where the checkpoint waits for it and its maker was removed', async () => {
  const { alice, carol, dave, change, checkpoint } = await cast('before');
  await give(dave, carol, (of) => of !== alice.device);
  expect([...carol.replica.pending.keys()]).toContain(checkpoint);
  // Until it settles nobody is shown what it says.
  expect(carol.replica.standing.stands(checkpoint)).toBe(false);
  await give(dave, carol, (of) => of === alice.device);
  expect(carol.replica.log.get(change)).toMatchObject({ open: undefined, stands: true });
  expect(carol.replica.pending.size).toBe(0);
  expect(carol.replica.standing.stands(checkpoint)).toBe(true);
});

test('nothing comes without its body for a waiting checkpoint that will be void', async () => {
  const { town, alice, carol, dave, change, checkpoint } = await cast('after');
  await give(dave, carol, (of) => of !== alice.device);
  await give(dave, carol, (of) => of === alice.device);
  expect(carol.replica.log.get(change)).toBeUndefined();
  expect([...carol.replica.pending.keys()]).toContain(checkpoint);
  await town.link(alice, carol);
  expect(carol.replica.log.get(change)?.open).toBeDefined();
  expect(carol.replica.standing.stands(checkpoint)).toBe(false);
});
