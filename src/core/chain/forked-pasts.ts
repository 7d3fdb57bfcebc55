// What of chains that went on twice lies in the past of each message of a scope (SPEC §7.1).
//
// Invariants
// 1. Noted is only what a message adds to the past of the one before it in its chain: somebody who forks a thousand chains
//    costs others no more for each of their own messages than somebody who forks one.
// 2. What is told of a message depends on its past alone; not on the order in which messages were taken.

import type { GrantId } from '../charter/ids.ts';
import { reachOf, stepsUpTo, type Chain, type Link } from './link.ts';
import { MainLine, together, type Spots } from './main-line.ts';

type Gains = ReadonlyMap<MainLine, Spots>;

interface Steps {
  readonly seqs: number[];
  readonly ends: Spots[];
}

const NOTHING: Gains = new Map();
const NOWHERE: Spots = [];

export class ForkedPasts {
  readonly #lines = new Map<Chain, MainLine>();
  /** Of which lines there is more in the past of a message than in that of the one before it: the ends on each branch. */
  readonly #gains = new Map<Link, Gains>();
  /** The same by chain, for those that went on once. */
  readonly #steps = new Map<Chain, Map<MainLine, Steps>>();
  /** Messages that do not stand. */
  readonly #silent = new Set<Link>();

  /** Of these chains; `take` is told all messages of the scope from the first on. */
  constructor(chains: Iterable<Chain>) {
    for (const chain of chains) this.#lines.set(chain, new MainLine(chain, (link, line) => this.#endsOf(link, line)));
  }

  line(chain: Chain): MainLine | undefined {
    return this.#lines.get(chain);
  }

  lines(): Iterable<readonly [Chain, MainLine]> {
    return this.#lines;
  }

  /** Each settled message of the scope, after its past. `settle` is to be called then. */
  take(link: Link, stands: boolean): void {
    const person = link.header.auth[0] as GrantId;
    this.#lines.get(link.chain)?.place(link, person, stands);
    const gains = this.#gainsOf(link);
    if (gains.size > 0) this.#keep(link, gains);
    if (!stands) this.#silent.add(link);
    else for (const line of this.#saidOf(link)) line.hear(person, this.#endsOf(link, line));
  }

  /** True when some line goes another way than before. */
  settle(): boolean {
    let isOther = false;
    for (const line of this.#lines.values()) if (line.settle()) isOther = true;
    return isOther;
  }

  /** Lines of which a message, or those that were not heard right before it in its chain, brought something new. */
  #saidOf(link: Link): Iterable<MainLine> {
    const gains = this.#gains.get(link)?.keys() ?? [];
    if (link.own === undefined || !this.#silent.has(link.own)) return gains;
    const said = new Set(gains);
    for (let at: Link | undefined = link.own; at !== undefined && this.#silent.has(at); at = at.own) {
      for (const line of this.#gains.get(at)?.keys() ?? []) said.add(line);
    }
    return said;
  }

  /** As `gainsOf` finds how much of each chain it is: each message is looked at once for each chain that cites it. */
  #gainsOf({ chain, own, seen }: Link): Gains {
    // Most messages cite nothing but the one before them.
    if (seen.length === 0) return NOTHING;
    const gains = new Map<MainLine, Spots>();
    const raise = (line: MainLine, spots: Spots): void => {
      if (line.chain === chain) return;
      const before = gains.get(line) ?? (own === undefined ? NOWHERE : this.#endsOf(own, line));
      const after = together(before, spots);
      if (after !== before) gains.set(line, after);
    };
    for (const head of seen) {
      const line = this.#lines.get(head.chain);
      const known = own === undefined || line !== undefined ? 0 : reachOf(own, head.chain);
      for (let at: Link | undefined = head; at !== undefined && at.header.seq >= known; at = at.own) {
        for (const [other, spots] of this.#gains.get(at) ?? NOTHING) raise(other, spots);
      }
      if (line !== undefined) raise(line, line.endsIn(head));
    }
    return gains;
  }

  #keep(link: Link, gains: Gains): void {
    this.#gains.set(link, gains);
    if (this.#lines.has(link.chain)) return;
    let steps = this.#steps.get(link.chain);
    if (steps === undefined) this.#steps.set(link.chain, (steps = new Map()));
    for (const [line, ends] of gains) {
      const known = steps.get(line);
      if (known === undefined) steps.set(line, { seqs: [link.header.seq], ends: [ends] });
      else {
        known.seqs.push(link.header.seq);
        known.ends.push(ends);
      }
    }
  }

  /** The last messages of a line's chain in the past of a message of another chain, one on each branch. */
  #endsOf(link: Link, line: MainLine): Spots {
    if (link.chain === line.chain) return line.endsIn(link);
    if (this.#lines.has(link.chain)) {
      // More than one line of links: only the own path of this one counts.
      for (let at: Link | undefined = link; at !== undefined; at = at.own) {
        const ends = this.#gains.get(at)?.get(line);
        if (ends !== undefined) return ends;
      }
      return NOWHERE;
    }
    const steps = this.#steps.get(link.chain)?.get(line);
    return steps?.ends[stepsUpTo(steps.seqs, link.header.seq) - 1] ?? NOWHERE;
  }
}
