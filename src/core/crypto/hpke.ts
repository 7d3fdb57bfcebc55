// HPKE (RFC 9180) with the coins given by the caller: X-Wing (suite 1) or X25519 alone (suite 2), SPEC.md §4.

import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { XWing } from '@hpke/hybridkem-x-wing';
import { x25519 } from '@noble/curves/ed25519.js';
import { concat, type Bytes } from '../bytes/bytes.ts';
import { labelPrefix } from './hash.ts';
import { deriveX25519 } from './x25519.ts';
import { COINS_BYTES, SEALING_KEY_BYTES, SealFault, type SealingKey, type SealingSuite } from './suite.ts';
import type { Seed, WrapOptions } from './suite.ts';

/** Bytes of the encapsulated key, which stands before the ciphertext. */
const ENCAPSULATION_BYTES: Readonly<Record<SealingSuite, number>> = { 1: 1_120, 2: 32 };

interface Hpke {
  readonly suite: CipherSuite;
  readonly publicKeyOf: (seed: Seed) => Promise<Uint8Array>;
  /** X-Wing makes its public key from the seed while it opens; making it before would double the work. */
  readonly opensWithSeedAlone: boolean;
}

const made = new Map<SealingSuite, Hpke>();

/** Made when first asked for: X-Wing's tables need not be built by who never wraps. */
function hpkeOf(suite: SealingSuite): Hpke {
  let hpke = made.get(suite);
  if (hpke === undefined) {
    hpke = suite === 1 ? makeXWing() : makeX25519();
    made.set(suite, hpke);
  }
  return hpke;
}

/** X-Wing as its package has it, with the platform's X25519 inside. */
export function xWingKem(derive: typeof deriveX25519 = deriveX25519): XWing {
  return Object.assign(new XWing(), { _x25519: { derive } });
}

function makeXWing(): Hpke {
  const kem = xWingKem();
  return {
    suite: new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() }),
    publicKeyOf: async (seed) => {
      const pair = await kem.generateKeyPairDerand(new Uint8Array(seed));
      return new Uint8Array(await kem.serializePublicKey(pair.publicKey));
    },
    opensWithSeedAlone: true,
  };
}

function makeX25519(): Hpke {
  const kem = new DhkemX25519HkdfSha256();
  return {
    suite: new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() }),
    publicKeyOf: async (seed) => x25519.getPublicKey(seed),
    opensWithSeedAlone: false,
  };
}

/** X-Wing keys, which take long to make, for as long as the seed object that they belong to is in memory. */
const xWingKeys = new WeakMap<Seed, Promise<SealingKey>>();

/** Suite byte ‖ public key of the seed. The seed is the private key of either KEM. */
export function sealingKeyOf(seed: Seed, suite: SealingSuite): Promise<SealingKey> {
  const known = suite === 1 ? xWingKeys.get(seed) : undefined;
  if (known !== undefined) return known;
  const key = makeSealingKey(seed, suite);
  if (suite === 1) xWingKeys.set(seed, key);
  return key;
}

async function makeSealingKey(seed: Seed, suite: SealingSuite): Promise<SealingKey> {
  return concat(Uint8Array.of(suite), await hpkeOf(suite).publicKeyOf(seed)) as SealingKey;
}

/** Throws `SealFault` for a key that nothing can be sealed to: keys come from others. */
export async function wrap(
  to: SealingKey,
  secret: Uint8Array,
  options: WrapOptions & { readonly coins: Uint8Array },
): Promise<Bytes> {
  const kind = suiteOf(to);
  if (options.coins.length !== COINS_BYTES) throw new Error('hpke: 64 bytes of coins are needed');
  const { suite } = hpkeOf(kind);
  try {
    const recipientPublicKey = await suite.kem.deserializePublicKey(new Uint8Array(to.subarray(1)));
    const sender = await suite.createSenderContext({
      recipientPublicKey,
      ekm: new Uint8Array(options.coins),
      ...scheduleOf(options),
    });
    const sealed = await sender.seal(new Uint8Array(secret), new Uint8Array(options.associated));
    return concat(new Uint8Array(sender.enc), new Uint8Array(sealed));
  } catch {
    throw new SealFault();
  }
}

export async function unwrap(
  seed: Seed,
  kind: SealingSuite,
  wrapped: Uint8Array,
  options: WrapOptions,
): Promise<Bytes> {
  const { suite, publicKeyOf, opensWithSeedAlone } = hpkeOf(kind);
  const split = ENCAPSULATION_BYTES[kind];
  if (wrapped.length < split) throw new SealFault();
  try {
    const privateKey = await suite.kem.deserializePrivateKey(new Uint8Array(seed));
    const recipientKey = opensWithSeedAlone
      ? privateKey
      : { privateKey, publicKey: await suite.kem.deserializePublicKey(new Uint8Array(await publicKeyOf(seed))) };
    const enc = wrapped.slice(0, split);
    const recipient = await suite.createRecipientContext({ recipientKey, enc, ...scheduleOf(options) });
    return new Uint8Array(await recipient.open(wrapped.slice(split), new Uint8Array(options.associated)));
  } catch {
    throw new SealFault();
  }
}

/** `info` and `psk_id` both carry the label, so that no wrap opens as another kind of wrap. */
function scheduleOf(options: WrapOptions): { info: Bytes; psk?: { id: Bytes; key: Bytes } } {
  const info = labelPrefix(options.label);
  if (options.psk === undefined) return { info };
  if (options.psk.length !== 32) throw new Error('hpke: a shared secret has 32 bytes');
  return { info, psk: { id: info, key: new Uint8Array(options.psk) } };
}

function suiteOf(key: SealingKey): SealingSuite {
  const kind = key[0];
  if ((kind !== 1 && kind !== 2) || key.length !== SEALING_KEY_BYTES[kind]) throw new SealFault();
  return kind;
}
