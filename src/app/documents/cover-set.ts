// Sets of messages of one space, by what checkpoints say that they cover.

import type { CoveredChain } from '#core/docs/covered-chains.ts';
import type { Span } from '#core/sync/held.ts';
import { addSpan, countOf, covers, subtractSpans } from '#core/sync/spans.ts';
import type { MessageId } from '../api.ts';
import type { ContentCheckpoint, ContentMessage, ContentPlace } from '../space-content.ts';

interface Covered {
  readonly device: ContentPlace['device'];
  readonly incarnation: ContentPlace['incarnation'];
  spans: readonly Span[];
}

export class CoverSet {
  readonly #chains = new Map<string, Covered>();

  add(chains: readonly CoveredChain[]): void {
    for (const { device, incarnation, spans } of chains) {
      const key = device + incarnation;
      const known = this.#chains.get(key) ?? { device, incarnation, spans: [] };
      known.spans = spans.reduce(addSpan, known.spans);
      this.#chains.set(key, known);
    }
  }

  addAll(other: CoverSet): void {
    this.add([...other.#chains.values()]);
  }

  has({ device, incarnation, seq }: ContentPlace): boolean {
    return covers(this.#chains.get(device + incarnation)?.spans ?? [], seq);
  }

  get size(): number {
    return [...this.#chains.values()].reduce((sum, { spans }) => sum + countOf(spans), 0);
  }

  /** All places; whoever asks looks at `size` first. */
  *places(): Generator<ContentPlace> {
    for (const { device, incarnation, spans } of this.#chains.values()) {
      for (const { from, to } of spans) for (let seq = from; seq < to; seq++) yield { device, incarnation, seq };
    }
  }

  /** What is here of it: of a chain nothing is beyond what is not, however far a lie reaches. */
  *here<T>(at: (place: ContentPlace) => T | undefined): Generator<readonly [ContentPlace, T]> {
    for (const { device, incarnation, spans } of this.#chains.values()) {
      for (const { from, to } of spans) {
        for (let seq = from; seq < to; seq++) {
          const place = { device, incarnation, seq };
          const found = at(place);
          if (found === undefined) break;
          yield [place, found];
        }
      }
    }
  }

  isWithin(whole: CoverSet): boolean {
    return [...this.#chains].every(([key, { spans }]) => {
      return subtractSpans(spans, whole.#chains.get(key)?.spans ?? []).length === 0;
    });
  }
}

export function placeOf({ author, incarnation, seq }: ContentMessage): ContentPlace {
  return { device: author, incarnation, seq };
}

/** All that a checkpoint covers, with those it goes on from; `undefined` where one of these is not known. */
export function coveredBy(claims: readonly ContentCheckpoint[], id: MessageId): CoverSet | undefined {
  const covered = new CoverSet();
  const seen = new Set<MessageId>();
  for (let at: MessageId | undefined = id; at !== undefined;) {
    const known: ContentCheckpoint | undefined = claims.find((claim) => claim.id === at);
    if (known === undefined || seen.has(at)) return undefined;
    seen.add(at);
    covered.add(known.claim.covers);
    at = known.claim.base;
  }
  return covered;
}

/** The covers of both, as one set. */
export function union(sets: readonly CoverSet[]): Pick<CoverSet, 'has'> {
  return { has: (place) => sets.some((set) => set.has(place)) };
}
