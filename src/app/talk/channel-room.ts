// One channel of a group as this device holds it: what was said there, what is unread, the draft.

import type { PersonId } from './talk-api.ts';
import type { PrincipalId, Scope } from '#core/charter/ids.ts';
import type { ChannelId } from '#core/chat/channel.ts';
import type { ChatBody } from '#core/chat/body.ts';
import { Pins, type Pinning } from '#core/chat/pin.ts';
import type { ToldMessage } from '#core/chat/timeline.ts';
import { comparePlaces, type Place } from '#core/chain/place.ts';
import type { MessageId } from '#core/charter/ids.ts';
import type { Millis } from '#core/ports.ts';
import type { Message, TimelineEntry } from '../api.ts';
import { ChannelThreads, type Thread } from './channel-threads.ts';
import { ConversationView, type ManyAuthors } from './conversation-view.ts';
import type { Channel, Pin } from '../groups/group-api.ts';
import { LiveValue } from '../live-value.ts';
import { mentionsIn, type Named } from './mentions.ts';
import { isUnread, type JustRead, type ReadElsewhere, type ReadMark } from './read-mark.ts';
import type { Replica } from '../space/replica.ts';

export interface RoomOptions {
  readonly id: ChannelId;
  readonly scope: Scope;
  readonly replica: Replica;
  readonly many: ManyAuthors;
  readonly reads: ReadonlyMap<Thread, ReadMark>;
  readonly drafts: ReadonlyMap<Thread, string>;
}

/** A thread that somebody opened. */
export interface ThreadRoom {
  readonly timeline: LiveValue<readonly TimelineEntry[]>;
  readonly firstUnread: LiveValue<MessageId | undefined>;
  readonly draft: LiveValue<string>;
}

interface Counted {
  readonly people: readonly Named[];
  readonly me: PersonId | undefined;
  readonly told: ConversationView['timeline']['entries'];
  readonly unread: readonly MessageId[];
  readonly count: number;
}

export class ChannelRoom {
  readonly id: ChannelId;
  readonly scope: Scope;
  readonly view: ConversationView;
  readonly timeline = new LiveValue<readonly TimelineEntry[]>([]);
  readonly firstUnread = new LiveValue<MessageId | undefined>(undefined);
  readonly draft: LiveValue<string>;
  readonly channel: LiveValue<Channel>;
  readonly pins = new LiveValue<readonly Pin[]>([]);
  /** The name it has now and by which message; unnamed as long as only messages in it were heard. */
  #named: (Place & { readonly name: string }) | undefined;
  #told: string | undefined;
  readonly #pins = new Pins();
  /** How many unread messages name one, and what that was counted of. */
  #mentioned: Counted | undefined;
  #entries: readonly TimelineEntry[] = [];
  readonly #replica: Replica;
  readonly #threads: ChannelThreads;
  readonly #opened = new Map<MessageId, ThreadRoom>();
  readonly #drafts: ReadonlyMap<Thread, string>;

  constructor(options: RoomOptions) {
    const { id, scope, replica, many, reads, drafts } = options;
    this.id = id;
    this.scope = scope;
    this.#replica = replica;
    this.#drafts = drafts;
    this.view = new ConversationView(replica, many);
    this.#threads = new ChannelThreads(() => this.view.timeline, reads);
    this.draft = new LiveValue(drafts.get(undefined) ?? '');
    this.channel = new LiveValue(this.#facts([], undefined, false));
  }

  get name(): string | undefined {
    return this.#named?.name ?? this.#told;
  }

  /**
   * Whether it is in sight: it has a name, or else words stand here that are one's own, or of two people, so that nobody
   * begins a channel by talk alone (chat/SPEC.md §3). What waits for its past does not count: the name may be in that.
   */
  get isInSight(): boolean {
    if (this.name !== undefined) return true;
    const chains = this.#replica.chainsOf(this.scope);
    const authors = new Set<PrincipalId>();
    return this.view.timeline.entries.some(({ id, author, mine, deleted }) => {
      if (deleted || !chains.isSettled(id)) return false;
      return mine || authors.add(author).size > 1;
    });
  }

  /** By whoever invited, until a message names it. */
  tell(name: string): void {
    this.#told = name;
  }

  /** The last name in content order holds. */
  rename(by: Place, name: string): void {
    if (this.#named === undefined || comparePlaces(this.#named, by) < 0) this.#named = { ...by, name };
  }

  /** Has what another one was told from now on: some of what this one was told does not stand any more. */
  become(told: ChannelRoom): void {
    this.view.become(told.view);
    this.#threads.become(told.#threads);
    this.#pins.become(told.#pins);
    this.#named = told.#named;
  }

  /** Takes a message of this channel in; gives what is to be destroyed. */
  add(message: ToldMessage): readonly MessageId[] {
    const { shred } = this.view.timeline.add(message);
    if (shred.length > 0) this.view.noteDeletion();
    if (message.body?.kind === 'chat') this.#note(message, message.body.thread);
    return shred;
  }

  addShredded(message: Parameters<ConversationView['timeline']['addShredded']>[0]): void {
    this.#threads.note(message.thread);
    this.view.timeline.addShredded(message);
  }

  /** Pins what was said here, or takes it down. */
  pin(target: MessageId, pinning: Pinning): void {
    this.#pins.tell(target, pinning);
  }

  isPinned(target: MessageId): boolean {
    return this.#pins.isPinned(target);
  }

  drop(id: MessageId): void {
    this.view.drop(id);
    this.#pins.drop(id);
    this.#threads.drop(id);
  }

  /** The person has seen the channel, or a thread in it, up to a message: marks that are new. */
  markRead(upTo: MessageId, thread: Thread): ReadonlyMap<Thread, JustRead> {
    const place = this.view.timeline.get(upTo);
    return place === undefined ? new Map() : this.#threads.markRead(place, thread, this.#replica.arrivals);
  }

  /** They saw something of it on another of their devices: the new mark. */
  readElsewhere(told: ReadElsewhere, says: Thread): ReadMark {
    return this.#threads.readElsewhere(told, says, this.#replica.arrivals);
  }

  /** Marks that another device gave, now that all it had then is here. */
  allCame(): ReadonlyMap<Thread, ReadMark> {
    return this.#threads.allCame(this.#replica.arrivals);
  }

  /** How far the channel was read, and each of its threads. */
  get reads(): ReadonlyMap<Thread, ReadMark> {
    return this.#threads.reads;
  }

  /** The thread that a message of this channel begins, as screens see it from now on. */
  thread(begins: MessageId): ThreadRoom {
    const known = this.#opened.get(begins);
    if (known !== undefined) return known;
    const timeline = new LiveValue<readonly TimelineEntry[]>([]);
    const firstUnread = new LiveValue<MessageId | undefined>(undefined);
    const opened = { timeline, firstUnread, draft: new LiveValue(this.#drafts.get(begins) ?? '') };
    this.#opened.set(begins, opened);
    this.#refreshThread(begins, opened, this.#threads.split(this.#entries).threads.get(begins));
    return opened;
  }

  /** By which message the thread begins in which another stands. */
  threadOf(message: MessageId): Thread {
    return this.#threads.threadOf(this.view.timeline.get(message)?.thread);
  }

  /** Draws up what screens see; says when to look again for a gap that is too young now. */
  async refresh(
    now: Millis,
    about: { readonly people: readonly Named[]; readonly me: PersonId | undefined; readonly mayPost: boolean },
  ): Promise<Millis | undefined> {
    const { entries, moreAt } = await this.view.entriesInSteps(now, this.#replica.context.breathe);
    this.#entries = entries;
    const { channel, threads } = this.#threads.split(entries);
    if (!sameEntries(channel, this.timeline.current)) this.timeline.set(channel);
    this.firstUnread.set(this.#threads.firstUnread(undefined));
    for (const [begins, opened] of this.#opened) this.#refreshThread(begins, opened, threads.get(begins));
    this.#refreshPins();
    const facts = this.#facts(about.people, about.me, about.mayPost);
    const before = this.channel.current;
    const isSame = (Object.keys(facts) as (keyof Channel)[]).every((key) => facts[key] === before[key]);
    if (!isSame) this.channel.set(facts);
    return moreAt;
  }

  /** Only what can be read is kept in sight. */
  #refreshPins(): void {
    const pins = this.#pins.pinned.flatMap(({ target, by }): readonly Pin[] => {
      const message = this.view.shown(target);
      return message === undefined || message.deleted ? [] : [{ message, by: personOf(by) }];
    });
    const before = this.pins.current;
    const isSame = pins.every(({ message, by }, i) => message === before[i]?.message && by === before[i].by);
    if (!isSame || pins.length !== before.length) this.pins.set(pins);
  }

  #refreshThread(begins: MessageId, opened: ThreadRoom, answers: readonly Message[] | undefined): void {
    const first = this.view.shown(begins);
    const entries = first === undefined ? [] : [first, ...(answers ?? [])];
    if (!sameEntries(entries, opened.timeline.current)) opened.timeline.set(entries);
    opened.firstUnread.set(this.#threads.firstUnread(begins));
  }

  #note(message: ToldMessage, thread: Thread): void {
    this.#threads.note(thread);
    if (message.mine || !isUnread(message, this.#threads.readOf(thread))) return;
    this.#threads.noteUnread(message.id, message.lamport, thread);
  }

  #facts(people: readonly Named[], me: PersonId | undefined, mayPost: boolean): Channel {
    return {
      id: this.id,
      name: this.name ?? '',
      readers: this.scope as Channel['readers'],
      unread: this.#threads.unread.length,
      mentions: this.#mentions(people, me),
      mayPost,
    };
  }

  /** Looked for anew only when something here, or what people are called, is other than it was. */
  #mentions(people: readonly Named[], me: PersonId | undefined): number {
    const told = this.view.timeline.entries;
    const unread = this.#threads.unread;
    const before = this.#mentioned;
    const isSame = before?.me === me && before?.told === told && before.unread === unread;
    if (isSame && areNamedAlike(before.people, people)) return before.count;
    const count = this.#countMentions(people, me);
    this.#mentioned = { people, me, told, unread, count };
    return count;
  }

  #countMentions(people: readonly Named[], me: PersonId | undefined): number {
    if (me === undefined) return 0;
    let count = 0;
    for (const id of this.#threads.unread) {
      const text = this.view.timeline.get(id)?.text ?? '';
      if (mentionsIn(text, people).some(({ person }) => person === me)) count++;
    }
    return count;
  }
}

function areNamedAlike(a: readonly Named[], b: readonly Named[]): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every((one, i) => one.id === b[i]!.id && one.name === b[i]!.name);
}

/** Those without a name come last. */
export function byChannelName(a: Channel, b: Channel): number {
  if (a.name !== b.name) return b.name === '' || (a.name !== '' && a.name < b.name) ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

/** The people of a group as the view of one message knows them. */
export function personOf(principal: PrincipalId): PersonId {
  return principal as string as PersonId;
}

/** Where a message belongs besides its own channel: an edit or a deletion to what it is about. */
export function targetOf(body: ChatBody): MessageId | undefined {
  return body.kind === 'edit' || body.kind === 'delete' ? body.target : undefined;
}

function sameEntries(a: readonly TimelineEntry[], b: readonly TimelineEntry[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  return a.every((entry, i) => {
    const other = b[i]!;
    const areGaps = entry.is === 'gap' && other.is === 'gap';
    return entry === other || (areGaps && entry.id === other.id && entry.missing === other.missing);
  });
}
