// The primitives that ship: WebCrypto first, noble where a browser lacks one, HPKE by @hpke (SPEC.md).

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concat, type Bytes } from '../bytes/bytes.ts';
import { isAcceptableKey, nobleEd25519, noteDerived, precheck, webEd25519, type Ed25519 } from './ed25519.ts';
import { labelPrefix } from './hash.ts';
import { sealingKeyOf, unwrap, wrap } from './hpke.ts';
import { SealFault, type CryptoSuite } from './suite.ts';

/** Who computes Ed25519. `auto` asks the platform once; the others let tests hold both against each other. */
export type Ed25519Choice = 'auto' | 'platform' | 'noble';

/** The shipped suite. Cheap to make; keys' handles are kept in memory for as long as it lives. */
export function makeProductionSuite(choice: Ed25519Choice = 'auto'): CryptoSuite {
  let chosen: Promise<Ed25519> | undefined;
  const curve = (): Promise<Ed25519> => (chosen ??= choose(choice));
  return {
    signingKeyOf: async (seed) => noteDerived(await (await curve()).keyOf(seed)),
    sign: async (label, message, seed) => (await curve()).sign(concat(labelPrefix(label), message), seed),
    verify: async (label, message, signature, key) => {
      if (!precheck(signature, key)) return false;
      try {
        return await (await curve()).verify(concat(labelPrefix(label), message), new Uint8Array(signature), key);
      } catch {
        return false; // an engine that throws on some bytes must not have a verdict of its own
      }
    },
    isAcceptableKey,
    sealingKeyOf,
    wrap,
    unwrap,
    seal: (key, nonce, plain, associated) => xchacha20poly1305(key, nonce, associated).encrypt(plain) as Bytes,
    open: (key, nonce, sealed, associated) => {
      try {
        return xchacha20poly1305(key, nonce, associated).decrypt(sealed) as Bytes;
      } catch {
        throw new SealFault();
      }
    },
  };
}

async function choose(choice: Ed25519Choice): Promise<Ed25519> {
  if (choice === 'noble') return nobleEd25519;
  const web = await webEd25519();
  if (web === undefined && choice === 'platform') throw new Error('ed25519: this platform has none');
  return web ?? nobleEd25519;
}
