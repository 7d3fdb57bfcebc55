// One contact: the pair space, what the person set about it, and the live values screens read.

import { bytesOfId } from '#core/charter/op.ts';
import type { DeviceId, MessageId, SpaceId } from '#core/charter/ids.ts';
import { decodeChatBody, isChatKind, type ChatBody } from '#core/chat/body.ts';
import type { SigningKey } from '#core/crypto/suite.ts';
import { nameWarning } from '#core/identity/look-alikes.ts';
import { safeName, safeText } from '#core/identity/names.ts';
import { safetyNumber } from '#core/identity/safety-number.ts';
import type { Clock, Millis, NetworkPolicy } from '#core/ports.ts';
import { decodeHeld, type Held } from '#core/sync/held.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import type { Contact, ContactId, TimelineEntry } from '../api.ts';
import { putFacts, type ContactFacts } from './contact-facts.ts';
import { ConversationView } from '../talk/conversation-view.ts';
import type { Disk } from '../disk.ts';
import type { EventQueue } from '../event-queue.ts';
import { LiveValue } from '../live-value.ts';
import { isUnread, type MoveOn } from '../talk/read-mark.ts';
import type { Entry } from '../space/log.ts';
import type { Replica, Settled } from '../space/replica.ts';

export interface PairPorts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly queue: EventQueue;
  readonly presence: (replica: Replica) => Contact['presence'];
  readonly otherNames: (than: Pair) => readonly string[];
  /** A message of another room settled. */
  readonly content: (pair: Pair, message: Settled) => void;
  /** Content of other rooms that settled earlier stands no more, or again. */
  readonly restood: (pair: Pair) => void;
  readonly receipt: (pair: Pair, device: DeviceId, held: Held) => void;
  /** What was unread and is no more. Part of an event. */
  readonly read: (pair: Pair, ids: readonly MessageId[]) => void;
  /** The contact's facts or presence changed: lists and documents look again. */
  readonly changed: (pair: Pair) => void;
}

/** More messages in one event than people write while they talk. */
const MANY = 16;
const GATHER = 100 as Millis;
/** Messages that a conversation opens with; more than a person scrolls through while the rest is read. */
const RECENT = 300;
/** Older ones that are read in one event. */
const AT_ONCE = 250;
/** Kinds that this version gives a meaning. */
const CONTENT_KINDS = new Set(['doc.update']);

export class Pair {
  readonly replica: Replica;
  readonly contact: LiveValue<Contact>;
  readonly timeline = new LiveValue<readonly TimelineEntry[]>([]);
  readonly firstUnread = new LiveValue<MessageId | undefined>(undefined);
  readonly draft = new LiveValue('');
  readonly view: ConversationView;
  facts: ContactFacts;
  /** A message of a kind or version that only a newer app understands settled here. */
  needsNewer = false;
  readonly #ports: PairPorts;
  readonly #safetyNumber: string;
  #warned: { readonly key: string; readonly warning: Contact['nameWarning'] } | undefined;
  #isDirty = false;
  #cancelGap: (() => void) | undefined;
  #cancelSoon: (() => void) | undefined;
  #isClosed = false;

  constructor(ports: PairPorts, replica: Replica, facts: ContactFacts) {
    this.#ports = ports;
    this.replica = replica;
    this.facts = facts;
    this.view = new ConversationView(replica);
    this.#safetyNumber = safetyNumberOf(replica);
    replica.events = {
      settled: (messages) => this.#settled(messages),
      waiting: (entries) => this.#waiting(entries),
      restood: () => this.#restood(),
      changed: () => this.touch(),
    };
    const older = this.#readRecent();
    this.#readPending();
    this.contact = new LiveValue(this.#contact());
    const now = ports.clock.now();
    this.#show(this.view.entries(now), now);
    if (older > 0) void ports.queue.later(() => this.#readOlder(older));
  }

  get id(): ContactId {
    return this.space as string as ContactId;
  }

  get space(): SpaceId {
    return this.replica.identity.space;
  }

  get policy(): NetworkPolicy {
    return this.facts.policy;
  }

  get isShut(): boolean {
    return this.facts.blocked;
  }

  changeFacts(change: Partial<ContactFacts>): void {
    this.facts = { ...this.facts, ...change };
    putFacts(this.#ports.disk, this.space, this.facts);
    this.touch();
  }

  markRead(upTo: MessageId): void {
    const read = this.view.markRead(upTo, this.facts.read);
    if (read === undefined) return;
    this.changeFacts({ read: read.mark });
    this.#ports.read(this, read.ids);
  }

  readElsewhere(moveOn: MoveOn): void {
    this.changeFacts({ read: this.view.readElsewhere(moveOn, this.facts.read) });
  }

  /** Screens are told after the event, however often something changed in it. */
  touch(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    void this.#ports.queue.show(async () => {
      this.#isDirty = false;
      const now = this.#ports.clock.now();
      const drawn = await this.view.entriesInSteps(now, this.replica.context.breathe);
      if (!this.#isClosed) this.#show(drawn, now);
    });
  }

  /** Many messages came at once, and more will: the whole list is not drawn up for each handful. */
  #touchSoon(): void {
    if (this.#isDirty || this.#cancelSoon !== undefined) return;
    this.#cancelSoon = this.#ports.clock.after(GATHER, () => {
      this.#cancelSoon = undefined;
      this.touch();
    });
  }

  #show({ entries, moreAt }: ReturnType<ConversationView['entries']>, now: Millis): void {
    if (!sameEntries(entries, this.timeline.current)) this.timeline.set(entries);
    this.firstUnread.set(this.view.firstUnread);
    const contact = this.#contact();
    if (!sameContact(contact, this.contact.current)) {
      this.contact.set(contact);
      this.#ports.changed(this);
    }
    this.#cancelGap?.();
    this.#cancelGap = undefined;
    if (moreAt === undefined) return;
    this.#cancelGap = this.#ports.clock.after(Math.max(1, moreAt - now) as typeof now, () => this.touch());
  }

  /** Own messages that are neither at a relay node nor with the other person. */
  waiting(): number {
    return this.view.waiting;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelGap?.();
    this.#cancelSoon?.();
  }

  /** What was shown may be void now, or the other way round: everything is told again. */
  #restood(): void {
    this.view.startOver();
    this.needsNewer = false;
    for (const entry of this.replica.log.entries) {
      if (!this.#isShown(entry)) continue;
      const { kind } = entry.message.header;
      if (isOfNewer(kind)) this.needsNewer = true;
      // As new: their name may be the one from before.
      if (isChatKind(kind)) this.#tell(entry, kind === 'profile');
    }
    this.#readPending();
    this.#ports.restood(this);
    this.touch();
  }

  #isShown({ message, stands }: Entry): boolean {
    return stands && this.replica.standing.stands(message.id);
  }

  #readPending(): void {
    for (const entry of this.replica.pending.values()) if (this.replica.mayShow(entry)) this.#tell(entry, false);
  }

  #settled(messages: readonly Settled[]): void {
    for (const message of messages) this.#read(message, true);
    if (messages.length > MANY) this.#touchSoon();
    else this.touch();
  }

  #waiting(entries: readonly Entry[]): void {
    for (const entry of entries) this.#tell(entry, true);
    if (entries.length > MANY) this.#touchSoon();
    else this.touch();
  }

  /** Reads what is seen first, and all from the first unread message on; gives how many stand before. */
  #readRecent(): number {
    const { entries } = this.replica.log;
    let from = Math.max(0, entries.length - RECENT);
    for (const [i, entry] of entries.entries()) {
      if (!this.#isShown(entry)) continue;
      const { message, arrival } = entry;
      const { kind, lamport, device } = message.header;
      // Whether this app may write here must be known at once.
      if (isOfNewer(kind)) this.needsNewer = true;
      if (i >= from || kind !== 'chat') continue;
      const place = { id: message.id, lamport, arrival };
      if (isUnread(place, this.facts.read) && !this.replica.isMine(device)) from = i;
    }
    for (let i = entries.length - 1; i >= from; i--) this.#readAgain(entries[i]!);
    return from;
  }

  /** The rest of a long conversation, a little at a time, from the newest to the oldest: the fold minds no order. */
  #readOlder(before: number): void {
    if (this.#isClosed) return;
    const { entries } = this.replica.log;
    const from = Math.max(0, before - AT_ONCE);
    for (let i = before - 1; i >= from; i--) this.#readAgain(entries[i]!);
    if (from > 0) void this.#ports.queue.later(() => this.#readOlder(from));
    else this.touch();
  }

  #readAgain(entry: Entry): void {
    if (this.#isShown(entry) && isChatKind(entry.message.header.kind)) this.#tell(entry, false);
  }

  /** Gives a settled message its meaning. `isNew`: just settled, not read again from the log. */
  #read(settled: Settled, isNew: boolean): void {
    const { header } = settled.entry.message;
    if (isChatKind(header.kind)) this.#tell(settled.entry, isNew);
    else if (header.kind === 'receipt') this.#readReceipt(settled.entry, isNew);
    else if (isOfNewer(header.kind)) this.needsNewer = true;
    else this.#ports.content(this, settled);
  }

  #readReceipt({ message, open }: Entry, isNew: boolean): void {
    if (!isNew || open === undefined || message.header.device === this.replica.identity.device) return;
    const held = this.#tryDecode(() => decodeHeld(open.body));
    if (held !== undefined) this.#ports.receipt(this, message.header.device, held);
  }

  #tell({ message, open, arrival, heardAt }: Entry, isNew: boolean): void {
    const { kind, device, lamport } = message.header;
    const author = this.replica.principalOf(device);
    if (!isChatKind(kind) || author === undefined) return;
    const mine = this.replica.isMine(device);
    const told = { id: message.id, lamport, author, mine, heardAt, arrival };
    if (open === undefined) {
      if (kind === 'chat') this.view.timeline.addShredded(told);
      return;
    }
    const body = this.#tryDecode(() => safeBody(decodeChatBody(kind, open.body)));
    if (body === undefined) return;
    if (body.kind === 'profile' && isNew && !mine) this.changeFacts({ theirName: body.name });
    const { shred } = this.view.timeline.add({ ...told, body });
    if (shred.length > 0) this.view.noteDeletion();
    for (const id of shred) this.replica.shred(id);
    if (kind === 'chat') this.view.noteUnread(told, this.facts.read);
  }

  /** A body of a newer version makes the space read-only; a bad one means nothing to anybody. */
  #tryDecode<T>(decode: () => T): T | undefined {
    return tryDecode(decode, () => (this.needsNewer = true));
  }

  #contact(): Contact {
    const { facts, replica, view } = this;
    const last = view.last;
    const name = facts.nickname ?? facts.theirName;
    return {
      id: this.id,
      name,
      theirName: facts.theirName,
      nickname: facts.nickname,
      myName: facts.myName,
      nameWarning: this.#warning(name),
      confirmed: facts.confirmed,
      blocked: facts.blocked,
      state: this.#state(),
      policy: facts.policy,
      presence: facts.blocked ? 'away' : this.#ports.presence(replica),
      safetyNumber: this.#safetyNumber,
      lastMessage: last === undefined ? undefined : { text: last.text, at: last.at, mine: last.mine },
      unread: view.unread,
    };
  }

  /** Looking for look-alikes takes a while, and names change rarely. */
  #warning(name: string): Contact['nameWarning'] {
    const others = this.#ports.otherNames(this);
    const key = [name, ...others].join('\n');
    if (this.#warned?.key !== key) this.#warned = { key, warning: nameWarning(name, others) };
    return this.#warned.warning;
  }

  #state(): Contact['state'] {
    const { view, identity } = this.replica;
    if (view?.isVoid === true) return 'void';
    if (identity.card?.role !== 'answerer') return 'connected';
    // The inviter replaces the card's key as soon as they have the answer.
    return view?.devices.get(identity.card.device)?.isLive === true ? 'answered' : 'connected';
  }
}

function isOfNewer(kind: string): boolean {
  return !isChatKind(kind) && kind !== 'receipt' && !CONTENT_KINDS.has(kind);
}

/** Texts of others are made safe once, here, so that no screen can forget it. */
function safeBody(body: ChatBody): ChatBody {
  if (body.kind === 'chat' || body.kind === 'edit') return { ...body, text: safeText(body.text) };
  return body.kind === 'profile' ? { ...body, name: safeName(body.name) } : body;
}

function safetyNumberOf(replica: Replica): string {
  const genesis = replica.charter.ops.get(replica.identity.space as never)?.signed.op.body;
  if (genesis?.type !== 'genesis' || genesis.kind !== 'pair') return '';
  const [first, second] = genesis.founders;
  const keys = [bytesOfId(first.device) as SigningKey, bytesOfId(second.device) as SigningKey] as const;
  return safetyNumber(bytesOfId(replica.identity.space), keys);
}

function sameEntries(a: readonly TimelineEntry[], b: readonly TimelineEntry[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  return a.every((entry, i) => {
    const other = b[i]!;
    return (
      entry === other ||
      (entry.is === 'gap' && other.is === 'gap' && entry.id === other.id && entry.missing === other.missing)
    );
  });
}

function sameContact(a: Contact, b: Contact): boolean {
  const { lastMessage: lastA, ...restA } = a;
  const { lastMessage: lastB, ...restB } = b;
  const sameRest = Object.entries(restA).every(([key, value]) => restB[key as keyof typeof restB] === value);
  return sameRest && lastA?.text === lastB?.text && lastA?.at === lastB?.at && lastA?.mine === lastB?.mine;
}
