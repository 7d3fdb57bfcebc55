// All chains of one scope: what is here, what is missing, who contradicts themself (chain/SPEC.md §6, §7).

import { checkAuthor, citesHeld } from '../charter/author.ts';
import type { Charter } from '../charter/charter.ts';
import { citesSame, mayWriteIn } from './citing.ts';
import { isLinked, MAX_SEEN } from '../charter/header.ts';
import type { DeviceId, Incarnation, MessageId, OpId, Scope } from '../charter/ids.ts';
import { MAX_RUN } from './frame.ts';
import { comparePlaces, type Place } from './place.ts';
import {
  byDeviceAndIncarnation,
  gapsOf,
  isEndUnseen,
  isHeldNext,
  reachFacts,
  tornPlaces,
  type ChainReach,
  type Gap,
} from './chain-reach.ts';
import { endOf, isInReach, lamportBehind, mayStandAt, newestFirst } from './lamport.ts';
import { gainsOf, newChain, NO_GAINS, reachOf, recordGains, type Chain, type Link } from './link.ts';
import type { Message } from './message.ts';

/** What became of a message that was taken in. */
export type MessageOutcome =
  /** Its whole past is here and keeps the rules: hand it out. */
  | 'settled'
  /** Kept; something before it is missing. */
  | 'waiting'
  | 'known'
  /** Kept as a link, never handed out: it breaks a rule in a way everybody will see. */
  | 'bad'
  /** Kept too, beside another message of the same number: its device contradicts itself; see `forks`. */
  | 'fork';

/** Two messages with one number. `headerProof` makes evidence of them. */
export interface Fork {
  readonly device: DeviceId;
  readonly incarnation: Incarnation;
  readonly seq: number;
  readonly held: MessageId;
  readonly other: MessageId;
}

export interface Intake {
  readonly outcomes: readonly MessageOutcome[];
  /** All that settled now, earlier ones that had waited too; each comes after its past. */
  readonly settled: readonly MessageId[];
  readonly forks: readonly Fork[];
}

/** What the next own message cites. */
export interface NextPlace {
  readonly seq: number;
  readonly own: MessageId | undefined;
  readonly seen: readonly MessageId[];
  readonly lamport: number;
}

interface Stage {
  readonly is: 'ready';
  readonly own: Link | undefined;
  readonly seen: readonly Link[];
  readonly isGroundless: boolean;
}
type Judgement = Stage | { readonly is: 'waits'; readonly on: string } | { readonly is: 'bad' };

/** Lives as long as its space is open. Takes verified messages only; holds no bodies. */
export class ChainSet {
  readonly #scope: Scope;
  readonly #links = new Map<MessageId, Link>();
  readonly #chains = new Map<string, Chain>();
  /** What a message waits for (a message id, or an op's) and which messages do. */
  readonly #waiting = new Map<string, Link[]>();
  /** Settled messages that no settled one cites. */
  readonly #heads = new Set<Link>();
  readonly #anchors = new Map<MessageId, number>();
  /** To which chain the last message belonged: the next one is of it as a rule. */
  #last: Chain | undefined;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  get scope(): Scope {
    return this.#scope;
  }

  add(messages: readonly Message[], charter: Charter): Intake {
    const forks: Fork[] = [];
    const settled: MessageId[] = [];
    const places = messages.map((message) => {
      const known = this.#links.get(message.id);
      if (known !== undefined) {
        known.signature ??= message.signature;
        return 'known';
      }
      if (message.header.scope !== this.#scope || message.header.space !== charter.space) return 'bad';
      const link = this.#insert(message);
      const fork = forkOf(link);
      if (fork !== undefined) forks.push(fork);
      this.#settleFrom([link], charter, settled);
      return link;
    });
    const outcomes = places.map((place) => (typeof place === 'string' ? place : outcomeOf(place)));
    return { outcomes, settled, forks };
  }

  /** After the charter log has grown: messages that waited for ops. */
  recheck(charter: Charter): readonly MessageId[] {
    const settled: MessageId[] = [];
    for (const op of [...this.#waiting.keys()].filter((id) => charter.ops.has(id as OpId))) {
      this.#settleFrom(this.#released(op), charter, settled);
    }
    return settled;
  }

  has(id: MessageId): boolean {
    return this.#links.has(id);
  }

  isSettled(id: MessageId): boolean {
    return this.#links.get(id)?.state === 'settled';
  }

  /** For rooms beside this one that walk the past (standing.ts). */
  link(id: MessageId): Link | undefined {
    return this.#links.get(id);
  }

  links(): IterableIterator<Link> {
    return this.#links.values();
  }

  /** For evidence (evidence.ts). */
  chains(): IterableIterator<Chain> {
    return this.#chains.values();
  }

  /** Every chain, by key: what a summary says. */
  frontier(): readonly ChainReach[] {
    return [...this.#chains.values()].map(reachFacts).sort(byDeviceAndIncarnation);
  }

  gaps(): readonly Gap[] {
    return [...this.#chains.values()].flatMap(gapsOf);
  }

  /** Messages that others cite and nobody sent, ascending. */
  missing(): readonly MessageId[] {
    const cited = [...this.#waiting.keys()] as MessageId[];
    return cited.filter((id) => !this.#links.has(id) && !this.#isOp(id)).sort();
  }

  /** Places of a chain where other words are held than those that what follows there rests on, ascending. */
  torn(device: DeviceId, incarnation: Incarnation): readonly number[] {
    const chain = this.#chains.get(keyOf(device, incarnation));
    return chain === undefined ? [] : tornPlaces(chain, this.#links);
  }

  /**
   * The ends of chains of which somebody who cites a missing message had seen less: it may be what was said to them in that
   * very place.
   */
  endsUnseenBy(missing: MessageId): readonly Pick<Fork, 'device' | 'incarnation' | 'seq'>[] {
    const waiting = this.#waiting.get(missing) ?? [];
    const unseen = [...this.#chains.values()].filter((chain) => {
      return waiting.some((link) => isEndUnseen(link, chain, this.#links));
    });
    return unseen.map(({ device, incarnation, known }) => ({ device, incarnation, seq: known - 1 }));
  }

  next(device: DeviceId, incarnation: Incarnation): NextPlace {
    const chain = this.#chains.get(keyOf(device, incarnation));
    // By what is here, settled or not: a number is never used twice.
    const seq = chain?.known ?? 0;
    const own = chain?.links.get(seq - 1);
    // What a forger said second is not cited: not everybody will have it.
    const others = [...this.#heads].filter((head) => head.chain !== chain && !head.isBranch).sort(newestFirst);
    const heads: Place[] = others.map(({ id, header }) => ({ id, lamport: header.lamport }));
    if (own === undefined) heads.push(...this.#anchorsAhead());
    const seen = heads.sort((a, b) => comparePlaces(b, a)).slice(0, MAX_SEEN);
    const past = Math.max(own?.header.lamport ?? 0, ...seen.map((head) => head.lamport));
    const lamport = lamportBehind(past, this.#uncited());
    return { seq, own: own?.id, seen: seen.map(({ id }) => id).sort(), lamport };
  }

  /** Lamports of what may be shown and cannot be cited, or not yet. */
  *#uncited(): Iterable<number> {
    for (const links of this.#waiting.values()) for (const { header } of links) yield header.lamport;
    for (const { isBranch, header } of this.#heads) if (isBranch) yield header.lamport;
  }

  /** What waits may be shown only where its own words would stand behind it. */
  mayShow(id: MessageId): boolean {
    const link = this.#links.get(id);
    return link?.state !== 'waiting' || isInReach(link.header.lamport, endOf(this.#heads, this.#anchors.values()));
  }

  /**
   * Messages that a newcomer was told of and does not have: what they say comes after them, and what cites them need not
   * wait. Each counts until it is here.
   */
  anchor(places: readonly Place[]): void {
    for (const { id, lamport } of places) this.#anchors.set(id, lamport);
  }

  /** The newest settled messages: what a newcomer is to be told. */
  heads(): readonly Place[] {
    return this.tops()
      .slice(0, MAX_SEEN)
      .map(({ id, header }) => ({ id, lamport: header.lamport }));
  }

  /** All of them. */
  tops(): readonly Link[] {
    return [...this.#heads].filter(({ isBranch }) => !isBranch).sort(newestFirst);
  }

  /** Those that nothing here rests on yet. */
  #anchorsAhead(): readonly Place[] {
    const settled = Math.max(0, ...[...this.#heads].map(({ header }) => header.lamport));
    return [...this.#anchors]
      .filter(([id, lamport]) => this.#links.get(id)?.state !== 'settled' && lamport > settled)
      .map(([id, lamport]) => ({ id, lamport }));
  }

  /** How many messages of a chain are in the past of `of`, itself included. 0 unless it settled. */
  reach(of: MessageId, device: DeviceId, incarnation: Incarnation): number {
    const link = this.#links.get(of);
    const chain = this.#chains.get(keyOf(device, incarnation));
    return link?.state !== 'settled' || chain === undefined ? 0 : reachOf(link, chain);
  }

  /** The last settled message of each chain of a device. */
  endsOf(device: DeviceId): readonly MessageId[] {
    const own = [...this.#chains.values()].filter((chain) => chain.device === device);
    return own.flatMap(({ links, settled }) => links.get(settled - 1)?.id ?? []);
  }

  /** The message in a place; of forked ones the first that came. */
  at(device: DeviceId, incarnation: Incarnation, seq: number): MessageId | undefined {
    return this.#chains.get(keyOf(device, incarnation))?.links.get(seq)?.id;
  }

  /** What came second in places of a chain. */
  branches(device: DeviceId, incarnation: Incarnation): readonly Link[] {
    return this.#chains.get(keyOf(device, incarnation))?.forks ?? [];
  }

  /** Where a run that starts at `from` may end (exclusive), so that its last message is signed; `from` if nowhere. */
  runEnd(device: DeviceId, incarnation: Incarnation, from: number): number {
    const chain = this.#chains.get(keyOf(device, incarnation));
    if (chain === undefined) return from;
    for (let to = Math.min(chain.held, from + MAX_RUN); to > from; to--) {
      if (chain.links.get(to - 1)!.signature !== undefined) return to;
    }
    return from;
  }

  #insert(message: Message): Link {
    const { id, header } = message;
    const chain = this.#chainOf(header.device, header.incarnation);
    const { signature } = message;
    const isBranch = chain.links.has(header.seq);
    const link: Link = {
      id,
      chain,
      header,
      signature,
      isBranch,
      state: 'waiting',
      isGroundless: false,
      own: undefined,
      seen: [],
      gains: NO_GAINS,
    };
    this.#links.set(id, link);
    chain.known = Math.max(chain.known, header.seq + 1);
    if (isBranch) chain.forks.push(link);
    else chain.links.set(header.seq, link);
    while (isHeldNext(chain)) chain.held++;
    return link;
  }

  #chainOf(device: DeviceId, incarnation: Incarnation): Chain {
    const last = this.#last;
    if (last?.incarnation === incarnation && last.device === device) return last;
    return (this.#last = this.#findChain(device, incarnation));
  }

  #findChain(device: DeviceId, incarnation: Incarnation): Chain {
    const key = keyOf(device, incarnation);
    let chain = this.#chains.get(key);
    if (chain === undefined) this.#chains.set(key, (chain = newChain(key, device, incarnation)));
    return chain;
  }

  /** Settles what can be, and what waited for it. A list, not recursion: chains are long. */
  #settleFrom(links: Link[], charter: Charter, settled: MessageId[]): void {
    // First in, first out keeps a long chain that arrives in order from being turned over.
    const ready = [...links];
    for (let i = 0; i < ready.length; i++) {
      const link = ready[i]!;
      if (link.state !== 'waiting') continue;
      const judged = this.#judge(link, charter);
      if (judged.is === 'waits') {
        const others = this.#waiting.get(judged.on);
        if (others === undefined) this.#waiting.set(judged.on, [link]);
        else others.push(link);
        continue;
      }
      if (judged.is === 'bad') link.state = 'bad';
      else {
        this.#settle(link, judged);
        settled.push(link.id);
      }
      ready.push(...this.#released(link.id));
    }
  }

  #released(by: string): Link[] {
    const links = this.#waiting.get(by) ?? [];
    this.#waiting.delete(by);
    return links;
  }

  /** Depends on the message's past only, so that everybody who has it judges alike. */
  #judge(link: Link, charter: Charter): Judgement {
    const { header } = link;
    const own = header.own === undefined ? undefined : this.#links.get(header.own);
    if (header.own !== undefined && (own === undefined || own.state === 'waiting')) {
      return { is: 'waits', on: header.own };
    }
    if (own !== undefined && (own.state === 'bad' || !isLinked(own.id, own.header, header))) return { is: 'bad' };
    const seen: Link[] = [];
    let lamport = own?.header.lamport ?? 0;
    for (const id of header.seen) {
      const head = this.#links.get(id);
      const anchored = head?.state === 'settled' ? undefined : this.#anchors.get(id);
      if (anchored !== undefined) {
        lamport = Math.max(lamport, anchored);
        continue;
      }
      if (head === undefined || head.state === 'waiting') return { is: 'waits', on: id };
      if (head.state === 'bad' || head.chain === link.chain) return { is: 'bad' };
      lamport = Math.max(lamport, head.header.lamport);
      seen.push(head);
    }
    if (!mayStandAt(header.lamport, lamport)) return { is: 'bad' };
    // Most messages cite what the one before cited, and that one was found sound.
    const isSame = own !== undefined && citesSame(own.header, header);
    const verdict = isSame ? 'sound' : checkAuthor(charter, header);
    if (verdict === 'bad' || (verdict === 'sound' && !mayWriteIn(charter, header))) return { is: 'bad' };
    if (verdict === 'missing') return { is: 'waits', on: header.charter.find((id) => !charter.ops.has(id))! };
    // Never released by this version of the app: the space is read-only until a newer one reads it.
    if (verdict === 'newer') return { is: 'waits', on: NEWER };
    return { is: 'ready', own, seen, isGroundless: isSame ? own.isGroundless : !citesHeld(charter, header) };
  }

  #settle(link: Link, { own, seen, isGroundless }: Stage): void {
    link.state = 'settled';
    link.isGroundless = isGroundless;
    link.own = own;
    link.isBranch ||= own?.isBranch === true;
    link.seen = seen;
    link.gains = gainsOf(link.chain, own, seen);
    recordGains(link);
    if (link.chain.links.get(link.header.seq) === link && link.chain.settled === link.header.seq) link.chain.settled++;
    for (const cited of seen) this.#heads.delete(cited);
    if (own !== undefined) this.#heads.delete(own);
    this.#heads.add(link);
  }

  /** Ops and messages are waited for in one map; an op is known by who waits. */
  #isOp(id: string): boolean {
    return id === NEWER || (this.#waiting.get(id) ?? []).every(({ header }) => header.charter.includes(id as OpId));
  }
}

const NEWER = 'newer';

function keyOf(device: DeviceId, incarnation: Incarnation): string {
  return device + incarnation;
}

function outcomeOf(link: Link): MessageOutcome {
  if (link.chain.forks.includes(link)) return 'fork';
  return link.state;
}

function forkOf(link: Link): Fork | undefined {
  const { chain, header } = link;
  const held = chain.links.get(header.seq)!;
  if (held === link) return undefined;
  return { device: chain.device, incarnation: chain.incarnation, seq: header.seq, held: held.id, other: link.id };
}
