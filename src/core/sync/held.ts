// How much of a space a device holds: the heads of its charter log, how far each chain goes, which records. Sent as
// `have` over a link and as the body of a `receipt` message; it counts as an acknowledgement, so whoever says it must
// have it on disk (SPEC.md §4).

import { hex, type Bytes } from '../bytes/bytes.ts';
import { EVERYONE, type DeviceId, type Incarnation, type Kid, type OpId, type Scope } from '../charter/ids.ts';
import { bytesOfId } from '../charter/op.ts';
import { decode, encode, type Encodable } from '../wire/cbor.ts';
import { bytesOf, fields, listOf, textField, uintOf } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';

/** One chain: the messages one device wrote in one scope between two unlocks. */
export interface ChainId {
  readonly device: DeviceId;
  readonly scope: Scope;
  readonly incarnation: Incarnation;
}

/** Messages `from` … `to` - 1 of a chain. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What is held of a chain: spans in ascending order that neither touch nor overlap. */
export interface HeldChain {
  readonly chain: ChainId;
  readonly spans: readonly Span[];
}

export interface HeldRecord {
  readonly device: DeviceId;
  readonly number: number;
}

export interface Held {
  readonly heads: readonly OpId[];
  readonly chains: readonly HeldChain[];
  readonly records: readonly HeldRecord[];
  /** Scope keys that standing rotations made and that did not arrive here: asks any holder for a share. */
  readonly lacks: readonly Kid[];
}

export const nothingHeld: Held = { heads: [], chains: [], records: [], lacks: [] };

/** A chain of a conversation of many years has fewer holes; of more, the rest is asked for later. */
export const MAX_SPANS = 16;
/** Chains in one announcement. An unlock that wrote nothing makes none, so these are years of use. */
export const MAX_CHAINS = 2_000;
const MAX_HEADS = 64;
export const MAX_RECORDS = 1_000;
const MAX_LACKS = 64;
const MAX_SEQ = 2 ** 40;
const MAX_SCOPE_BYTES = 80;
export const MAX_HELD_BYTES = 120_000;
/** The most that parts of a chain take: device, incarnation and what is around them; a number; the length of a scope. */
const CHAIN_BYTES = 48;
const NUMBER_BYTES = 9;
const RECORD_BYTES = 46;
const ID_BYTES = 34;

export function chainKey(chain: ChainId): string {
  return `${chain.device}/${chain.scope}/${chain.incarnation}`;
}

/** The most that a chain can take, said without spelling it: whoever wrote it may have left holes in it on purpose. */
function bytesOfChain({ chain, spans }: HeldChain): number {
  return CHAIN_BYTES + chain.scope.length + 2 * NUMBER_BYTES * Math.min(spans.length, MAX_SPANS);
}

/** In lists that take no more than `room` bytes each; at least one of them. */
export function inPortions(chains: readonly HeldChain[], room: number): readonly (readonly HeldChain[])[] {
  const portions: HeldChain[][] = [[]];
  let left = room;
  for (const chain of chains) {
    const bytes = bytesOfChain(chain);
    left -= bytes;
    if (left < 0 || portions.at(-1)!.length === MAX_CHAINS) {
      portions.push([]);
      left = room - bytes;
    }
    portions.at(-1)!.push(chain);
  }
  return portions;
}

/** Of more than has room the newest chains: of these the least is known elsewhere. */
export function spellHeld(held: Held): Encodable {
  const heads = held.heads.slice(0, MAX_HEADS);
  const besides = RECORD_BYTES * Math.min(held.records.length, MAX_RECORDS) + ID_BYTES * (heads.length + MAX_LACKS + 8);
  const [newest] = inPortions(held.chains.toReversed(), MAX_HELD_BYTES - besides);
  return {
    heads: heads.map(bytesOfId),
    chains: newest!.toReversed().map(spellChain),
    records: spellRecords(held.records),
    lacks: held.lacks.slice(0, MAX_LACKS).map(bytesOfId),
  };
}

export function readHeld(value: unknown): Held {
  const read = fields(value, 'held');
  const held = {
    heads: read.ids<OpId>('heads', 32, { max: MAX_HEADS }),
    chains: read.list('chains', MAX_CHAINS).map(readChain),
    records: readRecords(read.list('records', MAX_RECORDS)),
    lacks: read.ids<Kid>('lacks', 16, { max: MAX_LACKS }),
  };
  read.end();
  return held;
}

export function encodeHeld(held: Held): Bytes {
  return encode({ v: 1, held: spellHeld(held) });
}

/** Throws `WireError` only. */
export function decodeHeld(bytes: Uint8Array): Held {
  const read = fields(decode(bytes, 'held', MAX_HELD_BYTES), 'held');
  read.version('v', 1);
  const held = readHeld(read.value('held'));
  read.end();
  return held;
}

/** [device, incarnation, from, to, from, to …], with the scope at the end where it is not `everyone`. */
export function spellChain(held: HeldChain): Encodable {
  const { device, scope, incarnation } = held.chain;
  const spans = held.spans.slice(0, MAX_SPANS).flatMap((span) => [span.from, span.to]);
  const named = scope === EVERYONE ? [] : [scope];
  return [bytesOfId(device), bytesOfId(incarnation), ...spans, ...named];
}

export function readChain(value: unknown): HeldChain {
  const items = [...listOf(value, 'held', 3 + 2 * MAX_SPANS)];
  const device = hex.encode(bytesOf(items[0], 'held', 32)) as DeviceId;
  const incarnation = hex.encode(bytesOf(items[1], 'held', 8)) as Incarnation;
  let scope = EVERYONE;
  if (typeof items.at(-1) === 'string') {
    scope = textField(items.pop(), 'held', MAX_SCOPE_BYTES) as Scope;
    if (scope === EVERYONE) throw new WireError('not-canonical', 'held');
  }
  return { chain: { device, scope, incarnation }, spans: readSpans(items.slice(2)) };
}

function readSpans(numbers: readonly unknown[]): Span[] {
  if (numbers.length % 2 !== 0) throw new WireError('bad-field', 'held');
  const spans: Span[] = [];
  let last = -1;
  for (let i = 0; i < numbers.length; i += 2) {
    const from = uintOf(numbers[i], 'held', MAX_SEQ);
    const to = uintOf(numbers[i + 1], 'held', MAX_SEQ);
    // Spans that touch would be one span.
    if (from <= last || to <= from) throw new WireError('not-canonical', 'held');
    spans.push({ from, to });
    last = to;
  }
  return spans;
}

export function spellRecords(records: readonly HeldRecord[]): Encodable {
  return records.slice(0, MAX_RECORDS).map((record) => [bytesOfId(record.device), record.number]);
}

export function readRecords(values: readonly unknown[]): HeldRecord[] {
  return values.map(readRecord);
}

function readRecord(value: unknown): HeldRecord {
  const [device, number] = listOf(value, 'held', 2);
  return { device: hex.encode(bytesOf(device, 'held', 32)) as DeviceId, number: uintOf(number, 'held', MAX_SEQ) };
}
