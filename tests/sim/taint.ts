// Looks for what no relay node may ever hold: private keys, and words that people wrote. Every key that an app uses is
// noted when it is used; every byte that went to a relay node is looked through afterwards.

import { hex, utf8, type Bytes } from '#core/bytes/bytes.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';

/** Shorter ones would be found by chance. */
const SHORTEST = 6;
/** A sieve of this many bits, by the first four bytes of what is looked for. */
const SIEVE_BITS = 20;

export class Taint {
  readonly #needles = new Map<number, Needle[]>();
  readonly #sieve = new Uint8Array(1 << SIEVE_BITS);
  readonly #bytes: Bytes[] = [];

  /** Something that must not be seen, and what to call it. */
  note(name: string, bytes: Uint8Array): void {
    if (bytes.length < SHORTEST) return;
    const head = headOf(bytes, 0);
    const known = this.#needles.get(head);
    if (known === undefined) this.#needles.set(head, [{ name, bytes: bytes.slice() }]);
    else if (!known.some((needle) => startsWith(bytes, 0, needle.bytes))) known.push({ name, bytes: bytes.slice() });
    this.#sieve[placeOf(head)] = 1;
  }

  words(name: string, words: string): void {
    this.note(name, utf8(words));
  }

  /** These bytes went to a relay node. */
  reached(frame: Uint8Array): void {
    this.#bytes.push(frame.slice());
  }

  /** One line for each thing that was found. */
  found(): readonly string[] {
    const found = new Set<string>();
    for (const bytes of this.#bytes) {
      for (let at = 0; at + SHORTEST <= bytes.length; at++) {
        const head = headOf(bytes, at);
        if (this.#sieve[placeOf(head)] === 0) continue;
        for (const needle of this.#needles.get(head) ?? []) {
          if (startsWith(bytes, at, needle.bytes)) found.add(`${needle.name} ${hex.encode(needle.bytes).slice(0, 12)}`);
        }
      }
    }
    return [...found].sort();
  }
}

interface Needle {
  readonly name: string;
  readonly bytes: Uint8Array;
}

function headOf(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function placeOf(head: number): number {
  return Math.imul(head, 0x9e3779b1) >>> (32 - SIEVE_BITS);
}

function startsWith(bytes: Uint8Array, at: number, needle: Uint8Array): boolean {
  if (at + needle.length > bytes.length) return false;
  for (let i = 0; i < needle.length; i++) if (bytes[at + i] !== needle[i]) return false;
  return true;
}

/** The same primitives; each private key they are given is noted. */
export function watched(suite: CryptoSuite, taint: Taint): CryptoSuite {
  return {
    ...suite,
    signingKeyOf: (seed) => {
      taint.note('a signing key', seed);
      return suite.signingKeyOf(seed);
    },
    sealingKeyOf: (seed, kind) => {
      taint.note('a sealing key', seed);
      return suite.sealingKeyOf(seed, kind);
    },
    seal: (key, nonce, plain, associated) => {
      taint.note('a key', key);
      return suite.seal(key, nonce, plain, associated);
    },
  };
}
