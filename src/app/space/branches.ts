// Of a device that said two things in one place, this one may hold other words than the others do, while what they said
// since cites theirs. Numbers do not tell branches apart, so such chains are asked for again now and then on each link,
// for as long as something cited is missing (chain/SPEC.md §9): whole, once it is proved of the device, and before that
// where what it said next does not rest on what is held. Nobody may have both, and nobody could prove it then.

import type { Charter } from '#core/charter/charter.ts';
import { accusedIn } from '#core/charter/forked-ops.ts';
import type { DeviceId } from '#core/charter/ids.ts';
import { SECOND, type Millis } from '#core/ports.ts';
import type { ChainId, Span } from '#core/sync/held.ts';
import { subtractSpans } from '#core/sync/spans.ts';
import type { Replica } from './replica.ts';

/** The other end may have come by the missing words meanwhile. */
const ASK_AGAIN = (30 * SECOND) as Millis;
/** How far back from such a place is asked at once; where it parted earlier, the answer shows the next place. */
const LOOK_BACK = 100;

export class Branches {
  readonly #replica: Replica;
  /** By chain, what was missing when it was asked for here, and when that was. */
  readonly #asked = new Map<string, { readonly missing: string; readonly at: Millis }>();

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
    if (!this.#isDue(key, torn.join())) return spans;
    return subtractSpans(
      spans,
      torn.map((place) => ({ from: Math.max(0, place + 1 - LOOK_BACK), to: place + 1 })),
    );
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
