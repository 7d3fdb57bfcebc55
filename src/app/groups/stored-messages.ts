// Gives a group what is stored of its messages: names, channels and the newest words before it is shown, older words a
// little at a time after that. Those of a channel that somebody opens go before the others.

import { hex, holds, type Bytes } from '#core/bytes/bytes.ts';
import type { ChannelId } from '#core/chat/channel.ts';
import { inSteps, type EventQueue } from '../event-queue.ts';
import type { Entry } from '../space/log.ts';
import type { Replica } from '../space/replica.ts';

/** Read before the group is shown; the rest a little at a time. */
const AT_FIRST = 1_000;
const AT_ONCE = 250;

export interface StoredMessagesPorts {
  readonly replica: Replica;
  readonly queue: EventQueue;
  /** Whoever is told the same twice minds only the first time. */
  readonly tell: (entry: Entry) => void;
  /** What is shown may be other than before. */
  readonly touch: () => void;
}

export class StoredMessages {
  readonly #ports: StoredMessagesPorts;
  /** Words that stand before this place in the log were not told yet. */
  #before = 0;
  #isClosed = false;

  constructor(ports: StoredMessagesPorts) {
    this.#ports = ports;
  }

  /** What a group is shown by; it is told by whoever asks for it. */
  *newest(): Iterable<Entry> {
    const { log, pending } = this.#ports.replica;
    this.#before = Math.max(0, log.entries.length - AT_FIRST);
    for (const kind of log.kinds()) {
      if (kind !== 'chat') for (const { entry } of log.ofKind(kind)) yield entry;
    }
    yield* log.entries.slice(this.#before).filter(isChat);
    yield* pending.values();
  }

  /** The rest, newest first. Part of an event. */
  tellOlder(): void {
    if (this.#before > 0) void this.#ports.queue.later(() => this.#tellSome());
  }

  /** All words of a channel, before what else is left. */
  tellOf(channel: ChannelId): void {
    if (this.#before > 0) void this.#ports.queue.run(() => this.#tellOf(hex.decode(channel)!));
  }

  /** Everything, told by whoever asks for it. */
  *all(): Iterable<Entry> {
    const { log, pending } = this.#ports.replica;
    this.#before = 0;
    yield* log.entries;
    yield* pending.values();
  }

  close(): void {
    this.#isClosed = true;
  }

  #tellSome(): void {
    if (this.#isClosed || this.#before === 0) return;
    const { replica, tell, touch } = this.#ports;
    const { entries } = replica.log;
    const from = Math.max(0, this.#before - AT_ONCE);
    for (let i = this.#before - 1; i >= from; i--) if (isChat(entries[i]!)) tell(entries[i]!);
    this.#before = from;
    if (from === 0) touch();
    else this.tellOlder();
  }

  async #tellOf(channel: Bytes): Promise<void> {
    if (this.#isClosed) return;
    const { replica, tell, touch } = this.#ports;
    const older = replica.log.entries.slice(0, this.#before).reverse();
    const parts = Array.from({ length: Math.ceil(older.length / AT_ONCE) }, (_, i) =>
      older.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
    );
    await inSteps(parts, replica.context.breathe, (part) => {
      // Where its name stands in a body does not matter: what is told too early does no harm.
      for (const entry of part)
        if (isChat(entry) && entry.open !== undefined && holds(entry.open.body, channel)) tell(entry);
    });
    touch();
  }
}

function isChat({ message }: Entry): boolean {
  return message.header.kind === 'chat';
}
