// Randomness with a seed: the same numbers for the same seed, on every machine.

import type { Random } from '#core/ports.ts';

/** sfc32 (PractRand's small fast counter): 128 bits of state, integers only, so that engines cannot differ. */
export class Dice implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `stream` tells apart dice of one seed: what one party rolls must not shift what another rolls. */
  constructor(seed: number, stream = '') {
    let mixed = seed >>> 0;
    for (let i = 0; i < stream.length; i++) mixed = Math.imul(mixed ^ stream.charCodeAt(i), 0x01000193) >>> 0;
    this.#a = mixed;
    this.#b = (seed ^ 0x9e3779b9) >>> 0;
    this.#c = Math.imul(mixed, 0x85ebca6b) >>> 0;
    for (let i = 0; i < 12; i++) this.#next();
  }

  /** 0 … sides - 1. */
  roll(sides: number): number {
    return Math.floor((this.#next() / 2 ** 32) * sides);
  }

  between(low: number, high: number): number {
    return low + this.roll(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.#next() / 2 ** 32 < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.roll(list.length)]!;
  }

  bytes(count: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; at += 4) {
      const word = this.#next();
      for (let i = 0; i < 4 && at + i < count; i++) bytes[at + i] = word >>> (8 * i);
    }
    return bytes;
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }
}
