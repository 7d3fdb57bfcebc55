import { describe, expect, it } from 'vitest';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import { hex } from '#core/bytes/bytes.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { addOp, addOps, emptyCharter } from './charter.ts';
import type { DeviceId, SpaceId } from './ids.ts';
import { viewOf } from './view.ts';
import { verifyOp } from './verify-op.ts';
import { addDeviceBody, pairGenesis, writeOp, type Author } from './write-op.ts';
import { decodeSignedOp, encodeSignedOp } from './op.ts';

const suite = makeProductionSuite();
async function author(n: number): Promise<Author> {
  const seed = new Uint8Array(32).fill(n) as Bytes as Seed;
  return { device: hex.encode(await suite.signingKeyOf(seed)) as DeviceId, seed };
}

describe('smoke', () => {
  it('pairs', async () => {
    const [card, answerer, fresh] = [await author(1), await author(2), await author(3)];
    const cardBytes = new Uint8Array(10) as Bytes;
    const genesis = await pairGenesis(
      answerer,
      {
        cardKey: card.device,
        card: cardBytes,
        consent: await suite.sign('card', cardBytes, card.seed),
        recovery: undefined,
      },
      suite,
    );
    expect(await verifyOp(decodeSignedOp(encodeSignedOp(genesis)), suite)).toBeDefined();
    let charter = addOp(emptyCharter(genesis.id as string as SpaceId), genesis).charter;
    const view = viewOf(charter)!;
    const add = await writeOp(
      charter,
      card,
      await addDeviceBody(fresh, { space: view.space, principal: view.principals[0]!.id }, suite),
      suite,
    );
    expect(await verifyOp(add, suite)).toBeDefined();
    charter = addOp(charter, add).charter;
    const end = await writeOp(
      charter,
      card,
      {
        type: 'device',
        act: 'end',
        binding: view.principals[0]!.devices[0]!.binding,
        device: card.device,
        frontier: [],
      },
      suite,
    );
    charter = addOp(charter, end).charter;
    const rel = await writeOp(charter, fresh, { type: 'relays', relays: ['x'] }, suite);
    expect(addOps(charter, [rel]).outcomes).toEqual(['added']);
    charter = addOp(charter, rel).charter;
    expect(viewOf(charter)!.relays).toEqual(['x']);
    expect(viewOf(charter)!.principals[0]!.devices.map((d) => d.isLive)).toEqual([false, true]);
  });
});
