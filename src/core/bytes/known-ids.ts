// The spelling of ids that come again and again: the devices, grants and rules that every op and message names.

import { hex } from './text-forms.ts';

/** A bounded memory: an id that falls into a taken slot takes it over. */
const SLOTS = 4_096;
/** Shorter ones are spelled faster than found, longer ones are no ids. */
const MIN_BYTES = 8;
const MAX_BYTES = 33;

/** The bytes of all slots in one piece: no object for each. */
const held = new Uint8Array(SLOTS * MAX_BYTES);
/** How many bytes a slot holds; 0 where it is free. */
const lengths = new Uint8Array(SLOTS);
const texts: string[] = new Array<string>(SLOTS).fill('');

/** The same text as `hex.encode`, and the same object for the same id as a rule: cheaper to make and to look up. */
export function spellId(bytes: Uint8Array): string {
  return spellIdAt(bytes, 0, bytes.length);
}

/** As `spellId`, of the bytes from `from` to `to`, both within them. */
export function spellIdAt(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from;
  if (length < MIN_BYTES || length > MAX_BYTES) return hex.encode(bytes.subarray(from, to));
  const slot = ((bytes[from]! | (bytes[from + 1]! << 8) | (bytes[from + 2]! << 16)) % SLOTS) ^ bytes[to - 1]!;
  const start = slot * MAX_BYTES;
  if (lengths[slot] === length && isHeld(start, bytes, from, to)) return texts[slot]!;
  const text = hex.encode(bytes.subarray(from, to));
  for (let i = 0; i < length; i++) held[start + i] = bytes[from + i]!;
  lengths[slot] = length;
  texts[slot] = text;
  return text;
}

function isHeld(start: number, bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = start, i = from; i < to; at++, i++) if (held[at] !== bytes[i]) return false;
  return true;
}
