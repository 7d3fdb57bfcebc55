// A message's place among the others of its scope: what it rests on, and how much of each chain lies in its past.

import type { Header } from '../charter/header.ts';
import type { DeviceId, Incarnation, MessageId } from '../charter/ids.ts';
import type { Signature } from '../crypto/suite.ts';

/**
 * `waiting`: something before it is missing. `settled`: its whole past is here and keeps the rules. `bad`: it or its
 * past breaks a rule in a way everybody will see; it is never handed out.
 */
export type LinkState = 'waiting' | 'settled' | 'bad';

export interface Link {
  readonly id: MessageId;
  readonly chain: Chain;
  readonly header: Header;
  state: LinkState;
  signature: Signature | undefined;
  /** On a branch that came after another one with the same numbers. */
  isBranch: boolean;
  /** Its author cites what they did not have by what they had seen: it never stands. */
  isGroundless: boolean;
  /** Set when settled. */
  own: Link | undefined;
  seen: readonly Link[];
  /** Chains of which more is in this message's past than in the past of `own`: up to how many messages. */
  gains: ReadonlyMap<Chain, number>;
}

/** What one device said between two unlocks. Honest ones have one link for each number. */
export interface Chain {
  readonly key: string;
  readonly device: DeviceId;
  readonly incarnation: Incarnation;
  readonly links: Map<number, Link>;
  /** Links whose number another link had first: the device forked. */
  readonly forks: Link[];
  /** Links 0 … held - 1 are here, each resting on the one before. */
  held: number;
  settled: number;
  /** One more than the highest number here. */
  known: number;
  /** Of each other chain: from which own number on how much of it is in the past. Only while there is no fork. */
  readonly reaches: Map<Chain, { readonly seqs: number[]; readonly counts: number[] }>;
}

export const NO_GAINS: ReadonlyMap<Chain, number> = new Map();

export function newChain(key: string, device: DeviceId, incarnation: Incarnation): Chain {
  const counts = { held: 0, settled: 0, known: 0 };
  return { key, device, incarnation, links: new Map(), forks: [], ...counts, reaches: new Map() };
}

/** How many messages of `chain` are in the past of `link`, itself included. */
export function reachOf(link: Link, chain: Chain): number {
  if (link.chain === chain) return link.header.seq + 1;
  if (link.chain.forks.length > 0) return reachByWalk(link, chain);
  const steps = link.chain.reaches.get(chain);
  return steps?.counts[stepsUpTo(steps.seqs, link.header.seq) - 1] ?? 0;
}

/** How many of these numbers, which ascend, are not above another. */
export function stepsUpTo(seqs: readonly number[], seq: number): number {
  let low = 0;
  let high = seqs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (seqs[middle]! <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A forked chain has more than one line of links: only the own path of this one counts. */
function reachByWalk(link: Link, chain: Chain): number {
  for (let at: Link | undefined = link; at !== undefined; at = at.own) {
    const count = at.gains.get(chain);
    if (count !== undefined) return count;
  }
  return 0;
}

/**
 * What `seen` adds to the past of `own`. Each message of another chain is looked at once for each chain that cites
 * it, however long the chains are.
 */
export function gainsOf(chain: Chain, own: Link | undefined, seen: readonly Link[]): ReadonlyMap<Chain, number> {
  // Most messages cite nothing but the one before them.
  if (seen.length === 0) return NO_GAINS;
  const gains = new Map<Chain, number>();
  const raise = (other: Chain, count: number) => {
    if (other === chain || count <= (own === undefined ? 0 : reachOf(own, other))) return;
    if (count > (gains.get(other) ?? 0)) gains.set(other, count);
  };
  for (const head of seen) {
    const known = own === undefined || head.chain.forks.length > 0 ? 0 : reachOf(own, head.chain);
    for (let at: Link | undefined = head; at !== undefined && at.header.seq >= known; at = at.own) {
      for (const [other, count] of at.gains) raise(other, count);
    }
    raise(head.chain, head.header.seq + 1);
  }
  return gains;
}

/** Remembers the gains of a newly settled link for `reachOf`. */
export function recordGains(link: Link): void {
  for (const [other, count] of link.gains) {
    let steps = link.chain.reaches.get(other);
    if (steps === undefined) link.chain.reaches.set(other, (steps = { seqs: [], counts: [] }));
    steps.seqs.push(link.header.seq);
    steps.counts.push(count);
  }
}
