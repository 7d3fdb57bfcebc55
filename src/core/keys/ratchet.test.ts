// The chat ratchet: every message opens once, in any order, and used keys are gone (protocol §4; P14).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hash } from '#core/crypto/hash.ts';
import type { Millis } from '#core/ports.ts';
import {
  decodeRatchet,
  encodeRatchet,
  forgetOld,
  MAX_SKIPPED,
  passNext,
  SKIPPED_KEPT,
  startRatchet,
  takeKey,
} from './ratchet.ts';

const start = startRatchet(hash('chatChain', new Uint8Array([1])));
const now = 1_000 as Millis;

/** The key of message n, as the sender makes it. */
function senderKey(n: number): Uint8Array {
  let ratchet = start;
  for (let i = 0; i < n; i++) ratchet = takeKey(ratchet, i, now)!.ratchet;
  return takeKey(ratchet, n, now)!.key;
}

describe('the chat ratchet', () => {
  it('gives each message the sender’s key exactly once, in whatever order they come', () => {
    const keys = Array.from({ length: 40 }, (_, n) => senderKey(n));
    const order = fc.shuffledSubarray(
      keys.map((_, n) => n),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(order, (numbers) => {
        let ratchet = start;
        for (const n of numbers) {
          const taken = takeKey(decodeRatchet(encodeRatchet(ratchet)), n, now)!;
          expect(taken.key).toEqual(keys[n]);
          expect(takeKey(taken.ratchet, n, now)).toBeUndefined();
          ratchet = taken.ratchet;
        }
        expect(ratchet.skipped.map(({ n }) => n)).toEqual(
          keys.map((_, n) => n).filter((n) => n < ratchet.next && !numbers.includes(n)),
        );
      }),
    );
  });

  it('holds nothing from which a used key could be made again', () => {
    const used = [0, 1, 2, 3].map(senderKey);
    let ratchet = start;
    for (const n of [0, 1, 2, 3]) ratchet = takeKey(ratchet, n, now)!.ratchet;
    const stored = Buffer.from(encodeRatchet(ratchet)).toString('hex');
    expect(used.some((key) => stored.includes(Buffer.from(key).toString('hex')))).toBe(false);
    expect(stored).not.toContain(Buffer.from(start.chainKey).toString('hex'));
  });

  it('does not run ahead further than it can remember, and stays as it was', () => {
    expect(takeKey(start, MAX_SKIPPED + 1, now)).toBeUndefined();
    expect(takeKey(start, Number.MAX_SAFE_INTEGER, now)).toBeUndefined();
    const { ratchet } = takeKey(start, MAX_SKIPPED, now)!;
    expect(ratchet.skipped.length).toBe(MAX_SKIPPED);
    expect(takeKey(ratchet, MAX_SKIPPED + 2, now)).toBeUndefined();
    expect(takeKey(ratchet, 0, now)!.key).toEqual(senderKey(0));
    expect(decodeRatchet(encodeRatchet(ratchet))).toEqual(ratchet);
  });

  it('forgets skipped keys after their time, and nothing else', () => {
    const early = takeKey(start, 2, now)!.ratchet;
    const later = (now + SKIPPED_KEPT - 1) as Millis;
    const both = takeKey(early, 5, later)!.ratchet;
    expect(forgetOld(both, later)).toBe(both);
    const rest = forgetOld(both, (now + SKIPPED_KEPT) as Millis);
    expect(rest.skipped.map(({ n }) => n)).toEqual([3, 4]);
    expect(takeKey(rest, 0, later)).toBeUndefined();
    expect(takeKey(rest, 6, later)!.key).toEqual(senderKey(6));
  });

  it('passes a key over as if it had been taken', () => {
    const behind = takeKey(start, 5, now)!.ratchet;
    for (const ratchet of [start, behind]) {
      expect(passNext(ratchet)).toEqual(takeKey(ratchet, ratchet.next, now)!.ratchet);
    }
  });

  it('does not change what it was given', () => {
    const before = encodeRatchet(start);
    takeKey(start, 7, now);
    expect(encodeRatchet(start)).toEqual(before);
  });
});
