// How far a chain is here, and what of it is missing (chain/SPEC.md §6).

import type { DeviceId, Incarnation, MessageId } from '../charter/ids.ts';
import { reachOf, type Chain, type Link } from './link.ts';

export interface ChainReach {
  readonly device: DeviceId;
  readonly incarnation: Incarnation;
  /** Messages held without a gap from the start: 0 = none. */
  readonly held: number;
  /** Of these, settled ones. */
  readonly settled: number;
  /** One more than the highest number held. */
  readonly known: number;
  /** The last of the messages held without a gap. */
  readonly head: MessageId | undefined;
  readonly isForked: boolean;
}

export interface Gap {
  readonly device: DeviceId;
  readonly incarnation: Incarnation;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export function reachFacts(chain: Chain): ChainReach {
  const { device, incarnation, held, settled, known, links, forks } = chain;
  return { device, incarnation, held, settled, known, head: links.get(held - 1)?.id, isForked: forks.length > 0 };
}

export function byDeviceAndIncarnation(a: ChainReach, b: ChainReach): number {
  const [left, right] = [a.device + a.incarnation, b.device + b.incarnation];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** `all`: what is held of the scope. What came second somewhere is held too. */
export function tornPlaces(
  { links, forks, held }: Chain,
  all: { readonly has: (id: MessageId) => boolean },
): readonly number[] {
  // Otherwise each rests on the one before it, up to a gap.
  if (forks.length === 0 && !links.has(held)) return [];
  const torn = new Set<number>();
  for (const { header } of [...links.values(), ...forks]) {
    const isElsewhere = header.own !== undefined && !all.has(header.own);
    if (isElsewhere && links.has(header.seq - 1)) torn.add(header.seq - 1);
  }
  return [...torn].sort((a, b) => a - b);
}

/** Whether what a waiting message rests on, as far as that settled here, leaves out the end of a chain. */
export function isEndUnseen(
  { header, chain: own }: Link,
  chain: Chain,
  all: { readonly get: (id: MessageId) => Link | undefined },
): boolean {
  const end = chain.known - 1;
  if (chain === own || chain.forks.some((fork) => fork.header.seq === end)) return false;
  const past = header.own === undefined ? header.seen : [header.own, ...header.seen];
  return past.every((id) => {
    const link = all.get(id);
    return link?.state !== 'settled' || reachOf(link, chain) <= end;
  });
}

export function gapsOf({ device, incarnation, held, known, links }: Chain): readonly Gap[] {
  if (held === known) return [];
  const numbers = [...links.keys()].filter((seq) => seq >= held).sort((a, b) => a - b);
  const gaps: Gap[] = [];
  let from = held;
  for (const seq of numbers) {
    if (seq > from) gaps.push({ device, incarnation, from, to: seq });
    from = seq + 1;
  }
  return gaps;
}

/** Whether the next number is here and rests on the last one held. */
export function isHeldNext(chain: Chain): boolean {
  const next = chain.links.get(chain.held);
  const last = chain.links.get(chain.held - 1);
  return next !== undefined && (last === undefined || next.header.own === last.id);
}
