// Asking for the bodies of messages that are held without them (hollow.ts), and taking them from whoever still has them.

import type { MessageId } from '#core/charter/ids.ts';
import { SECOND, type Millis } from '#core/ports.ts';
import type { OpenMessage } from '#core/sync/open-run.ts';
import type { Span } from '#core/sync/held.ts';
import { spansOf, subtractSpans } from '#core/sync/spans.ts';
import type { HollowPlace } from './lasting-ports.ts';
import type { Replica } from './replica.ts';

/** Puts bodies that came into messages held without them. True when there was one. */
export function refill(replica: Replica, found: readonly OpenMessage[]): boolean {
  let hasFilled = false;
  for (const { message, open } of found) {
    const held = open === undefined ? undefined : replica.entryAt(message.id);
    if (held === undefined || held.open !== undefined || open === undefined) continue;
    const whole = { ...held, open };
    if (replica.lasting.mayHave?.(whole) !== true) continue;
    replica.fill(whole);
    hasFilled = true;
  }
  return hasFilled;
}

/** The other end may have come by it meanwhile; each time it is given four times as long. */
const ASK_AGAIN = (30 * SECOND) as Millis;
const LONGER = 4;
/** Nobody may have it. */
const MAX_ASKED = 5;
/** As many as one request takes beside what else is missing. */
const MAX_SPANS = 6;
const MAX_AT_ONCE = 64;

/** What is asked for on one link. */
export class Refills {
  readonly #replica: Replica;
  readonly #asked = new Map<MessageId, { readonly times: number; readonly at: Millis }>();

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  /** What counts as held of a chain when more of it is looked for. */
  spans(chain: string, held: readonly Span[]): readonly Span[] {
    const hollow = this.#replica.lasting.hollowIn?.(chain) ?? [];
    if (hollow.length === 0) return held;
    const now = this.#replica.context.clock.now();
    const due = hollow.filter((place) => this.#isDue(place, now)).slice(0, MAX_AT_ONCE);
    const wanted = spansOf(due.map(({ seq }) => seq)).slice(-MAX_SPANS);
    for (const { id, seq } of due) {
      if (wanted.some(({ from, to }) => from <= seq && seq < to)) {
        this.#asked.set(id, { times: (this.#asked.get(id)?.times ?? 0) + 1, at: now });
      }
    }
    return subtractSpans(held, wanted);
  }

  #isDue({ id, isLikely }: HollowPlace, now: Millis): boolean {
    const asked = this.#asked.get(id);
    if (asked === undefined) return true;
    const { times, at } = asked;
    return times < (isLikely ? 1 : MAX_ASKED) && Math.abs(now - at) >= ASK_AGAIN * LONGER ** (times - 1);
  }
}
