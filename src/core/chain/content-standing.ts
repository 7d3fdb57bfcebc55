// Which messages stand, and which of their authors' rights were gone, after ends of devices and roles and changes of rules
// (chain/SPEC.md §8): what the ender had seen stays, and what honest members built on.

import type { Charter } from '../charter/charter.ts';
import { isInPast } from '../charter/charter.ts';
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
    return this.#cuts.some((cut) => this.#isWitness(cut, link));
  }

  /** Cheap while nobody who wrote anything lost what they wrote by. */
  judge(): ContentStanding {
    const beyond = this.#cuts.map((cut) => ({ cut, links: this.#notSeen(cut) })).filter(({ links }) => links.size > 0);
    const groundless = [...this.#chains.links()].filter((link) => link.state === 'settled' && link.isGroundless);
    // Whoever is beyond a cut themself saves nobody, until others save them.
    const isVoid = (link: Link): boolean => {
      return link.isGroundless || beyond.some(({ cut, links }) => cut.takes === 'message' && links.has(link));
    };
    for (let hasSaved = true; hasSaved;) {
      hasSaved = false;
      for (const { cut, links } of beyond) {
        if (links.size > 0 && this.#save(cut, links, isVoid)) hasSaved = true;
      }
    }
    const lost = new Map<MessageId, Set<OpId>>();
    const voided = new Set(groundless.map(({ id }) => id));
    for (const { cut, links } of beyond) {
      for (const { id } of links) {
        if (cut.takes === 'message') voided.add(id);
        else lost.set(id, (lost.get(id) ?? new Set()).add(cut.op));
      }
    }
    return { voided, lost };
  }

  /** What a cut concerns that is not kept by its frontier. */
  #notSeen(cut: ContentCut): Set<Link> {
    const links = new Set<Link>();
    for (const link of this.#chains.links()) if (link.state === 'settled' && cut.concerns(link.header)) links.add(link);
    if (links.size === 0) return links;
    const named = cut.named.flatMap(({ head, seq, incarnation }) => {
      const link = this.#chains.link(head);
      return link?.state === 'settled' && link.header.seq === seq && link.chain.incarnation === incarnation
        ? [link]
        : [];
    });
    for (const head of named) for (let at: Link | undefined = head; at !== undefined; at = at.own) links.delete(at);
    if (cut.keeps === 'past' && links.size > 0) for (const link of pastOf(named)) links.delete(link);
    return links;
  }

  /** Takes out what lies in the past of live authors' standing messages that do not cite the end. */
  #save(cut: ContentCut, links: Set<Link>, isVoid: (link: Link) => boolean): boolean {
    const witnesses: Link[] = [];
    for (const link of this.#chains.links()) if (this.#isWitness(cut, link) && !isVoid(link)) witnesses.push(link);
    const before = links.size;
    for (const link of pastOf(witnesses)) links.delete(link);
    return links.size < before;
  }

  #isWitness(cut: ContentCut, { state, chain, header }: Link): boolean {
    const isLive = this.#view?.devices.get(chain.device)?.isLive === true;
    if (state !== 'settled' || !isLive || cut.concernsAuthor(header)) return false;
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

function pastOf(links: readonly Link[]): ReadonlySet<Link> {
  const past = new Set<Link>(links);
  // A set hands out what is added while it is read.
  for (const link of past) {
    if (link.own !== undefined) past.add(link.own);
    for (const head of link.seen) past.add(head);
  }
  return past;
}
