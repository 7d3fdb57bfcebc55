// Sets of message numbers of one chain, as ascending spans that neither touch nor overlap.

import type { Span } from './held.ts';

/** The spans with one more in them. */
export function addSpan(spans: readonly Span[], added: Span): Span[] {
  if (added.to <= added.from) return [...spans];
  const last = spans.at(-1);
  // Nearly always the next message of a chain.
  if (last !== undefined && last.to === added.from) return [...spans.slice(0, -1), { from: last.from, to: added.to }];
  const result: Span[] = [];
  let { from, to } = added;
  for (const span of spans) {
    if (span.to < from || span.from > to) {
      result.push(span);
    } else {
      from = Math.min(from, span.from);
      to = Math.max(to, span.to);
    }
  }
  result.push({ from, to });
  return result.sort((a, b) => a.from - b.from);
}

/** The spans of some numbers, in any order. */
export function spansOf(numbers: readonly number[]): Span[] {
  const spans: { from: number; to: number }[] = [];
  // Read from a log they ascend.
  const areSorted = numbers.every((number, i) => i === 0 || numbers[i - 1]! <= number);
  for (const number of areSorted ? numbers : Float64Array.from(numbers).sort()) {
    const last = spans.at(-1);
    if (last === undefined || number > last.to) spans.push({ from: number, to: number + 1 });
    else if (number === last.to) last.to++;
  }
  return spans;
}

/** What is in `spans` and not in `without`. */
export function subtractSpans(spans: readonly Span[], without: readonly Span[]): Span[] {
  let rest: Span[] = [...spans];
  for (const gone of without) {
    rest = rest.flatMap((span) => {
      if (gone.to <= span.from || gone.from >= span.to) return [span];
      const parts: Span[] = [];
      if (span.from < gone.from) parts.push({ from: span.from, to: gone.from });
      if (gone.to < span.to) parts.push({ from: gone.to, to: span.to });
      return parts;
    });
  }
  return rest;
}

/** What is in both. */
export function commonSpans(spans: readonly Span[], others: readonly Span[]): Span[] {
  return others.length === 0 ? [] : subtractSpans(spans, subtractSpans(spans, others));
}

export function covers(spans: readonly Span[], seq: number): boolean {
  return spans.some((span) => span.from <= seq && seq < span.to);
}

/** How many messages from the first on are there without a hole. */
export function reachOf(spans: readonly Span[]): number {
  const first = spans[0];
  return first?.from === 0 ? first.to : 0;
}

/** The holes before the last message. */
export function holesOf(spans: readonly Span[]): Span[] {
  const last = spans.at(-1);
  return last === undefined ? [] : subtractSpans([{ from: 0, to: last.to }], spans);
}

export function countOf(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + span.to - span.from, 0);
}
