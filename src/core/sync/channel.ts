// One space on one proven link, as a machine without time or network of its own (SPEC.md §4): events go in, effects come
// out. It compares what both sides hold until they hold the same, and tells how far the other side has things on disk.
//
// Invariants
// 1. `have` never says more than the disk holds: `local.durable()` is all it reads.
// 2. Nothing is lost for good by a lost, doubled, reordered or damaged frame: numbers and pings show it, and all is
//    asked for again.
// 3. One request at a time, so that what the other side may make us handle at once is bounded. The next one goes out when
//    all of the answer has arrived and a part of it was taken: the road is not still while the rest is.
// 4. Answers to nothing asked are taken like pushes: they are checked the same way.

import type { Bytes } from '../bytes/bytes.ts';
import type { OpId } from '../charter/ids.ts';
import { SECOND, type Millis } from '../ports.ts';
import type { ChannelMessage, Want } from './channel-messages.ts';
import {
  chainKey,
  inPortions,
  nothingHeld,
  type ChainId,
  type Held,
  type HeldChain,
  type HeldRecord,
  type Span,
} from './held.ts';
import type { Parcel } from './parcel.ts';
import { countOf, subtractSpans } from './spans.ts';

/** What this side holds, asked anew at each step. */
export interface Local {
  /** On disk. */
  durable(): Held;
  /** Here, on disk or not yet; what needs not be asked for. */
  spans(chain: ChainId, key: string): readonly Span[];
  hasOp(op: OpId): boolean;
  recordNumber(device: HeldRecord['device']): number | undefined;
  /** Whether the chain's device is one of the space; `orWill`: or may be by ops that are not here yet. */
  knows(chain: ChainId, orWill: boolean): boolean;
  heads(): readonly OpId[];
  /** A better road to the device may open at any moment: what is much waits for it. */
  isForNow(): boolean;
  /** What arrived of a chain, by its own word, and waits to be heard: not to be asked for while it does. */
  coming(key: string): readonly Span[];
  /** Whether the last piece of an answer arrived and waits to be heard. */
  hasArrived(request: number): boolean;
}

export type ChannelEffect =
  | { readonly is: 'send'; readonly message: ChannelMessage }
  /** The other side asks; answer with `give` messages of that request. */
  | { readonly is: 'serve'; readonly want: Want }
  | { readonly is: 'take'; readonly parcel: Parcel }
  /** So much is on the other side's disk. */
  | { readonly is: 'confirmed'; readonly held: Held }
  | { readonly is: 'fleeting'; readonly payload: Bytes }
  | { readonly is: 'ended' };

/**
 * Messages in one request. An answer holds fewer: of all that is asked for those that come first. A request names more of
 * each chain than its part of an answer, for some devices say much while others say little: what was said after something
 * that is not asked for yet would wait for it here, thousands at a time, and on the disk.
 */
const MAX_WANTED = 10_000;
/** A request for as many is a flood: what follows from it is better done once, after it. */
const MUCH = 1_000;
/** Messages asked for before a better road opens, if one may: what a person sees first, and little to ask for twice. */
const WANTED_FOR_NOW = 200;
const MAX_WANTED_CHAINS = 64;
const MAX_WANTED_SPANS = 8;
/** Longer than a slow relayed round trip with the disk at the other end. */
const ANSWER_WITHIN = (2 * SECOND) as Millis;
/** After no answer, or one that brought nothing; doubles. */
const FIRST_PAUSE = (1 * SECOND) as Millis;
/** Frames get lost, so an answer that did not come is soon asked for again. */
const LONGEST_AFTER_SILENCE = (4 * SECOND) as Millis;
/** A claim that is never kept must cost little. */
const LONGEST_AFTER_NOTHING = (60 * SECOND) as Millis;
/** Of chains in one `have`, which also says heads and records; more follow in further ones. */
const HAVE_BYTES = 64_000;

interface Request {
  readonly number: number;
  /** How many messages it names. */
  readonly count: number;
  until: Millis;
  brought: boolean;
}

export class Channel {
  readonly #local: Local;
  #theirs: Held = nothingHeld;
  readonly #theirChains = new Map<string, HeldChain>();
  /** Numbers of their `have`s: the last whole one, and those after it that came. */
  #wholeAt: number | undefined;
  #came = new Set<number>();
  #headsAt = -1;
  #said: Held | undefined;
  #saidNumber = 0;
  #request: Request | undefined;
  #nextRequest = 1;
  #pause: Millis = FIRST_PAUSE;
  #restUntil = 0;
  #leftForNow = WANTED_FOR_NOW;
  /** Chains of theirs that may have more than is held here; between two heartbeats only these are looked at. */
  readonly #suspects = new Set<string>();

  constructor(local: Local) {
    this.#local = local;
  }

  get theirs(): Held {
    return this.#theirs;
  }

  /** Much was asked for and is not all here, or will be as soon as there is a better road. */
  get isFlooded(): boolean {
    if ((this.#request?.count ?? 0) >= MUCH) return true;
    return this.#leftForNow <= 0 && this.#local.isForNow();
  }

  /** Begins: says all that is held. */
  open(): ChannelEffect[] {
    return this.#sayAll();
  }

  /** More is on disk than before. */
  changed(now: Millis): ChannelEffect[] {
    return [...this.#sayChanges(), ...this.#seek(now)];
  }

  /** A heartbeat; also looks for answers that did not come. */
  tick(now: Millis): ChannelEffect[] {
    const isLate = this.#request !== undefined && !isAhead(this.#request.until, now, ANSWER_WITHIN);
    if (isLate) this.#endRequest(now, LONGEST_AFTER_SILENCE);
    const ping: ChannelEffect = { is: 'send', message: { is: 'ping', n: this.#saidNumber } };
    // What was held may have been let go.
    for (const key of this.#theirChains.keys()) this.#suspects.add(key);
    return [ping, ...this.#seek(now)];
  }

  hear(message: ChannelMessage, now: Millis): ChannelEffect[] {
    switch (message.is) {
      case 'have':
        return this.#hearHave(message, now);
      case 'ask':
        return this.#sayAll();
      case 'want':
        return [{ is: 'serve', want: message.want }];
      case 'give':
        return this.#hearGive(message, now);
      case 'push':
        return [{ is: 'take', parcel: message.parcel }];
      case 'fleeting':
        return [{ is: 'fleeting', payload: message.payload }];
      case 'ping':
        return this.#isMissing(message.n) ? [{ is: 'send', message: { is: 'ask' } }] : [];
      case 'bye':
        return [{ is: 'ended' }];
    }
  }

  #sayAll(): ChannelEffect[] {
    const held = this.#local.durable();
    this.#said = held;
    return inPortions(held.chains, HAVE_BYTES).map((chains, i) => this.#have(i === 0, { ...held, chains }));
  }

  #sayChanges(): ChannelEffect[] {
    const before = this.#said;
    if (before === undefined) return this.#sayAll();
    const held = this.#local.durable();
    if (held === before) return [];
    // What is held goes on from what was held, so a chain is known by the very same object.
    const known = new Map(before.chains.map(({ chain, spans }) => [chain, spans]));
    const chains = held.chains.filter(({ chain, spans }) => !sameSpans(known.get(chain), spans));
    const isSame = chains.length === 0 && sameLists(before, held) && sameRecords(before, held);
    this.#said = held;
    if (isSame) return [];
    return inPortions(chains, HAVE_BYTES).map((some) => this.#have(false, { ...held, chains: some }));
  }

  #have(whole: boolean, held: Held): ChannelEffect {
    this.#saidNumber++;
    return { is: 'send', message: { is: 'have', n: this.#saidNumber, whole, held } };
  }

  #hearHave(message: Extract<ChannelMessage, { is: 'have' }>, now: Millis): ChannelEffect[] {
    const { n, whole, held } = message;
    if (whole && (this.#wholeAt === undefined || n > this.#wholeAt)) this.#wholeAt = n;
    this.#came.add(n);
    // Heads and records are said in full each time, so the newest counts; chains only grow, so any order will do.
    const isNewest = n > this.#headsAt;
    if (isNewest) this.#headsAt = n;
    for (const chain of held.chains) {
      const key = chainKey(chain.chain);
      const known = this.#theirChains.get(key);
      if (isNewest || known === undefined || countOf(chain.spans) > countOf(known.spans)) {
        this.#theirChains.set(key, chain);
        this.#suspects.add(key);
      }
    }
    this.#theirs = {
      heads: isNewest ? held.heads : this.#theirs.heads,
      records: isNewest ? held.records : this.#theirs.records,
      lacks: isNewest ? held.lacks : this.#theirs.lacks,
      chains: [...this.#theirChains.values()],
    };
    this.#forgetNumbers();
    if (isNewest) this.#restUntil = 0;
    return [{ is: 'confirmed', held }, ...this.#seek(now)];
  }

  /** Numbers before the last whole `have`, and an unbroken row after it, need not be kept one by one. */
  #forgetNumbers(): void {
    let whole = this.#wholeAt;
    if (whole === undefined) return;
    while (this.#came.has(whole + 1)) whole++;
    this.#wholeAt = whole;
    for (const n of this.#came) if (n <= whole) this.#came.delete(n);
    // A hostile other side could count up with holes for ever.
    if (this.#came.size > 1_000) this.#came = new Set();
  }

  #isMissing(latest: number): boolean {
    return this.#wholeAt === undefined || latest > this.#wholeAt;
  }

  #hearGive(message: Extract<ChannelMessage, { is: 'give' }>, now: Millis): ChannelEffect[] {
    const { parcel, request, last } = message;
    const effects: ChannelEffect[] = [{ is: 'take', parcel }];
    if (this.#request?.number !== request) return effects;
    this.#request.brought ||= Object.values(parcel).some((parts: readonly unknown[]) => parts.length > 0);
    this.#request.until = (now + ANSWER_WITHIN) as Millis;
    if (last) this.#endRequest(now, LONGEST_AFTER_NOTHING);
    return effects;
  }

  #endRequest(now: Millis, longestPause: Millis): void {
    if (this.#request?.brought === true) {
      this.#pause = FIRST_PAUSE;
    } else {
      this.#restUntil = now + Math.min(this.#pause, longestPause);
      this.#pause = Math.min(2 * this.#pause, LONGEST_AFTER_NOTHING) as Millis;
    }
    this.#request = undefined;
  }

  /** After what was taken has been handled: asks for more when the last answer is complete. */
  seek(now: Millis): ChannelEffect[] {
    return this.#seek(now);
  }

  #seek(now: Millis): ChannelEffect[] {
    // One that brought nothing so far is heard to its end: what follows then is a pause.
    const isHere = this.#request?.brought === true && this.#local.hasArrived(this.#request.number);
    if (isHere) this.#endRequest(now, LONGEST_AFTER_NOTHING);
    if (this.#request !== undefined || isAhead(this.#restUntil, now, LONGEST_AFTER_NOTHING)) return [];
    const room = this.#local.isForNow() ? this.#leftForNow : MAX_WANTED;
    const want = this.#missing(room);
    if (want === undefined) return [];
    const count = want.chains.reduce((sum, { spans }) => sum + countOf(spans), 0);
    if (room < MAX_WANTED) this.#leftForNow -= count;
    this.#request = { number: want.request, count, until: (now + ANSWER_WITHIN) as Millis, brought: false };
    this.#nextRequest++;
    return [{ is: 'send', message: { is: 'want', want } }];
  }

  #missing(room: number): Want | undefined {
    const local = this.#local;
    const ops = this.#theirs.heads.some((head) => !local.hasOp(head));
    const isNewer = ({ device, number }: HeldRecord): boolean => number > (local.recordNumber(device) ?? -1);
    const records = this.#theirs.records
      .filter(isNewer)
      .map(({ device }) => ({ device, number: local.recordNumber(device) ?? 0 }));
    const chains = room > 0 ? this.#missingChains(room, ops) : [];
    if (!ops && records.length === 0 && chains.length === 0) return undefined;
    return { request: this.#nextRequest, ops, heads: ops ? local.heads() : [], records, chains };
  }

  /**
   * Something of each chain: they cite each other, and the end of one would wait for the beginnings of all. With ops come
   * devices that are new here: their chains are asked for together with them.
   */
  #missingChains(room: number, withOps: boolean): HeldChain[] {
    const missing: HeldChain[] = [];
    for (const key of this.#suspects) {
      if (missing.length >= MAX_WANTED_CHAINS) break;
      const { chain, spans } = this.#theirChains.get(key)!;
      if (!this.#local.knows(chain, withOps)) continue;
      const here = this.#local.spans(chain, key);
      // Nearly always.
      const isWhole = spans.length === 1 && here.length === 1 && contains(here[0]!, spans[0]!);
      const missingHere = isWhole ? [] : subtractSpans(spans, here);
      if (missingHere.length === 0) this.#suspects.delete(key);
      const lacking = subtractSpans(missingHere, this.#local.coming(key)).slice(0, MAX_WANTED_SPANS);
      if (lacking.length > 0) missing.push({ chain, spans: lacking });
    }
    // Short chains first: what they leave of their shares goes to the long ones.
    missing.sort((a, b) => countOf(a.spans) - countOf(b.spans));
    let left = room;
    return missing.flatMap(({ chain, spans }, i) => {
      const part = beginningOf(spans, Math.ceil(left / (missing.length - i)));
      left -= countOf(part);
      return part.length === 0 ? [] : [{ chain, spans: part }];
    });
  }
}

/** What is further off than it was ever put lies so by a clock that was set back: nothing is to wait for that. */
function isAhead(time: number, now: Millis, atMost: Millis): boolean {
  return time > now && time - now <= atMost;
}

function contains(outer: Span, inner: Span): boolean {
  return outer.from <= inner.from && inner.to <= outer.to;
}

/** The first `count` numbers of some spans. */
function beginningOf(spans: readonly Span[], count: number): Span[] {
  const beginning: Span[] = [];
  let left = count;
  for (const { from, to } of spans) {
    if (left <= 0) break;
    beginning.push({ from, to: Math.min(to, from + left) });
    left -= Math.min(left, to - from);
  }
  return beginning;
}

function sameSpans(a: readonly Span[] | undefined, b: readonly Span[]): boolean {
  if (a === b) return true;
  if (a?.length !== b.length) return false;
  return a.every((span, i) => span.from === b[i]!.from && span.to === b[i]!.to);
}

function sameLists(a: Held, b: Held): boolean {
  const same = (one: readonly string[], other: readonly string[]): boolean =>
    one.length === other.length && one.every((item, i) => item === other[i]);
  return same(a.heads, b.heads) && same(a.lacks, b.lacks);
}

function sameRecords(a: Held, b: Held): boolean {
  if (a.records.length !== b.records.length) return false;
  return a.records.every(
    (record, i) => record.device === b.records[i]!.device && record.number === b.records[i]!.number,
  );
}
