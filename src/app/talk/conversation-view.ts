// What a person reads of one pair space: the timeline with delivery states and gaps, and what is unread. Screens get new
// arrays when something changed; entries that did not change stay the same objects.

import { comparePlaces, type Place } from '#core/chain/place.ts';
import { Timeline, type TimelineMessage } from '#core/chat/timeline.ts';
import type { Header } from '#core/charter/header.ts';
import { EVERYONE, type MessageId, type PrincipalId, type Scope } from '#core/charter/ids.ts';
import { SECOND, type Millis } from '#core/ports.ts';
import { covers } from '#core/sync/spans.ts';
import type { Delivery, Gap, Message, TimelineEntry } from '../api.ts';
import { isUnread, readOn, type JustRead, type MoveOn, type ReadMark } from './read-mark.ts';
import { Reach, type ChainReach } from '../space/reach.ts';
import type { Breather } from '../event-queue.ts';
import type { Replica } from '../space/replica.ts';
import type { PersonId } from './talk-api.ts';

/** Frames overtake each other; what is still missing after this is a gap. */
export const GAP_AFTER = (2 * SECOND) as Millis;

/** Messages of which it is looked up how they are to look before the page gets its turn: a millisecond or two. */
const LOOKS_AT_ONCE = 250;

/** What a conversation among many does otherwise. */
export interface ManyAuthors {
  /** How far messages have come; asked anew for each look. */
  readonly reach: () => MessageReach;
  readonly by: (author: PrincipalId) => PersonId;
  readonly scope: Scope;
  /** Whether a gap that begins a chain is one: not for those who came later. */
  readonly knowsBeginnings: boolean;
}

export interface MessageReach {
  of(header: Header): ChainReach;
}

interface Shown {
  readonly from: TimelineMessage;
  readonly delivery: Delivery | undefined;
  /** Of an own message, once it was looked up: ten thousand on their way are asked for at each confirmation. */
  readonly header: Header | undefined;
  readonly message: Message;
}

/** What screens are to show. */
interface Drawn {
  readonly entries: readonly TimelineEntry[];
  readonly moreAt: Millis | undefined;
}

interface Drawing {
  readonly messages: readonly TimelineMessage[];
  readonly gaps: readonly { readonly before: Place; readonly gap: Gap }[];
  readonly show: (message: TimelineMessage) => Shown;
  readonly onTheWay: number[];
}

const nothingUnread: { readonly count: number; readonly first: Place | undefined } = { count: 0, first: undefined };

export class ConversationView {
  timeline = new Timeline();
  readonly #replica: Replica;
  /** Own messages, as last shown, that are neither at a relay node nor with the other person. */
  waiting = 0;
  readonly #shown = new Map<MessageId, Shown>();
  /** What was shown in each place of the timeline: most of it is there again, and need not be looked up. */
  #places: Shown[] = [];
  /** The entries last shown, where no gap stood between them: one for each place. */
  #gapless: TimelineEntry[] = [];
  /** Where own messages stand that may yet look otherwise, ascending. */
  #onTheWay: readonly number[] = [];
  /** Counted once until something changes. */
  #unreadNow: typeof nothingUnread | undefined = nothingUnread;
  #unread = new Map<MessageId, Place>();
  readonly #gapsSince = new Map<string, Millis>();
  readonly #many: ManyAuthors | undefined;

  constructor(replica: Replica, many?: ManyAuthors) {
    this.#replica = replica;
    this.#many = many;
  }

  /** Forgets all that was told: messages were taken back. What stands is to be told again. */
  startOver(): void {
    this.timeline = new Timeline();
    this.#unread.clear();
    this.#unreadNow = undefined;
  }

  /** Shows what another one was told from now on. */
  become(told: ConversationView): void {
    this.timeline = told.timeline;
    this.#unread = told.#unread;
    this.#unreadNow = undefined;
  }

  /** Counts a message of the other person that came after the mark was set, or stands behind it. */
  noteUnread(message: Place & { readonly mine: boolean; readonly arrival: number }, read: ReadMark | undefined): void {
    if (message.mine) return;
    // One that waited for its past is told of again when it settles.
    if (!isUnread(message, read) || this.#unread.has(message.id)) return;
    const place = { id: message.id, lamport: message.lamport };
    this.#unread.set(message.id, place);
    const known = this.#unreadNow;
    if (known === undefined || this.timeline.get(place.id)?.deleted !== false) this.#unreadNow = undefined;
    else {
      const isFirst = known.first === undefined || comparePlaces(place, known.first) < 0;
      this.#unreadNow = { count: known.count + 1, first: isFirst ? place : known.first };
    }
  }

  /** The time of a message is over: nothing of it is left here. */
  drop(id: MessageId): void {
    this.timeline.drop(id);
    this.#shown.delete(id);
    this.#unread.delete(id);
    this.#unreadNow = undefined;
  }

  /** A message was deleted: what is unread is to be counted anew. */
  noteDeletion(): void {
    this.#unreadNow = undefined;
  }

  /** The person has seen everything up to a message: the new mark, or `undefined` when that says nothing new. */
  markRead(upTo: MessageId, before: ReadMark | undefined): JustRead | undefined {
    const place = this.timeline.get(upTo);
    if (place === undefined) return undefined;
    const ids: MessageId[] = [];
    for (const [id, unread] of this.#unread) {
      if (comparePlaces(unread, place) > 0) continue;
      this.#unread.delete(id);
      ids.push(id);
    }
    const isBehind = before !== undefined && comparePlaces(place, before) <= 0;
    if (ids.length > 0) this.#unreadNow = undefined;
    if (ids.length === 0 && isBehind) return undefined;
    return { mark: readOn(before, isBehind ? before : place, this.#replica.arrivals), ids };
  }

  /** They saw it on another of their devices. */
  readElsewhere(moveOn: MoveOn, before: ReadMark | undefined): ReadMark {
    this.#unreadNow = undefined;
    const find = (id: MessageId): Place | undefined => this.timeline.get(id);
    return moveOn(before, { unread: this.#unread, find, arrivals: this.#replica.arrivals });
  }

  get unread(): number {
    return (this.#unreadNow ??= this.#countUnread()).count;
  }

  get firstUnread(): MessageId | undefined {
    return (this.#unreadNow ??= this.#countUnread()).first?.id;
  }

  /** A message as it was shown last. */
  shown(id: MessageId): Message | undefined {
    return this.#shown.get(id)?.message;
  }

  get last(): TimelineMessage | undefined {
    return this.timeline.entries.findLast((entry) => !entry.deleted);
  }

  /**
   * Entries with gaps where something is missing; the same array as long as nothing is to be shown otherwise. `moreAt`:
   * when a gap that is too young now will show.
   */
  entries(now: Millis): Drawn {
    const drawing = this.#draw(now);
    for (;;) {
      const step = drawing.next();
      if (step.done === true) return step.value;
    }
  }

  /** As `entries`, a little at a time: ten thousand may be delivered at once. All of it within one event. */
  async entriesInSteps(now: Millis, breathe: Breather | undefined): Promise<Drawn> {
    const drawing = this.#draw(now);
    for (;;) {
      const step = drawing.next();
      if (step.done === true) return step.value;
      const breath = breathe?.();
      if (breath !== undefined) await breath;
    }
  }

  /** Pauses now and then, where nothing has been changed that would have to be whole. */
  *#draw(now: Millis): Generator<void, Drawn> {
    const { gaps, moreAt } = this.#gaps(now);
    const messages = this.timeline.entries;
    const unchanged = this.timeline.takeUnchanged();
    const kept = gaps.length === 0 ? Math.min(unchanged, this.#gapless.length) : 0;
    let reach: MessageReach | undefined;
    const show = (message: TimelineMessage): Shown =>
      this.#show(message, (reach ??= this.#many?.reach() ?? new Reach(this.#replica)));
    const { moved, onTheWay } = yield* this.#lookAlong(kept, show);
    const isSame = moved.length === 0 && kept === messages.length && kept === this.#gapless.length;
    const entries = isSame ? this.#gapless : yield* this.#drawFrom(kept, { messages, gaps, show, onTheWay });
    if (!isSame) for (const at of moved) entries[at] = this.#places[at]!.message;
    this.#gapless = gaps.length === 0 ? entries : [];
    this.#onTheWay = onTheWay;
    this.waiting = onTheWay.filter((at) => isWaiting(this.#places[at]!)).length;
    return { entries, moreAt };
  }

  /** Of what stands where it stood only own messages on their way can look otherwise. */
  *#lookAlong(
    kept: number,
    show: (message: TimelineMessage) => Shown,
  ): Generator<void, { readonly moved: readonly number[]; readonly onTheWay: number[] }> {
    const moved: number[] = [];
    const onTheWay: number[] = [];
    for (const [i, at] of this.#onTheWay.entries()) {
      if (at >= kept) break;
      if (i % LOOKS_AT_ONCE === LOOKS_AT_ONCE - 1) yield;
      const shown = show(this.#places[at]!.from);
      if (shown !== this.#places[at]) {
        this.#places[at] = shown;
        moved.push(at);
      }
      if (!isFinal(shown)) onTheWay.push(at);
    }
    return { moved, onTheWay };
  }

  *#drawFrom(kept: number, { messages, gaps, show, onTheWay }: Drawing): Generator<void, TimelineEntry[]> {
    const entries = this.#gapless.slice(0, kept);
    const before = this.#places;
    this.#places = before.slice(0, kept);
    let next = 0;
    for (let i = kept; i < messages.length; i++) {
      const message = messages[i]!;
      if (i % LOOKS_AT_ONCE === LOOKS_AT_ONCE - 1) yield;
      while (next < gaps.length && comparePlaces(gaps[next]!.before, message) <= 0) entries.push(gaps[next++]!.gap);
      const known = before[i];
      const shown = known?.from === message && isFinal(known) ? known : show(message);
      if (!isFinal(shown)) onTheWay.push(i);
      entries.push(shown.message);
      this.#places.push(shown);
    }
    for (; next < gaps.length; next++) entries.push(gaps[next]!.gap);
    return entries;
  }

  #countUnread(): typeof nothingUnread {
    let count = 0;
    let first: Place | undefined;
    for (const place of this.#unread.values()) {
      const message = this.timeline.get(place.id);
      if (message === undefined) continue;
      if (!message.deleted) count++;
      if (first === undefined || comparePlaces(place, first) < 0) first = place;
    }
    return { count, first };
  }

  #show(from: TimelineMessage, reach: MessageReach): Shown {
    const known = this.#shown.get(from.id);
    const header = from.mine ? (known?.header ?? this.#replica.entryAt(from.id)?.message.header) : undefined;
    const delivery = header === undefined ? known?.delivery : this.#delivery(header, known?.delivery, reach);
    if (known?.from === from && known.delivery === delivery) return known;
    const { id, mine, text, at, edited, deleted, replyTo, thread } = from;
    const quotedAuthor = replyTo && this.timeline.get(replyTo.id)?.author;
    const quoted = replyTo && { ...replyTo, by: this.#by(quotedAuthor) };
    const message: Message = {
      is: 'message',
      id,
      mine,
      by: this.#by(from.author),
      text,
      at,
      edited,
      deleted,
      replyTo: quoted,
      delivery,
      thread,
    };
    const shown: Shown = { from, delivery, header, message };
    this.#shown.set(id, shown);
    return shown;
  }

  get #chains(): ReturnType<Replica['chainsOf']> {
    return this.#replica.chainsOf(this.#many?.scope ?? EVERYONE);
  }

  #by(author: PrincipalId | undefined): PersonId | undefined {
    return author === undefined ? undefined : this.#many?.by(author);
  }

  #delivery(header: Header, before: Delivery | undefined, reach: MessageReach): Delivery {
    if (before === 'delivered') return before;
    const { confirmed, left, durable } = reach.of(header);
    if (covers(confirmed, header.seq)) return 'delivered';
    if (before === 'relay' || covers(left, header.seq)) return 'relay';
    if (before === 'waiting' || header.device !== this.#replica.identity.device) return 'waiting';
    return covers(durable, header.seq) ? 'waiting' : 'sending';
  }

  #gaps(now: Millis): { gaps: { before: Place; gap: Gap }[]; moreAt: Millis | undefined } {
    const gaps: { before: Place; gap: Gap }[] = [];
    let moreAt: Millis | undefined;
    const current = new Set<string>();
    for (const { device, incarnation, from, to } of this.#chains.gaps()) {
      const following = this.#chains.at(device, incarnation, to);
      if (this.#many !== undefined && !this.#isGapHere(from, following)) continue;
      const id = `${device}/${incarnation}/${from}`;
      current.add(id);
      const since = this.#gapsSince.get(id) ?? now;
      this.#gapsSince.set(id, since);
      if (now - since < GAP_AFTER) {
        moreAt = Math.min(moreAt ?? Infinity, since + GAP_AFTER) as Millis;
        continue;
      }
      const entry = following === undefined ? undefined : this.#replica.entryAt(following);
      const before = {
        lamport: entry?.message.header.lamport ?? Number.MAX_SAFE_INTEGER,
        id: following ?? ('' as MessageId),
      };
      gaps.push({ before, gap: { is: 'gap', id, missing: to - from } });
    }
    for (const id of this.#gapsSince.keys()) if (!current.has(id)) this.#gapsSince.delete(id);
    return { gaps: gaps.sort((a, b) => comparePlaces(a.before, b.before)), moreAt };
  }

  /** In which of several conversations something is missing nobody knows: it is told where its author goes on. */
  #isGapHere(from: number, following: MessageId | undefined): boolean {
    if (from === 0 && this.#many?.knowsBeginnings !== true) return false;
    return following !== undefined && this.timeline.get(following) !== undefined;
  }
}

function isWaiting({ delivery }: Shown): boolean {
  return delivery === 'waiting' || delivery === 'sending';
}

/** Others' messages have no delivery state, and what was delivered stays so. */
function isFinal({ from, delivery }: Shown): boolean {
  return !from.mine || delivery === 'delivered';
}
