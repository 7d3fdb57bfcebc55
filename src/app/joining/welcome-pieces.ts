// A welcome on its way in: it comes in pieces, anybody who holds the code may add to them, and only what the group's own
// charter vouches for is taken.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import { emptyCharter } from '#core/charter/charter.ts';
import { EVERYONE, type SpaceId } from '#core/charter/ids.ts';
import type { VerifiedOp } from '#core/charter/op.ts';
import { placeLog } from '#core/charter/place-sliced.ts';
import { viewOf, type CharterView } from '#core/charter/view.ts';
import { hash } from '#core/crypto/hash.ts';
import { committedKeys } from '#core/keys/rotation.ts';
import type { ScopeKey } from '#core/keys/scope-key.ts';
import type { Clock, Millis } from '#core/ports.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import type { Welcome } from '#core/sync/welcome.ts';
import type { EventQueue } from '../event-queue.ts';
import { verifiedOps } from './group-found.ts';
import { putAnchors } from '../space/anchors.ts';
import { takeParcel } from '../space/intake.ts';
import type { Replica, SpaceContext } from '../space/replica.ts';

/** Pieces come one after the other, and a later one may say that the invitation is over. */
const GATHER = 400 as Millis;
/** Pieces kept of one welcome: a large charter, several times over. */
const MAX_PIECES = 512;
/** Of what was said: all that is left in two weeks. The rest comes over links. */
const MAX_SAID_BYTES = 3_000_000;

export interface WelcomePiecesPorts {
  readonly context: SpaceContext;
  readonly queue: EventQueue;
  readonly clock: Clock;
}

/** What a newcomer is told: what people and channels are called, and, once they are in, what was said, as open runs. */
export interface Told extends Pick<Welcome, 'names' | 'channels'> {
  readonly runs: readonly Bytes[];
}

/** What a newcomer comes in with. */
export interface Vouched {
  readonly ops: readonly VerifiedOp[];
  readonly keys: readonly ScopeKey[];
  readonly rendezvous: Bytes;
  readonly told: Told;
}

export class WelcomePieces {
  readonly #ports: WelcomePiecesPorts;
  readonly #space: SpaceId;
  readonly #seen = new Set<string>();
  readonly #pieces: Welcome[] = [];
  readonly #ops = new Map<string, VerifiedOp>();
  #cancel: (() => void) | undefined;
  #look: (() => Promise<void>) | undefined;

  constructor(space: SpaceId, ports: WelcomePiecesPorts) {
    this.#space = space;
    this.#ports = ports;
  }

  /** One more, if `open` makes one of it; `look` is called as an event of its own when no other follows soon. */
  async take(
    blob: Bytes,
    open: (blob: Bytes) => Promise<Welcome | undefined>,
    look: () => Promise<void>,
  ): Promise<void> {
    if (this.#pieces.length >= MAX_PIECES) return;
    const id = hex.encode(hash('envelope', blob));
    if (this.#seen.has(id)) return;
    const piece = await open(blob);
    if (piece === undefined) return;
    this.#seen.add(id);
    this.#pieces.push(piece);
    const { context, clock, queue } = this.#ports;
    for (const op of await verifiedOps(context, piece.parcel.ops)) this.#ops.set(op.id, op);
    this.cancel();
    this.#look = look;
    this.#cancel = clock.after(GATHER, () => void queue.run(() => this.lookNow()));
  }

  /** All that was left has come: there is nothing to wait for. Part of an event. */
  async lookNow(): Promise<void> {
    const look = this.#look;
    this.cancel();
    await look?.();
  }

  cancel(): void {
    this.#cancel?.();
    this.#look = undefined;
  }

  /** Somebody said no: with no charter at all. */
  get isRefusal(): boolean {
    return this.#pieces.some(({ parcel }) => parcel.ops.length === 0);
  }

  /** The group by all that came, judged from its genesis; `undefined` while the genesis is missing. */
  async view(): Promise<CharterView | undefined> {
    const { charter } = await placeLog(emptyCharter(this.#space), [...this.#ops.values()], this.#ports.context.breathe);
    return viewOf(charter);
  }

  /** What the charter vouches for; `undefined` until there is enough of it to come in. */
  vouched(view: CharterView): Vouched | undefined {
    const good = this.#good(view);
    const rendezvous = good.findLast((piece) => piece.rendezvous !== undefined)?.rendezvous;
    if (rendezvous === undefined) return undefined;
    return {
      ops: [...this.#ops.values()],
      keys: good.flatMap((piece) => committedKeys(view, piece.keys)),
      rendezvous,
      told: {
        names: good.flatMap(({ names }) => names),
        channels: good.flatMap(({ channels }) => channels),
        runs: newestRuns(good),
      },
    };
  }

  /** Gives a replica that came in by them what else they hold. */
  async handOver(replica: Replica, view: CharterView): Promise<void> {
    // The last word: it was left after the others.
    putAnchors(replica, EVERYONE, this.#good(view).findLast((piece) => piece.heads !== undefined)?.heads ?? []);
    const records = this.#pieces.flatMap((piece) => piece.parcel.records);
    await takeParcel(replica, { ...emptyParcel, records }, false);
  }

  #good(view: CharterView): readonly Welcome[] {
    return this.#pieces.filter((piece) => committedKeys(view, piece.keys).length > 0);
  }
}

/** Those left last hold most of what those before them do. */
function newestRuns(pieces: readonly Welcome[]): readonly Bytes[] {
  const runs: Bytes[] = [];
  let room = MAX_SAID_BYTES;
  for (const run of pieces.flatMap(({ parcel }) => parcel.runs).reverse()) {
    room -= run.length;
    if (room < 0) break;
    runs.push(run);
  }
  return runs.reverse();
}
