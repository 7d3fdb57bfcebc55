// A guard as a row of the device's own storage: beside a stored document, so that opening it judges nothing again.

import { hex, type Bytes } from '../bytes/bytes.ts';
import { decode, encode } from '../wire/cbor.ts';
import { fields, listOf } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import type { SavedGuard } from './guard.ts';
import type { SavedTrack } from './past.ts';
import type { SavedRuns } from './places.ts';

export interface GuardRow {
  readonly guard: SavedGuard;
  /** The position of the first message that the guard did not see. */
  readonly next: number;
}

/** Some hundred thousand runs of two or three bytes: a book with every word marked. */
const MAX_ROW_BYTES = 8_000_000;
/** Chains that wrote in one document: unlocks of all devices over the years. */
const MAX_AUTHORS = 10_000;

export function encodeGuardRow({ guard, next }: GuardRow): Bytes {
  return encode({
    v: 1,
    next,
    schema: guard.schema,
    tracks: guard.tracks.map(({ client, author, seqs, clocks }) => ({
      client,
      device: idBytes(author.device),
      incarnation: idBytes(author.incarnation),
      seqs: pack(steps(seqs)),
      clocks: pack(steps(clocks)),
    })),
    runs: guard.runs.map(({ client, starts, places }) => ({
      client,
      starts: pack(steps(starts)),
      places: pack(places),
    })),
  });
}

/** Throws only `WireError`. */
export function decodeGuardRow(bytes: Uint8Array): GuardRow {
  const f = fields(decode(bytes, 'guard row', MAX_ROW_BYTES), 'guard row');
  f.version('v', 1);
  const row: GuardRow = {
    next: f.uint('next'),
    guard: {
      schema: f.uint('schema'),
      tracks: listOf(f.value('tracks'), 'guard row', MAX_AUTHORS).map(trackOf),
      runs: listOf(f.value('runs'), 'guard row', MAX_AUTHORS).map(runsOf),
    },
  };
  f.end();
  return row;
}

function trackOf(value: unknown): SavedTrack {
  const f = fields(value, 'guard row');
  const track: SavedTrack = {
    client: f.uint('client'),
    author: { device: f.id('device', 32), incarnation: f.id('incarnation', 8) },
    seqs: sums(unpack(f.bytes('seqs', { max: MAX_ROW_BYTES }))),
    clocks: sums(unpack(f.bytes('clocks', { max: MAX_ROW_BYTES }))),
  };
  f.end();
  if (track.seqs.length !== track.clocks.length) throw new WireError('bad-field', 'guard row');
  return track;
}

function runsOf(value: unknown): SavedRuns {
  const f = fields(value, 'guard row');
  const runs: SavedRuns = {
    client: f.uint('client'),
    starts: sums(unpack(f.bytes('starts', { max: MAX_ROW_BYTES }))),
    places: unpack(f.bytes('places', { max: MAX_ROW_BYTES })),
  };
  f.end();
  if (runs.starts.length !== runs.places.length) throw new WireError('bad-field', 'guard row');
  return runs;
}

function idBytes(id: string): Bytes {
  const bytes = hex.decode(id);
  if (bytes === undefined) throw new Error('guard row: not an id');
  return bytes;
}

/** An ascending list as the steps between its numbers: small numbers take few bytes. */
function steps(ascending: readonly number[]): number[] {
  return ascending.map((number, i) => number - (i === 0 ? 0 : ascending[i - 1]!));
}

function sums(parts: readonly number[]): number[] {
  let sum = 0;
  return parts.map((part) => (sum += part));
}

/** 7 bits a byte, lowest first; the highest bit says that more follow. */
function pack(numbers: readonly number[]): Bytes {
  const bytes: number[] = [];
  for (const number of numbers) {
    let rest = number;
    while (rest > 127) {
      bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    bytes.push(rest);
  }
  return new Uint8Array(bytes);
}

function unpack(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let number = 0;
  let factor = 1;
  for (const byte of bytes) {
    number += (byte % 128) * factor;
    if (byte < 128) {
      // A last byte of nothing would be a second spelling.
      if (!Number.isSafeInteger(number) || (byte === 0 && factor > 1)) throw new WireError('bad-field', 'guard row');
      numbers.push(number);
      number = 0;
      factor = 1;
    } else {
      factor *= 128;
      if (factor > 2 ** 56) throw new WireError('bad-field', 'guard row');
    }
  }
  if (factor > 1) throw new WireError('truncated', 'guard row');
  return numbers;
}
