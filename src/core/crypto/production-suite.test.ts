// Seals that ship: what opens, what does not, and that nothing depends on hidden dice.
import { CipherSuite, Aes256Gcm, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { describe, expect, it } from 'vitest';
import { concat, hex } from '../bytes/bytes.ts';
import { labelPrefix } from './hash.ts';
import { makeProductionSuite } from './production-suite.ts';
import { COINS_BYTES, SEAL_OVERHEAD, SEALING_KEY_BYTES, SealFault, WRAP_OVERHEAD } from './suite.ts';
import type { AeadKey, SealingKey, Seed } from './suite.ts';

const suite = makeProductionSuite();
const seed = new Uint8Array(32).fill(5) as Seed;
const other = new Uint8Array(32).fill(6) as Seed;
const secret = new Uint8Array(40).fill(7);
const coins = new Uint8Array(COINS_BYTES).fill(8);
const associated = new Uint8Array([1, 2, 3]);
const psk = new Uint8Array(32).fill(9);

describe.each([1, 2] as const)('wraps of suite %i', (kind) => {
  it.each([undefined, psk])(
    'open for the right seed, label, associated bytes and shared secret (%#)',
    async (shared) => {
      const options = { label: 'answer', associated, ...(shared && { psk: shared }) } as const;
      const key = await suite.sealingKeyOf(seed, kind);
      const wrapped = await suite.wrap(key, secret, { ...options, coins });
      expect(key.length).toBe(SEALING_KEY_BYTES[kind]);
      expect(wrapped.length).toBe(secret.length + WRAP_OVERHEAD[kind]);
      expect(await suite.unwrap(seed, kind, wrapped, options)).toEqual(secret);

      const wrong = [
        () => suite.unwrap(other, kind, wrapped, options),
        () => suite.unwrap(seed, kind, wrapped, { ...options, label: 'wrap' }),
        () => suite.unwrap(seed, kind, wrapped, { ...options, associated: new Uint8Array(3) }),
        () => suite.unwrap(seed, kind, wrapped, { ...options, psk: new Uint8Array(32) }),
        () => suite.unwrap(seed, kind, wrapped.slice(0, -1), options),
        () => suite.unwrap(seed, kind, new Uint8Array(10), options),
        () => suite.unwrap(seed, kind === 1 ? 2 : 1, wrapped, options),
      ];
      for (const attempt of wrong) await expect(attempt()).rejects.toBeInstanceOf(SealFault);
    },
  );

  it('depend on nothing but their arguments', async () => {
    const key = await suite.sealingKeyOf(seed, kind);
    const wrap = (dice: Uint8Array) => suite.wrap(key, secret, { label: 'wrap', associated, coins: dice });
    expect(await wrap(coins)).toEqual(await wrap(coins));
    expect(await wrap(coins)).not.toEqual(await wrap(new Uint8Array(COINS_BYTES)));
  });

  it('refuse a key that nothing can be sealed to, as a seal fault', async () => {
    const key = await suite.sealingKeyOf(seed, kind);
    const bad = [
      new Uint8Array(SEALING_KEY_BYTES[kind]),
      concat(Uint8Array.of(kind), new Uint8Array(SEALING_KEY_BYTES[kind] - 2)),
      concat(Uint8Array.of(kind), new Uint8Array(SEALING_KEY_BYTES[kind] - 1).fill(kind === 1 ? 255 : 0)),
      concat(Uint8Array.of(3), key.subarray(1)),
    ];
    for (const wrongKey of bad) {
      const attempt = suite.wrap(wrongKey as SealingKey, secret, { label: 'wrap', associated, coins });
      await expect(attempt).rejects.toBeInstanceOf(SealFault);
    }
  });
});

it('is plain HPKE: another implementation of RFC 9180 opens a wrap with the label as info and PSK id', async () => {
  const kem = new DhkemX25519HkdfSha256();
  const hpke = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  const key = await suite.sealingKeyOf(seed, 2);
  const wrapped = await suite.wrap(key, secret, { label: 'answer', associated, psk, coins });
  const info = labelPrefix('answer');
  const recipient = await hpke.createRecipientContext({
    recipientKey: await kem.importKey('raw', new Uint8Array(seed).buffer, false),
    enc: wrapped.slice(0, 32),
    info,
    psk: { id: info, key: psk },
  });
  expect(new Uint8Array(await recipient.open(wrapped.slice(32), associated))).toEqual(secret);
});

describe('seals', () => {
  const key = new Uint8Array(32).fill(1) as AeadKey;
  const nonce = new Uint8Array(24).fill(2);

  it('open only with the same key, nonce and associated bytes', () => {
    const sealed = suite.seal(key, nonce, secret, associated);
    expect(sealed.length).toBe(secret.length + SEAL_OVERHEAD);
    expect(suite.open(key, nonce, sealed, associated)).toEqual(secret);
    const flipped = sealed.map((byte, i) => (i === 4 ? byte ^ 1 : byte));
    expect(() => suite.open(key, nonce, flipped, associated)).toThrow(SealFault);
    expect(() => suite.open(key, nonce, sealed, new Uint8Array(0))).toThrow(SealFault);
    expect(() => suite.open(key, nonce.slice().fill(3), sealed, associated)).toThrow(SealFault);
    expect(() => suite.open(secret.slice(0, 32) as AeadKey, nonce, sealed, associated)).toThrow(SealFault);
    expect(() => suite.open(key, nonce, new Uint8Array(3), associated)).toThrow(SealFault);
  });

  it('say nothing about why they do not open', () => {
    try {
      suite.open(key, nonce, secret, associated);
      expect.unreachable();
    } catch (fault) {
      expect(String(fault)).toBe('SealFault: seal: does not open');
      expect(String(fault)).not.toContain(hex.encode(key));
    }
  });
});
