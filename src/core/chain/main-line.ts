// Of a chain whose device said two things in one place, the line that counts where only one can: in documents (SPEC §7.1).
//
// Invariants
// 1. It depends on which messages settled, on which of them stand, and on who said them; not on their order.
// 2. Only what other people say decides between branches: who forked their chain cannot take one away by saying another.

import type { GrantId } from '../charter/ids.ts';
import { comparePlaces } from './place.ts';
import type { Chain, Link } from './link.ts';

/** Messages that each rest on the one before, from where they part from others on. */
interface Branch {
  /** What its first message rests on; absent where that is the first of all. */
  readonly from: Spot | undefined;
  readonly links: Link[];
  /** Other branches that part from this one. */
  readonly children: Branch[];
  /** Who speaks for this branch and for none beside it, and up to which number there. */
  readonly voices: Map<GrantId, number>;
  /** Up to which number what stands rests on it; -1: nothing does. */
  standing: number;
}

export interface Spot {
  readonly branch: Branch;
  readonly seq: number;
}

/** What may come next: a branch, or more of the one that came up to here. */
interface Choice {
  readonly branch: Branch;
  readonly first: Link;
}

export type Spots = readonly Spot[];
const NOWHERE: Spots = [];

/** The last messages of a line's chain in the past of a message of any chain, one on each branch. */
type EndsOf = (link: Link, line: MainLine) => Spots;

export class MainLine {
  readonly chain: Chain;
  readonly #endsIn: EndsOf;
  readonly #beginnings: Branch[] = [];
  readonly #branches = new Map<Link, Branch>();
  readonly #makers = new Set<GrantId>();
  /** Up to which number each branch is on the line. */
  #line: ReadonlyMap<Branch, number> = new Map();
  #isDue = false;

  constructor(chain: Chain, endsIn: EndsOf) {
    this.chain = chain;
    this.#endsIn = endsIn;
  }

  /** A message of the chain, after the one it rests on, and by which person. `settle` is to be called then. */
  place(link: Link, person: GrantId, stands: boolean): void {
    this.#makers.add(person);
    const spot = this.#place(link);
    if (spot === undefined) return;
    if (stands) this.#hold(spot);
    this.#isDue = true;
  }

  /** Somebody said something with these in its past. Whoever has heard of two branches speaks for what they have in common. */
  hear(person: GrantId, ends: Spots): void {
    if (this.#makers.has(person)) return;
    let common: Spot | undefined = ends[0];
    for (const spot of ends) common = commonOf(common, spot);
    for (let at = common; at !== undefined; at = at.branch.from) {
      if ((at.branch.voices.get(person) ?? -1) >= at.seq) return;
      at.branch.voices.set(person, at.seq);
      this.#isDue = true;
    }
  }

  /** Of a message of the chain itself: its own place. */
  endsIn(link: Link): Spots {
    const branch = this.#branches.get(link);
    return branch === undefined ? NOWHERE : [{ branch, seq: link.header.seq }];
  }

  /** True when it goes another way than before. */
  settle(): boolean {
    if (!this.#isDue) return false;
    this.#isDue = false;
    const before = this.#line;
    this.#line = this.#find();
    return before.size !== this.#line.size || [...before].some(([branch, seq]) => this.#line.get(branch) !== seq);
  }

  /** Whether a message of this chain is on the line. */
  has(link: Link): boolean {
    const branch = this.#branches.get(link);
    return branch !== undefined && link.header.seq <= (this.#line.get(branch) ?? -1);
  }

  /** What counts in a place of the chain. */
  at(seq: number): Link | undefined {
    for (const [branch, end] of this.#line) {
      if (seq <= end && seq >= startOf(branch)) return branch.links[seq - startOf(branch)];
    }
    return undefined;
  }

  /** How many messages of the line lie in the past of a message, itself included. */
  reach(link: Link): number {
    return Math.max(0, ...this.#endsOf(link).map((spot) => this.#reachOf(spot)));
  }

  /** Whether some of the chain that is not on the line lies in the past of a message, or is that message. */
  isBeside(link: Link): boolean {
    return this.#endsOf(link).some((spot) => this.#reachOf(spot) <= spot.seq);
  }

  /** Whether the past of a message holds another message in the place of one of this chain, and not that one. */
  sawOther(of: Link, { id, header }: Link): boolean {
    const there = this.#endsOf(of).flatMap((end) => atPlace(end, header.seq) ?? []);
    return there.length > 0 && there.every((link) => link.id !== id);
  }

  #endsOf(link: Link): Spots {
    return this.#endsIn(link, this);
  }

  #reachOf(spot: Spot): number {
    for (let at: Spot | undefined = spot; at !== undefined; at = at.branch.from) {
      const end = this.#line.get(at.branch);
      if (end !== undefined) return Math.min(at.seq, end) + 1;
    }
    return 0;
  }

  #place(link: Link): Spot | undefined {
    const { seq } = link.header;
    const before = link.own === undefined ? undefined : this.#branches.get(link.own);
    if (before === undefined && seq > 0) return undefined;
    const branch = before?.links.at(-1) === link.own && before !== undefined ? before : this.#part(before, seq);
    branch.links.push(link);
    this.#branches.set(link, branch);
    return { branch, seq };
  }

  #part(before: Branch | undefined, seq: number): Branch {
    const from = before === undefined ? undefined : { branch: before, seq: seq - 1 };
    const branch: Branch = { from, links: [], children: [], voices: new Map(), standing: -1 };
    (before?.children ?? this.#beginnings).push(branch);
    return branch;
  }

  #hold(spot: Spot): void {
    for (let at: Spot | undefined = spot; at !== undefined && at.branch.standing < at.seq; at = at.branch.from) {
      at.branch.standing = at.seq;
    }
  }

  #find(): ReadonlyMap<Branch, number> {
    const line = new Map<Branch, number>();
    let choices = this.#beginnings.map(choiceOf);
    for (let at = this.#choose(choices)?.branch; at !== undefined;) {
      let next: Branch | undefined = at;
      for (const [seq, children] of partings(at)) {
        const after: Link | undefined = at.links[seq + 1 - startOf(at)];
        choices = [...children.map(choiceOf), ...(after === undefined ? [] : [{ branch: at, first: after }])];
        next = this.#choose(choices)?.branch;
        if (next === at) continue;
        line.set(at, seq);
        break;
      }
      if (next === at) line.set(at, Number.MAX_SAFE_INTEGER);
      at = next === at ? undefined : next;
    }
    return line;
  }

  /** Of several that stand the one for which most people speak; what nobody rests on may wait until somebody does. */
  #choose(choices: readonly Choice[]): Choice | undefined {
    const standing = choices.filter(({ branch, first }) => branch.standing >= first.header.seq);
    if (standing.length < 2) return standing[0];
    const heard = standing.map((choice) => ({ ...choice, voices: this.#voicesFor(choice) }));
    const most = Math.max(...heard.map(({ voices }) => voices));
    const [first] = heard.filter(({ voices }) => most > 0 && voices === most).sort(byPlace);
    return first;
  }

  #voicesFor({ branch, first }: Choice): number {
    const isFor = ([person, seq]: readonly [GrantId, number]): boolean => {
      return seq >= first.header.seq && !this.#makers.has(person);
    };
    return [...branch.voices].filter(isFor).length;
  }
}

function choiceOf(branch: Branch): Choice {
  return { branch, first: branch.links[0]! };
}

function byPlace({ first: a }: Choice, { first: b }: Choice): number {
  return comparePlaces({ id: a.id, lamport: a.header.lamport }, { id: b.id, lamport: b.header.lamport });
}

function startOf({ links }: Branch): number {
  return links[0]!.header.seq;
}

/** By number, what parts from a branch after that one. */
function partings({ children }: Branch): readonly (readonly [number, readonly Branch[]])[] {
  const found = new Map<number, Branch[]>();
  for (const child of children) {
    const { seq } = child.from!;
    const beside = found.get(seq);
    if (beside === undefined) found.set(seq, [child]);
    else beside.push(child);
  }
  return [...found].sort(([a], [b]) => a - b);
}

/** What is in a place on the way to a spot. */
function atPlace(spot: Spot, seq: number): Link | undefined {
  for (let at: Spot | undefined = spot; at !== undefined; at = at.branch.from) {
    if (seq > at.seq) return undefined;
    if (seq >= startOf(at.branch)) return at.branch.links[seq - startOf(at.branch)];
  }
  return undefined;
}

/** The last of each branch among both; `some` itself where the others add nothing. */
export function together(some: Spots, others: Spots): Spots {
  if (some === others || others.length === 0) return some;
  if (some.length === 0) return others;
  const isNew = (spot: Spot): boolean => !some.some((known) => isUpTo(spot, known));
  const fresh = others.filter(isNew);
  if (fresh.length === 0) return some;
  return [...some.filter((known) => !fresh.some((spot) => isUpTo(known, spot))), ...fresh];
}

/** Whether one is the other or before it. */
function isUpTo(one: Spot, other: Spot): boolean {
  for (let at: Spot | undefined = other; at !== undefined; at = at.branch.from) {
    if (at.branch === one.branch) return one.seq <= at.seq;
  }
  return false;
}

function commonOf(one: Spot | undefined, other: Spot): Spot | undefined {
  for (let a = one; a !== undefined; a = a.branch.from) {
    for (let b: Spot | undefined = other; b !== undefined; b = b.branch.from) {
      if (a.branch === b.branch) return a.seq < b.seq ? a : b;
    }
  }
  return undefined;
}
