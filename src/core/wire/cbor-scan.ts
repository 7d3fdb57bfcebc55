// Looks over CBOR bytes before anything is built from them: shape, limits and forbidden types, in one pass without
// allocation. What passes can neither exhaust memory nor nest without end in the decoder behind it.

import type { WireFault } from './wire-error.ts';

/** Deepest nesting of arrays and maps. Our deepest structure (an answer with its genesis) needs 6. */
export const MAX_DEPTH = 16;
/** Most items (map keys count) in one encoding. A full sync parcel has some thousands. */
export const MAX_ITEMS = 50_000;

// Major types of RFC 8949 §3.1.
export const UINT = 0;
export const NEGATIVE = 1;
export const BYTES = 2;
export const TEXT = 3;
export const ARRAY = 4;
export const MAP = 5;
const TAG = 6;

const PROTO = [0x5f, 0x5f, 0x70, 0x72, 0x6f, 0x74, 0x6f, 0x5f, 0x5f];

interface Head {
  readonly fault?: WireFault;
  readonly major: number;
  readonly argument: number;
  readonly next: number;
}

/** The fault of an encoding, or `undefined` for one whole item that keeps all limits. */
export function scan(bytes: Uint8Array): WireFault | undefined {
  // For each open array or map: how many items it still lacks, and whether it is a map.
  const left: number[] = [1];
  const maps: boolean[] = [false];
  let at = 0;
  let items = 0;
  while (left.length > 0) {
    const level = left.length - 1;
    if (left[level] === 0) {
      left.pop();
      maps.pop();
      continue;
    }
    const isKey = maps[level]! && left[level]! % 2 === 0;
    left[level]!--;
    const head = readHead(bytes, at);
    if (head.fault !== undefined) return head.fault;
    const { major, argument } = head;
    if (++items > MAX_ITEMS) return 'too-many';
    if (isKey && (major !== TEXT || isForbiddenKey(bytes, head.next, argument))) return 'bad-field';
    at = head.next;
    if (major === BYTES || major === TEXT) {
      if (argument > bytes.length - at) return 'truncated';
      at += argument;
    } else if (major === ARRAY || major === MAP) {
      if (left.length > MAX_DEPTH) return 'too-deep';
      const count = major === MAP ? argument * 2 : argument;
      // An item takes at least one byte, so a count beyond the rest is false before anything is counted out.
      if (count > MAX_ITEMS) return argument > bytes.length - at ? 'truncated' : 'too-many';
      if (count > bytes.length - at) return 'truncated';
      left.push(count);
      maps.push(major === MAP);
    }
  }
  return at === bytes.length ? undefined : 'trailing-bytes';
}

function faultHead(fault: WireFault): Head {
  return { fault, major: 0, argument: 0, next: 0 };
}

/** Reads a head (RFC 8949 §3) in its shortest form. */
function readHead(bytes: Uint8Array, at: number): Head {
  const first = bytes[at];
  if (first === undefined) return faultHead('truncated');
  const major = first >>> 5;
  const minor = first & 31;
  if (major === TAG) return faultHead('bad-field');
  if (major > TAG) {
    // false, true, null; not undefined, other simple values or floats.
    return minor >= 20 && minor <= 22 ? { major, argument: 0, next: at + 1 } : faultHead('bad-field');
  }
  if (minor < 24) return { major, argument: minor, next: at + 1 };
  if (minor > 27) return faultHead('not-canonical');
  const size = 1 << (minor - 24);
  if (at + 1 + size > bytes.length) return faultHead('truncated');
  let argument = 0;
  for (let i = 1; i <= size; i++) argument = argument * 256 + bytes[at + i]!;
  const least = size === 1 ? 24 : 2 ** (4 * size);
  if (argument < least) return faultHead('not-canonical');
  const isNumber = major === UINT || major === NEGATIVE;
  // -1 - argument must be a safe integer too.
  const most = major === NEGATIVE ? Number.MAX_SAFE_INTEGER - 1 : Number.MAX_SAFE_INTEGER;
  if (argument > most) return faultHead(isNumber ? 'bad-field' : 'truncated');
  return { major, argument, next: at + 1 + size };
}

/** `__proto__` would reach a prototype; the empty key and `/` mean something to other users of dag-cbor. */
function isForbiddenKey(bytes: Uint8Array, at: number, length: number): boolean {
  if (length === 0) return true;
  if (length === 1) return bytes[at] === 0x2f;
  return length === PROTO.length && PROTO.every((byte, i) => bytes[at + i] === byte);
}
