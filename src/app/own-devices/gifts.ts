// What lies in the mail that lets a new device in besides the self space's own: of the first group the keys, and as much of
// what people work on there as a newcomer would be given, so that it is shown before any of its topics was read. It is never
// the only road: the same keys wait at the device's inbox in the group, and what was said comes by topics and links.

import type { Bytes } from '#core/bytes/bytes.ts';
import { EVERYONE, type DeviceId, type SpaceId } from '#core/charter/ids.ts';
import { decodeWrap } from '#core/keys/wrap.ts';
import { decodeOpenRun } from '#core/sync/open-run.ts';
import { chainKey, type ChainId, type HeldChain, type Span } from '#core/sync/held.ts';
import { USUAL_MAIL_BYTES } from '#core/sync/mail.ts';
import { emptyParcel, splitParcel, type Parcel } from '#core/sync/parcel.ts';
import { commonSpans, subtractSpans } from '#core/sync/spans.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import type { EventQueue } from '../event-queue.ts';
import type { Replica } from '../space/replica.ts';
import { mailFor } from '../space/offer.ts';
import type { Engine } from '../traffic/engine.ts';
import type { Pieces } from '../traffic/mail-out.ts';

/** Somewhat more than is given with one space; what is beyond is not kept. */
const MAX_KEPT_BYTES = 600_000;

interface Gift {
  readonly parcel: Parcel;
  /** Of the relay node at which it lay. */
  readonly day: number | undefined;
}

export interface GiftsPorts {
  readonly queue: EventQueue;
  readonly engine: Engine;
  readonly replica: (space: SpaceId) => Replica | undefined;
}

/** In memory until the space is here. */
export class Gifts {
  readonly #ports: GiftsPorts;
  readonly #kept = new Map<SpaceId, Gift[]>();
  #room = MAX_KEPT_BYTES;

  constructor(ports: GiftsPorts) {
    this.#ports = ports;
  }

  /** Of mail of another own device what is of the self space; the rest is given to the spaces it is of. Part of an event. */
  unpacked(self: Replica, parcel: Parcel, day: number | undefined): Parcel {
    const { own, others } = unpack(self.identity.space, parcel);
    for (const [space, gift] of others) {
      const length = bytesOf(gift);
      if (length > this.#room) continue;
      this.#room -= length;
      this.#kept.set(space, [...(this.#kept.get(space) ?? []), { parcel: gift, day }]);
      void this.#ports.queue.run(() => this.give(space));
    }
    return own;
  }

  /** A space may be here now. Part of an event. */
  async give(space: SpaceId): Promise<void> {
    const { engine, replica: replicaOf } = this.#ports;
    const replica = replicaOf(space);
    const gifts = replica === undefined ? undefined : this.#kept.get(space);
    if (replica === undefined || gifts === undefined) return;
    this.#kept.delete(space);
    for (const { parcel, day } of gifts) {
      this.#room += bytesOf(parcel);
      // As a welcome is taken: what came without its body is not believed because an own device left it out.
      await engine.take(replica, parcel, day === undefined ? { proven: true } : { proven: true, day });
    }
  }
}

function unpack(
  self: SpaceId,
  parcel: Parcel,
): { readonly own: Parcel; readonly others: ReadonlyMap<SpaceId, Parcel> } {
  const others = new Map<SpaceId, Parcel>();
  const isOwn = (part: 'wraps' | 'runs', bytes: Bytes, space: SpaceId | undefined): boolean => {
    if (space === undefined || space === self) return true;
    const gift = others.get(space) ?? emptyParcel;
    others.set(space, { ...gift, [part]: [...gift[part], bytes] });
    return false;
  };
  const own = {
    ...parcel,
    wraps: parcel.wraps.filter((bytes) => isOwn('wraps', bytes, tryDecode(() => decodeWrap(bytes))?.space)),
    runs: parcel.runs.filter((bytes) => isOwn('runs', bytes, spaceOfRun(bytes))),
  };
  return { own, others };
}

function spaceOfRun(bytes: Bytes): SpaceId | undefined {
  return tryDecode(() => decodeOpenRun(bytes))?.[0]?.message.header.space;
}

function bytesOf({ wraps, runs }: Parcel): number {
  return [...wraps, ...runs].reduce((sum, { length }) => sum + length, 0);
}

/** Mail to a device that was just let in: what it is given with the last own message, then the rest of what it lacks. */
export function giftFirst(
  self: Replica,
  to: DeviceId,
  gift: Pick<Parcel, 'wraps' | 'runs'>,
): (due: readonly HeldChain[]) => Promise<Pieces> {
  const { identity, incarnation } = self;
  const { seq } = self.chainsOf(EVERYONE).next(identity.device, incarnation);
  const key = chainKey({ device: identity.device, incarnation, scope: EVERYONE });
  return async (due) => {
    const last = (chain: ChainId): readonly Span[] => (chainKey(chain) === key ? [{ from: seq - 1, to: seq }] : []);
    const first = due.map(({ chain, spans }) => ({ chain, spans: commonSpans(spans, last(chain)) }));
    const after = due.map(({ chain, spans }) => ({ chain, spans: subtractSpans(spans, last(chain)) }));
    const mail = await mailFor(self, to, first.filter(isSome));
    const rest = await mailFor(self, to, after.filter(isSome));
    const wraps = [...mail.parcel.wraps, ...gift.wraps];
    const given = { ...mail.parcel, wraps, runs: [...mail.parcel.runs, ...gift.runs] };
    const others = { ...emptyParcel, frames: rest.parcel.frames, runs: rest.parcel.runs };
    return {
      pieces: [given, others].flatMap((parcel) => splitParcel(parcel, USUAL_MAIL_BYTES)),
      chains: [...mail.chains, ...rest.chains],
    };
  };
}

function isSome({ spans }: HeldChain): boolean {
  return spans.length > 0;
}
