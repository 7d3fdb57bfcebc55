// Repeatable dice for fuzzing: xorshift128 (Marsaglia 2003), fast, one seed, one sequence.

export interface Dice {
  /** A whole number from 0 up to, not including, `sides`. */
  below(sides: number): number;
  pick<T>(items: readonly T[]): T;
}

export function makeDice(seed: number): Dice {
  let [a, b, c, d] = [seed | 0 || 1, 0x9e3779b9 | 0, 0x243f6a88 | 0, 0xb7e15162 | 0];
  const below = (sides: number): number => {
    const t = a ^ (a << 11);
    a = b;
    b = c;
    c = d;
    d = d ^ (d >>> 19) ^ t ^ (t >>> 8);
    return (d >>> 0) % sides;
  };
  for (let i = 0; i < 16; i++) below(2);
  return { below, pick: (items) => items[below(items.length)]! };
}
