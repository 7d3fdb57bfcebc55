// Somebody who was put out of a group, with everything their device ever kept and a recording of all that was sent since.
// Reads rows and ciphertext themselves: no rule of the app is in the way, only keys are.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import { EVERYONE, type Scope, type SpaceId } from '#core/charter/ids.ts';
import { bytesOfId } from '#core/charter/op.ts';
import { decodeFrame, decodeRun } from '#core/chain/frame.ts';
import { messageOf, openBody, type Message } from '#core/chain/message.ts';
import { SealFault, type AeadKey, type CryptoSuite, type SealingSuite, type Seed } from '#core/crypto/suite.ts';
import { decodeRatchet, startRatchet, takeKey, type Ratchet } from '#core/keys/ratchet.ts';
import {
  chatChainKeyOf,
  documentKeyOf,
  headerKeyOf,
  scopeKeyOf,
  topicSeedOf,
  type ScopeKey,
  type ScopeSecret,
} from '#core/keys/scope-key.ts';
import { decodeWrap, wrapAgreement, type OpenerKey } from '#core/keys/wrap.ts';
import type { Millis } from '#core/ports.ts';
import type { Parcel } from '#core/sync/parcel.ts';
import { decode } from '#core/wire/cbor.ts';
import { KITCHEN, STEWARDS, type MemoryRows } from './group-replicas.ts';
import { seededRandom } from './seeded.ts';

const SCOPES: readonly Scope[] = [EVERYONE, KITCHEN, STEWARDS];

export class Thief {
  readonly #space: SpaceId;
  readonly #suite: CryptoSuite;
  readonly secrets = new Map<string, Bytes>();
  readonly openers: OpenerKey[] = [];
  readonly #ratchets: Ratchet[] = [];

  /** `rows`: every state of the disk that was ever copied, the last one included. */
  constructor(space: SpaceId, suite: CryptoSuite, disks: readonly MemoryRows[]) {
    this.#space = space;
    this.#suite = suite;
    for (const disk of disks) this.#read(disk);
  }

  #read({ rows }: MemoryRows): void {
    for (const [id, value] of rows.get(`key:${this.#space}`) ?? []) {
      const row = decode(value, 'row', 200_000) as Record<string, unknown>;
      if (id !== 'leaf') {
        this.#learn(row['secret'] as Bytes);
        continue;
      }
      for (const [, seed, suite] of [row['current'], ...(row['former'] as unknown[])] as [
        Bytes,
        Seed,
        SealingSuite,
      ][]) {
        this.openers.push({ seed, suite });
      }
    }
    for (const value of rows.get(`ratchet:${this.#space}`)?.values() ?? []) this.#ratchets.push(decodeRatchet(value));
  }

  #learn(secret: Bytes): boolean {
    const name = hex.encode(secret);
    if (this.secrets.has(name)) return false;
    this.secrets.set(name, secret);
    return true;
  }

  /** A secret under every name it could go by. */
  #keys(): ScopeKey[] {
    return [...this.secrets.values()].flatMap((secret) => {
      return SCOPES.map((scope) => scopeKeyOf(this.#space, scope, secret as ScopeSecret));
    });
  }

  /** Every text that opens, of all that was sent. */
  async openAll(parcels: readonly Parcel[]): Promise<ReadonlySet<string>> {
    await this.#openWraps(parcels);
    const texts = new Set<string>();
    const keys = this.#keys();
    for (const frame of parcels.flatMap(({ frames }) => frames)) {
      for (const key of keys) {
        for (const message of this.#headersOf(frame, key)) {
          for (const text of this.#bodiesOf(message, keys)) texts.add(text);
        }
      }
    }
    return texts;
  }

  async #openWraps(parcels: readonly Parcel[]): Promise<void> {
    const agreement = wrapAgreement(seededRandom(1), this.#suite);
    for (const bytes of parcels.flatMap(({ wraps }) => wraps)) {
      for (const opener of this.openers) {
        const opened = await agreement.open(decodeWrap(bytes), opener);
        for (const { secret } of opened?.keys ?? []) this.#learn(secret);
      }
    }
  }

  /** The seal itself is tried with every key, whatever name the frame bears. */
  #headersOf(frame: Bytes, key: ScopeKey): readonly Message[] {
    const { kid, nonce, sealed, bodies } = decodeFrame(frame);
    try {
      const plain = this.#suite.open(headerKeyOf(this.#space, key), nonce, sealed, bytesOfId(kid));
      return decodeRun(plain).headers.map((header, i) =>
        messageOf(header, { signature: undefined, sealed: bodies[i] }),
      );
    } catch (cause) {
      if (cause instanceof SealFault) return [];
      throw cause;
    }
  }

  #bodiesOf(message: Message, keys: readonly ScopeKey[]): string[] {
    const found: AeadKey[] = [];
    for (const key of keys) {
      found.push(documentKeyOf(this.#space, key, message.header));
      found.push(...keysOf(startRatchet(chatChainKeyOf(this.#space, key, message.header))));
    }
    for (const ratchet of this.#ratchets) found.push(...keysOf(ratchet));
    return found.flatMap((key) => {
      const open = openBody(message, key, this.#suite);
      return open === undefined ? [] : [new TextDecoder().decode(open.body)];
    });
  }

  /** Topics of the group that could be read or written with what is known. */
  topics(day: number): ReadonlySet<string> {
    return new Set(this.#keys().map((key) => hex.encode(topicSeedOf(this.#space, key, day))));
  }
}

/** The first keys of a ratchet, and those it kept. */
function keysOf(ratchet: Ratchet): AeadKey[] {
  const keys = ratchet.skipped.map(({ key }) => key);
  let at = ratchet;
  for (let i = 0; i < 12; i++) {
    const taken = takeKey(at, at.next, 0 as Millis);
    if (taken === undefined) break;
    keys.push(taken.key);
    at = taken.ratchet;
  }
  return keys;
}
