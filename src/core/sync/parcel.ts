// What one envelope or one frame carries of a space (SPEC.md §5): ops, records, wraps and messages, each opaque here and
// decoded in its own room.

import type { Bytes } from '../bytes/bytes.ts';
import { decode, encode, type Encodable } from '../wire/cbor.ts';
import { bytesOf, fields, type Fields } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';

export interface Parcel {
  /** Signed ops, parents before children. */
  readonly ops: readonly Bytes[];
  /** Device records. */
  readonly records: readonly Bytes[];
  /** Scope keys sealed for devices. */
  readonly wraps: readonly Bytes[];
  /** Sealed messages, as they were made. */
  readonly frames: readonly Bytes[];
  /** Open messages of one chain proved by one signature. Only on proven links: they rely on the frame's seal. */
  readonly runs: readonly Bytes[];
}

export type PartName = keyof Parcel;

export const emptyParcel: Parcel = { ops: [], records: [], wraps: [], frames: [], runs: [] };

/** Parts of each kind in one parcel: what one event may cost is bounded by these and by the bytes. */
const MAX_PARTS: Readonly<Record<PartName, number>> = { ops: 256, records: 64, wraps: 256, frames: 256, runs: 64 };
export const PART_NAMES = ['ops', 'records', 'wraps', 'frames', 'runs'] as const;
const VERSION = 1;

/** Kinds of part that are empty are left out, so that a parcel has one spelling. */
export function spellParcel(parcel: Parcel): Encodable {
  const map: Record<string, Encodable> = { v: VERSION };
  for (const name of PART_NAMES) if (parcel[name].length > 0) map[name] = [...parcel[name]];
  return map;
}

export function readParcel(value: unknown): Parcel {
  const read = fields(value, 'parcel');
  read.version('v', VERSION);
  const parcel = Object.fromEntries(PART_NAMES.map((name) => [name, readParts(read, name)]));
  read.end();
  return parcel as unknown as Parcel;
}

function readParts(read: Fields, name: PartName): readonly Bytes[] {
  if (!read.has(name)) return [];
  const parts = read.list(name, MAX_PARTS[name]);
  if (parts.length === 0) throw new WireError('not-canonical', 'parcel');
  return parts.map((part) => bytesOf(part, 'parcel', { min: 1, max: Number.MAX_SAFE_INTEGER }));
}

export function encodeParcel(parcel: Parcel): Bytes {
  return encode(spellParcel(parcel));
}

/** Throws `WireError` only. */
export function decodeParcel(bytes: Uint8Array, maxBytes: number): Parcel {
  return readParcel(decode(bytes, 'parcel', maxBytes));
}

export function isEmptyParcel(parcel: Parcel): boolean {
  return PART_NAMES.every((name) => parcel[name].length === 0);
}

/** Bytes that CBOR adds to each part, at most. */
const PART_OVERHEAD = 5;

/**
 * Cuts a parcel into several, each within `maxBytes`, keeping the order. Keys and records go before messages, so that
 * whoever gets only the first pieces can already use them. A part that is longer than `maxBytes` goes alone.
 */
export function splitParcel(parcel: Parcel, maxBytes: number): Parcel[] {
  return [...piecesOf(parcel, maxBytes)];
}

/** As `splitParcel`, each as soon as it is full: the parts need not all be there before the first piece leaves. */
export function* piecesOf(parts: Readonly<Record<PartName, Iterable<Bytes>>>, maxBytes: number): Generator<Parcel> {
  let piece: Record<PartName, Bytes[]> = { ops: [], records: [], wraps: [], frames: [], runs: [] };
  let size = 0;
  let isStarted = false;
  for (const name of PART_NAMES) {
    for (const part of parts[name]) {
      const cost = part.length + PART_OVERHEAD;
      if (isStarted && (size + cost > maxBytes || piece[name].length >= MAX_PARTS[name])) {
        yield piece;
        piece = { ops: [], records: [], wraps: [], frames: [], runs: [] };
        size = 0;
      }
      piece[name].push(part);
      size += cost;
      isStarted = true;
    }
  }
  if (isStarted) yield piece;
}
