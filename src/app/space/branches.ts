// Of a device that said two things in one place, this one may hold other words than the others do, while what they said
// since cites theirs. Numbers do not tell branches apart, so such chains are asked for again now and then on each link,
// for as long as something cited is missing (chain/SPEC.md §9): whole, once it is proved of the device, and before that
// where what it said next does not rest on what is held. Nobody may have both, and nobody could prove it then. Where it said
// nothing next only the ends of chains can be compared, which is done when nothing else brought what is missing.

import type { Charter } from '#core/charter/charter.ts';
import { accusedIn } from '#core/charter/forked-ops.ts';
import type { DeviceId, MessageId } from '#core/charter/ids.ts';
import { HOUR, SECOND, type Millis } from '#core/ports.ts';
import { chainKey, type ChainId, type Span } from '#core/sync/held.ts';
import { subtractSpans } from '#core/sync/spans.ts';
import type { Replica } from './replica.ts';

/** The other end may have come by the missing words meanwhile. */
const ASK_AGAIN = (30 * SECOND) as Millis;
const LOOK_AT_MOST_EVERY = (5 * SECOND) as Millis;
/** How far back from such a place is asked at once; where it parted earlier, the answer shows the next place. */
const LOOK_BACK = 100;
/** Anybody can cite what was never said: ends are asked for ever more rarely, some of them at a time. */
const ENDS_AT_MOST_EVERY = HOUR;
const MAX_ENDS = 32;

export class Branches {
  readonly #replica: Replica;
  /** By chain, what was missing when it was asked for here, and when that was. */
  readonly #asked = new Map<string, { readonly missing: string; readonly at: Millis }>();

  /** Since when each message is missing here. */
  #missing = new Map<MessageId, Millis>();
  #lookedAt: Millis | undefined;
  /** Ends that are due to be asked for, by chain, and when that was found. */
  readonly #ends = new Map<string, number>();
  #endsAt: Millis | undefined;
  #endsPause: Millis = ASK_AGAIN;

  #accused: { readonly of: Charter; readonly devices: ReadonlySet<DeviceId> } | undefined;

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  /** What counts as held of a chain when more of it is looked for. */
  spans(chain: ChainId, key: string): readonly Span[] {
    const { held, pending, view } = this.#replica;
    const spans = held.get(key)?.spans ?? [];
    // Where nothing waits nothing is missing.
    if (spans.length === 0 || pending.size === 0) return spans;
    const chains = this.#replica.chainsOf(chain.scope);
    if (view?.devices.get(chain.device)?.isFrozen === true || this.#isAccused(chain.device)) {
      return this.#isDue(key, chains.missing().join()) ? [] : spans;
    }
    const torn = chains.torn(chain.device, chain.incarnation);
    if (this.#isDue(key, torn.join())) {
      const places = torn.map((place) => ({ from: Math.max(0, place + 1 - LOOK_BACK), to: place + 1 }));
      return subtractSpans(spans, places);
    }
    this.#lookForEnds();
    const end = this.#ends.get(key);
    this.#ends.delete(key);
    return end === undefined ? spans : subtractSpans(spans, [{ from: end, to: end + 1 }]);
  }

  /** Once something was missing for a while although the other end gave all that it has. */
  #lookForEnds(): void {
    const now = this.#replica.context.clock.now();
    if (this.#lookedAt !== undefined && Math.abs(now - this.#lookedAt) < LOOK_AT_MOST_EVERY) return;
    this.#lookedAt = now;
    const sets = this.#replica.chainSets();
    const missing = sets.flatMap((chains) => chains.missing());
    this.#missing = new Map(missing.map((id) => [id, this.#missing.get(id) ?? now]));
    const isResting = this.#endsAt !== undefined && Math.abs(now - this.#endsAt) < this.#endsPause;
    const late = missing.filter((id) => Math.abs(now - this.#missing.get(id)!) >= ASK_AGAIN);
    if (isResting || late.length === 0) return;
    if (this.#endsAt !== undefined) this.#endsPause = Math.min(2 * this.#endsPause, ENDS_AT_MOST_EVERY) as Millis;
    this.#endsAt = now;
    const ends = sets.flatMap((chains) => {
      const places = late.slice(0, MAX_ENDS).flatMap((id) => chains.endsUnseenBy(id));
      return places.map(({ seq, ...of }) => [chainKey({ ...of, scope: chains.scope }), seq] as const);
    });
    this.#ends.clear();
    const unlike = [...new Map(ends)];
    const from = (this.#replica.context.random.bytes(1)[0]! / 256) * unlike.length;
    for (const [key, seq] of [...unlike, ...unlike].slice(from, from + MAX_ENDS)) this.#ends.set(key, seq);
  }

  /** A device that had been ended before is not frozen by what is proved of it then. */
  #isAccused(device: DeviceId): boolean {
    const { charter } = this.#replica;
    if (this.#accused?.of !== charter) this.#accused = { of: charter, devices: accusedIn(charter) };
    return this.#accused.devices.has(device);
  }

  /** Whether what is missing is to be asked for, now. */
  #isDue(key: string, missing: string): boolean {
    if (missing === '') return false;
    const now = this.#replica.context.clock.now();
    const before = this.#asked.get(key);
    if (before?.missing === missing && Math.abs(now - before.at) < ASK_AGAIN) return false;
    this.#asked.set(key, { missing, at: now });
    return true;
  }
}
