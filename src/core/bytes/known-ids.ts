// The spelling of ids that come again and again: the devices, grants and rules that every op and message names. And of words:
// names of types, roles and scopes.

import { textOf } from './bytes.ts';
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
  const view = bytes.subarray(from, to);
  const text = hex.encode(view);
  held.set(view, start);
  lengths[slot] = length;
  texts[slot] = text;
  return text;
}

function isHeld(start: number, bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = start, i = from; i < to; at++, i++) if (held[at] !== bytes[i]) return false;
  return true;
}

/** Of each length a few, by their last letter. */
const FEW = 32;
const words: string[] = new Array<string>((MAX_BYTES + 1) * FEW).fill('');

/** The text of the bytes from `from` to `to`, as a rule one of few words; `undefined` where they are not UTF-8. */
export function spellWordAt(bytes: Uint8Array, from: number, to: number): string | undefined {
  const length = to - from;
  if (length === 0 || length > MAX_BYTES) return textOf(bytes.subarray(from, to));
  const slot = length * FEW + (bytes[to - 1]! % FEW);
  const known = words[slot]!;
  if (isSpelled(known, bytes, from)) return known;
  const text = textOf(bytes.subarray(from, to));
  // Of ASCII letters only: others have more bytes than a text has units.
  if (text?.length === length) words[slot] = text;
  return text;
}

function isSpelled(word: string, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < word.length; i++) if (word.charCodeAt(i) !== bytes[from + i]) return false;
  return word !== '';
}
