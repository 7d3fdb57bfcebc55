// Which messages something speaks of, chain by chain: a document's departure (SPEC §10) and a checkpoint (SPEC §11).

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { DeviceId, Incarnation } from '../charter/ids.ts';
import type { Encodable } from '../wire/cbor.ts';
import { bytesOf, listOf, uintOf } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';

/** Messages of one chain whose bodies are not needed any more: `from` … `to` - 1. */
export interface CoveredChain {
  readonly device: DeviceId;
  readonly incarnation: Incarnation;
  readonly spans: readonly { readonly from: number; readonly to: number }[];
}

/** Chains in one message, and spans in all of them together: what is more goes in further messages. */
export const MAX_COVERED_CHAINS = 500;
export const MAX_COVERED_SPANS = 2_000;
const MAX_SEQ = 2 ** 40;

export function spellCovers(covers: readonly CoveredChain[], structure: string): Encodable {
  return covers.map(({ device, incarnation, spans }): Encodable => {
    const ids = [rawId(device, 32, structure), rawId(incarnation, 8, structure)];
    return [...ids, ...spans.flatMap(({ from, to }) => [from, to])];
  });
}

/** Throws `WireError` only. */
export function readCovers(values: readonly unknown[], structure: string): readonly CoveredChain[] {
  const covers = values.map((value) => readChain(value, structure));
  const spans = covers.reduce((sum, chain) => sum + chain.spans.length, 0);
  if (spans > MAX_COVERED_SPANS) throw new WireError('too-long', structure);
  return covers;
}

function readChain(value: unknown, structure: string): CoveredChain {
  const items = listOf(value, structure, 2 + 2 * MAX_COVERED_SPANS);
  const device = hex.encode(bytesOf(items[0], structure, 32)) as DeviceId;
  const incarnation = hex.encode(bytesOf(items[1], structure, 8)) as Incarnation;
  if (items.length % 2 !== 0) throw new WireError('bad-field', structure);
  const spans: { from: number; to: number }[] = [];
  for (let i = 2; i < items.length; i += 2) {
    const from = uintOf(items[i], structure, MAX_SEQ);
    const to = uintOf(items[i + 1], structure, MAX_SEQ);
    // Spans that touch would be one span.
    if (to <= from || from <= (spans.at(-1)?.to ?? -1)) throw new WireError('not-canonical', structure);
    spans.push({ from, to });
  }
  return { device, incarnation, spans };
}

export function rawId(id: string, length: number, structure: string): Bytes {
  const bytes = hex.decode(id);
  if (bytes?.length !== length) throw new Error(`${structure}: not an id`);
  return bytes;
}
