// Which messages stand, and which of their authors' rights were gone, after ends of devices and roles and changes of rules
// (chain/SPEC.md §8): what the ender had seen stays, and what honest members built on.

import type { Charter } from '../charter/charter.ts';
import { isInPast } from '../charter/charter.ts';
import { citesHeld } from '../charter/author.ts';
import type { Header } from '../charter/header.ts';
import type { MessageId, OpId } from '../charter/ids.ts';
import { viewOf, type CharterView } from '../charter/view.ts';
import type { ChainSet } from './chain-set.ts';
import { cutsFor, type ContentCut } from './content-cuts.ts';
import type { Link } from './link.ts';

export interface ContentStanding {
  /** Settled messages that do not stand. */
  readonly voided: ReadonlySet<MessageId>;
  /** Settled messages beyond what somebody lost: their authors have nothing by what these ops ended. */
  readonly lost: ReadonlyMap<MessageId, ReadonlySet<OpId>>;
}

/** Which messages are judged, and what each of them rests on. */
interface Reading {
  readonly has: (link: Link) => boolean;
  readonly own: (link: Link) => Link | undefined;
  readonly seen: (link: Link) => readonly Link[];
  readonly isGroundless: (link: Link) => boolean;
}

const SETTLED: Reading = {
  has: ({ state }) => state === 'settled',
  own: ({ own }) => own,
  seen: ({ seen }) => seen,
  isGroundless: ({ isGroundless }) => isGroundless,
};

/** Judges the messages of one scope. A function of the two sets alone. */
export class ContentJudge {
  readonly #chains: ChainSet;
  readonly #charter: Charter;
  readonly #view: CharterView | undefined;
  readonly #cuts: readonly ContentCut[];
  readonly #seen = new Map<string, boolean>();

  constructor(chains: ChainSet, charter: Charter) {
    this.#chains = chains;
    this.#charter = charter;
    this.#view = viewOf(charter);
    this.#cuts = this.#view === undefined ? [] : cutsFor(chains.scope, charter, this.#view);
  }

  /** Equal for two that judge all messages alike. */
  get says(): string {
    if (this.#cuts.length === 0) return '';
    // Who is not live saves nothing.
    const silent = [...(this.#view?.devices.values() ?? [])].filter(({ isLive }) => !isLive);
    return [...this.#cuts.map(({ says }) => says), ...silent.map(({ device }) => device)].join('\n');
  }

  /** What ended for the author of a message that is not settled: whether it saves any of it nobody knows yet. */
  endsFor(header: Header): readonly ContentCut[] {
    return this.#cuts.filter((cut) => cut.concerns(header));
  }

  /** Whether a message that settled now may be void, or save one that was: all others change nothing. */
  isTouchedBy(link: Link, { voided, lost }: ContentStanding): boolean {
    if (link.isGroundless || this.#cuts.some((cut) => cut.concerns(link.header))) return true;
    if (voided.size === 0 && lost.size === 0) return false;
    return link.state === 'settled' && this.#cuts.some((cut) => this.#isWitness(cut, link));
  }

  /** Cheap while nobody who wrote anything lost what they wrote by. */
  judge(): ContentStanding {
    return this.#judge(SETTLED);
  }

  /** As if what waits had settled: by what of its past, and of what was said on top of it, is here. */
  foresee(): ContentStanding {
    const [chains, charter] = [this.#chains, this.#charter];
    const isWaiting = ({ state }: Link): boolean => state === 'waiting';
    return this.#judge({
      has: (link) =>
        SETTLED.has(link) || (isWaiting(link) && link.header.charter.every((head) => charter.ops.has(head))),
      own: (link) => (isWaiting(link) && link.header.own !== undefined ? chains.link(link.header.own) : link.own),
      seen: (link) => (isWaiting(link) ? link.header.seen.flatMap((id) => chains.link(id) ?? []) : link.seen),
      isGroundless: (link) => (isWaiting(link) ? !citesHeld(charter, link.header) : link.isGroundless),
    });
  }

  #judge(reading: Reading): ContentStanding {
    if (this.#cuts.length === 0) return { voided: this.#groundless(reading), lost: new Map() };
    const all = [...this.#chains.links()].filter((link) => reading.has(link));
    const beyond = this.#cuts
      .map((cut) => ({ cut, links: this.#notSeen(cut, { all, reading }) }))
      .filter(({ links }) => links.size > 0);
    const groundless = new Set(all.filter((link) => reading.isGroundless(link)));
    // Whoever is beyond a cut themself saves nobody, until others save them.
    const isVoid = (link: Link): boolean => {
      return groundless.has(link) || beyond.some(({ cut, links }) => cut.takes === 'message' && links.has(link));
    };
    /** Takes out what lies in the past of live authors’ standing messages that do not cite the end. */
    const save = (cut: ContentCut, links: Set<Link>): boolean => {
      const before = links.size;
      const witnesses = all.filter((link) => this.#isWitness(cut, link) && !isVoid(link));
      for (const link of pastOf(witnesses, reading)) links.delete(link);
      return links.size < before;
    };
    for (let hasSaved = true; hasSaved;) {
      hasSaved = false;
      for (const { cut, links } of beyond) {
        if (links.size > 0 && save(cut, links)) hasSaved = true;
      }
    }
    const lost = new Map<MessageId, Set<OpId>>();
    const voided = new Set([...groundless].map(({ id }) => id));
    for (const { cut, links } of beyond) {
      for (const { id } of links) {
        if (cut.takes === 'message') voided.add(id);
        else lost.set(id, (lost.get(id) ?? new Set()).add(cut.op));
      }
    }
    return { voided, lost };
  }

  #groundless(reading: Reading): ReadonlySet<MessageId> {
    const ids = new Set<MessageId>();
    for (const link of this.#chains.links()) if (reading.isGroundless(link) && reading.has(link)) ids.add(link.id);
    return ids;
  }

  /** What a cut concerns that is not kept by its frontier. */
  #notSeen(cut: ContentCut, { all, reading }: { readonly all: readonly Link[]; readonly reading: Reading }): Set<Link> {
    const links = new Set(all.filter(({ header }) => cut.concerns(header)));
    if (links.size === 0) return links;
    const named = cut.named.flatMap(({ head, seq, incarnation }) => {
      const link = this.#chains.link(head);
      const isMeant = link !== undefined && link.header.seq === seq && link.chain.incarnation === incarnation;
      return isMeant && reading.has(link) ? [link] : [];
    });
    for (const head of named) {
      for (let at: Link | undefined = head; at !== undefined; at = reading.own(at)) links.delete(at);
    }
    if (cut.keeps === 'past' && links.size > 0) for (const link of pastOf(named, reading)) links.delete(link);
    return links;
  }

  #isWitness(cut: ContentCut, { chain, header }: Link): boolean {
    const isLive = this.#view?.devices.get(chain.device)?.isLive === true;
    if (!isLive || cut.concernsAuthor(header)) return false;
    return ![cut.op, ...cut.same].some((op) => this.#hasSeen(header, op));
  }

  /** Many messages cite the same heads. */
  #hasSeen({ charter: heads }: Header, op: OpId): boolean {
    return heads.some((head) => {
      const key = op + head;
      let known = this.#seen.get(key);
      if (known === undefined) this.#seen.set(key, (known = isInPast(this.#charter, op, head)));
      return known;
    });
  }
}

/** Settled messages of a scope that do not stand. */
export function voidMessages(chains: ChainSet, charter: Charter): ReadonlySet<MessageId> {
  return new ContentJudge(chains, charter).judge().voided;
}

function pastOf(links: readonly Link[], { own, seen }: Reading): ReadonlySet<Link> {
  const past = new Set<Link>(links);
  // A set hands out what is added while it is read.
  for (const link of past) {
    const before = own(link);
    if (before !== undefined) past.add(before);
    for (const head of seen(link)) past.add(head);
  }
  return past;
}
