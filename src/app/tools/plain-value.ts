// Which values a tool may keep: what JSON can say, small, and such that the guard of documents admits it at everybody's.
// A value of somebody else's app is looked at by the same rule before a tool sees it.

import { utf8 } from '#core/bytes/bytes.ts';

/** Longest key, in UTF-16 units. */
export const MAX_KEY = 64;
/** Longest value, as JSON in UTF-8. */
export const MAX_VALUE_BYTES = 4_096;
/** Lists and maps in one another. The guard has room for more. */
const MAX_DEPTH = 6;

/** A name in the document: the guard refuses the one that reaches prototypes, and what a text cannot spell. */
export function isKey(key: unknown): key is string {
  return (
    typeof key === 'string' && key.length >= 1 && key.length <= MAX_KEY && key.isWellFormed() && key !== '__proto__'
  );
}

/** The value as JSON; `undefined` for what is none, or too large. */
export function spelled(value: unknown): string | undefined {
  const budget = { left: MAX_VALUE_BYTES };
  if (!isPlain(value, 0, budget)) return undefined;
  const json = JSON.stringify(value);
  return utf8(json).length <= MAX_VALUE_BYTES ? json : undefined;
}

/** Each thing costs at least one byte, so that what is too large is found out before it is spelled. */
function isPlain(value: unknown, depth: number, budget: { left: number }): boolean {
  if (--budget.left < 0) return false;
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') {
    budget.left -= value.length;
    return budget.left >= 0 && value.isWellFormed();
  }
  if (typeof value !== 'object' || depth === MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.length <= budget.left && isEvery(value, depth, budget);
  const proto: unknown = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null) return false;
  return Object.keys(value).every(isKey) && isEvery(Object.values(value), depth, budget);
}

/** Not by `every`, which passes over what a list lacks. */
function isEvery(values: readonly unknown[], depth: number, budget: { left: number }): boolean {
  for (const value of values) if (!isPlain(value, depth + 1, budget)) return false;
  return true;
}
