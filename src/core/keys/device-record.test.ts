// What devices publish about themselves, and how their sealing keys come and go (protocol §3, §4).
import { describe, expect, it } from 'vitest';
import { EVERYONE, type Incarnation } from '#core/charter/ids.ts';
import { hash } from '#core/crypto/hash.ts';
import type { Bytes } from '#core/bytes/bytes.ts';
import { DAY, type Millis } from '#core/ports.ts';
import { deviceNamed, makePair, quickSuite } from '#tests/suites/space-kit.ts';
import {
  decodeSignedRecord,
  encodeSignedRecord,
  newerRecord,
  sealingKeyIdOf,
  signRecord,
  verifyRecord,
  type DeviceRecord,
} from './device-record.ts';
import { eraseFormer, FORMER_KEPT, leafKeyFor, newLeaf, refreshLeaf, type LeafKey } from './leaf.ts';
import {
  charterKeyOf,
  chatChainKeyOf,
  documentKeyOf,
  headerKeyOf,
  scopeKeyOf,
  topicSeedOf,
  type ScopeSecret,
} from './scope-key.ts';
import type { Seed } from '#core/crypto/suite.ts';

const byte = (n: number) => hash('op', new Uint8Array([n])) as Bytes;

async function recordOf(claim: Partial<DeviceRecord> = {}) {
  const { replica, alice } = await makePair();
  const sealingKey = await quickSuite.sealingKeyOf(byte(1) as Seed, 1);
  const record = {
    space: replica.charter.space,
    device: alice.device,
    number: 3,
    sealingKey,
    inboxSecret: byte(2),
    ...claim,
  };
  return { record, alice, signed: await signRecord(record, alice.seed, quickSuite) };
}

describe('a device record', () => {
  it('travels whole and is its device’s own word', async () => {
    const { record, signed } = await recordOf();
    const read = decodeSignedRecord(encodeSignedRecord(signed));
    expect(read).toEqual(signed);
    expect(read.record).toEqual(record);
    expect(await verifyRecord(read, quickSuite)).toBe(true);
  });

  it('signed by another device is nobody’s word', async () => {
    const { record } = await recordOf();
    const mallory = await deviceNamed('mallory');
    expect(await verifyRecord(await signRecord(record, mallory.seed, quickSuite), quickSuite)).toBe(false);
  });

  it('gives way to one with a higher number, and of two with one number all keep the same', async () => {
    const { signed: old } = await recordOf();
    const { signed: next } = await recordOf({ number: 4 });
    const { signed: twin } = await recordOf({ inboxSecret: byte(9) });
    expect(newerRecord(undefined, old)).toBe(old);
    expect(newerRecord(old, next)).toBe(next);
    expect(newerRecord(next, old)).toBe(next);
    expect(newerRecord(old, twin)).toBe(newerRecord(twin, old));
  });
});

describe('a device’s own sealing keys', () => {
  const key = (n: number): LeafKey => ({ seed: byte(n) as Seed, suite: 1, id: sealingKeyIdOf(byte(n) as never) });
  const now = (100 * DAY) as Millis;

  it('are replaced with a higher number, and old ones open what was on its way', () => {
    const leaf = refreshLeaf(newLeaf(key(1)), key(2), now);
    expect(leaf.number).toBe(1);
    expect([1, 2, 3].map((n) => leafKeyFor(leaf, key(n).id)?.seed)).toEqual([key(1).seed, key(2).seed, undefined]);
  });

  it('are erased once a rotation named a newer one, else after a week', () => {
    const leaf = refreshLeaf(refreshLeaf(newLeaf(key(1)), key(2), now), key(3), (now + DAY) as Millis);
    const ids = (erased: typeof leaf) => erased.former.map(({ id }) => id);
    expect(ids(eraseFormer(leaf, key(3).id, now))).toEqual([]);
    expect(ids(eraseFormer(leaf, key(2).id, now))).toEqual([key(2).id]);
    expect(eraseFormer(leaf, undefined, now)).toBe(leaf);
    expect(eraseFormer(leaf, key(9).id, now)).toBe(leaf);
    expect(ids(eraseFormer(leaf, undefined, (now + FORMER_KEPT) as Millis))).toEqual([key(2).id]);
  });
});

it('derives another key for every use, scope, device, incarnation, day and space', async () => {
  const [one, two] = [await makePair({ name: 'one' }), await makePair({ name: 'two' })];
  const secret = byte(5) as ScopeSecret;
  const inc = (n: string) => n.repeat(16) as Incarnation;
  const keys = [one, two].flatMap(({ replica, alice, bob }) => {
    const { space } = replica.charter;
    return [EVERYONE, 'stewards' as typeof EVERYONE].flatMap((scope) => {
      const key = scopeKeyOf(space, scope, secret);
      const chains = [alice, bob].flatMap(({ device }) =>
        ['1', '2'].map((n) => ({ device, scope, incarnation: inc(n) })),
      );
      return [
        headerKeyOf(space, key),
        charterKeyOf(space, key),
        topicSeedOf(space, key, 1),
        topicSeedOf(space, key, 2),
        ...chains.flatMap((chain) => [documentKeyOf(space, key, chain), chatChainKeyOf(space, key, chain)]),
      ].map((bytes) => Buffer.from(bytes).toString('hex'));
    });
  });
  expect(new Set(keys).size).toBe(keys.length);
});
