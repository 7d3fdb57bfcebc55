// The spelling of ids that come again and again: the devices, grants and rules that every op and message names.

import { hex } from './text-forms.ts';

/** A bounded memory: an id that falls into a taken slot takes it over. */
const SLOTS = 4_096;
/** Shorter ones are spelled faster than found. */
const MIN_BYTES = 8;

const bytesIn: (Uint8Array | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);
const textIn: string[] = new Array<string>(SLOTS).fill('');

/** The same text as `hex.encode`, and the same object for the same id as a rule: cheaper to make and to look up. */
export function spellId(bytes: Uint8Array): string {
  const { length } = bytes;
  if (length < MIN_BYTES) return hex.encode(bytes);
  const slot = ((bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16)) % SLOTS) ^ bytes[length - 1]!;
  const held = bytesIn[slot];
  if (held !== undefined && isSame(held, bytes)) return textIn[slot]!;
  const text = hex.encode(bytes);
  bytesIn[slot] = bytes.slice();
  textIn[slot] = text;
  return text;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
