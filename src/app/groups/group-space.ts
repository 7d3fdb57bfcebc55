// One group: its space, who is called what, its channels, and the live values screens read of it.

import type { DeviceId, PrincipalId, Scope, SpaceId } from '#core/charter/ids.ts';
import { EVERYONE } from '#core/charter/ids.ts';
import { isChatKind } from '#core/chat/body.ts';
import type { ChannelId } from '#core/chat/channel.ts';
import { comparePlaces } from '#core/chain/place.ts';
import { safeName } from '#core/identity/names.ts';
import { DAY, type Clock, type Millis, type NetworkPolicy } from '#core/ports.ts';
import type { OwnRead } from '#core/identity/own-message.ts';
import type { Span } from '#core/sync/held.ts';
import type { ToldChannel, ToldName } from '#core/sync/welcome.ts';
import { byChannelName, personOf, type ChannelRoom } from '../talk/channel-room.ts';
import type { ManyAuthors } from '../talk/conversation-view.ts';
import { Derived } from '../derived.ts';
import type { Disk } from '../disk.ts';
import type { SpaceHost } from '../traffic/space-host.ts';
import { inSteps, type Breather, type EventQueue } from '../event-queue.ts';
import type { Channel, GroupEntry, GroupId } from './group-api.ts';
import { GroupFold } from './group-fold.ts';
import { GroupReach } from './group-reach.ts';
import { GroupReading } from './group-reading.ts';
import { hadRight } from './group-rights.ts';
import { encodeGroupRow, GROUP_COLLECTION, type GroupRow, type GroupStart } from './group-rows.ts';
import { LiveValue } from '../live-value.ts';
import type { Named } from '../talk/mentions.ts';
import type { Entry } from '../space/log.ts';
import { GroupLasting } from '../space/lasting.ts';
import type { Replica, Settled } from '../space/replica.ts';
import { StoredMessages } from './stored-messages.ts';
import { Vanishing } from '../vanishing.ts';

export interface GroupSpacePorts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly queue: EventQueue;
  /** Kinds of message beside chat that this app understands, where it is not all of them. */
  readonly kinds: ReadonlySet<string> | undefined;
  /** What lies of a chain at some relay node. */
  readonly left: (space: SpaceId, chain: string) => readonly Span[];
  /** A message of another room settled, or such content stands otherwise now. */
  readonly content: (group: GroupSpace, message: Settled) => void;
  readonly restood: (group: GroupSpace) => void;
  /** Messages there were unread and are no more. Part of an event. */
  readonly read: (read: OwnRead) => void;
  /** What is shown of it may be other than before. Within an event. */
  readonly changed: (group: GroupSpace) => void;
}

/** More messages in one event than people write while they talk. */
const MANY = 16;
const GATHER = 100 as Millis;
/** No screen draws more often. */
const FRAME = 16 as Millis;
/** Others who were silent for longer need not have a message for it to count as delivered. */
const HEARD_LATELY = (14 * DAY) as Millis;
const OF_TALK = ['channel', 'pin', 'receipt', 'decision', 'knock'];
const OF_WORK = ['doc.update', 'doc.move', 'doc.checkpoint', 'attest', 'task', 'neighbour'];
const KNOWN_KINDS = new Set([...OF_TALK, ...OF_WORK]);

export class GroupSpace implements SpaceHost {
  readonly replica: Replica;
  readonly channels = new LiveValue<readonly Channel[]>([]);
  readonly reading: GroupReading;
  /** A message of a kind that only a newer app understands settled here. */
  needsNewer = false;
  isShut = false;
  row: GroupRow;
  readonly #ports: GroupSpacePorts;
  readonly #fold: GroupFold;
  readonly #stored: StoredMessages;
  readonly #vanishing: Vanishing;
  #isDirty = false;
  /** Some of what was told does not stand any more. */
  #isStale = false;
  #drawnAt = -Infinity;
  #isClosed = false;
  #cancelGap: (() => void) | undefined;
  #cancelSoon: (() => void) | undefined;

  constructor(ports: GroupSpacePorts, replica: Replica, start: GroupStart) {
    this.#ports = ports;
    this.replica = replica;
    this.row = start.row;
    const { disk, read } = ports;
    const find = (id: ChannelId): ChannelRoom | undefined => this.#fold.find(id);
    const rooms = (): readonly ChannelRoom[] => this.#fold.rooms();
    this.reading = new GroupReading({ disk, read, find, rooms, space: this.space, touch: () => this.touch() }, start);
    const kept = { ...start, reads: this.reading.marks };
    const many = (scope: Scope): ManyAuthors => this.#manyIn(scope);
    this.#fold = new GroupFold({ disk, replica, start: kept, many, gone: new Map(start.gone) });
    const tell = (entry: Entry): void => this.#tellStored(entry);
    this.#stored = new StoredMessages({ replica, queue: ports.queue, tell, touch: () => this.touch() });
    for (const { id, name, scope } of start.row.channels) this.#fold.room(id as ChannelId, scope).tell(name);
    replica.events = {
      settled: (messages) => this.#settled(messages),
      waiting: (entries) => this.#waiting(entries),
      restood: () => this.#restood(),
      changed: () => this.touch(),
    };
    const derived = new Derived({
      log: (gone) => replica.shred(...gone),
      channels: (gone) => this.#fold.drop(gone),
    });
    const lasting = new GroupLasting(replica, (message, right, standing) => {
      return hadRight({ charter: replica.charter, view: replica.view, standing }, message, right);
    });
    replica.lasting = lasting;
    const { retention } = lasting;
    this.#vanishing = new Vanishing({ ...ports, replica, retention, derived, vanished: () => this.touch() });
    // Before anything is shown: time went on while this device slept.
    this.#vanishing.look();
  }

  /** Takes in what a space holds that is not new: as much as is shown at first. Part of an event. */
  async read(breathe?: Breather): Promise<void> {
    await inSteps(this.#stored.newest(), breathe, (entry) => this.#tellStored(entry));
    await this.#refresh(breathe);
  }

  get id(): GroupId {
    return this.space as string as GroupId;
  }

  get space(): SpaceId {
    return this.replica.identity.space;
  }

  get policy(): NetworkPolicy {
    return this.replica.view?.group?.rules.addresses === 'direct' ? 'direct' : 'relays';
  }

  get name(): string {
    return safeName(this.replica.view?.group?.name ?? '');
  }

  get me(): PrincipalId | undefined {
    return this.replica.me?.principal;
  }

  get standing(): GroupEntry['state'] {
    const { view, me } = this.replica;
    const member = me === undefined ? undefined : view?.group?.members.get(me.principal);
    if (member?.isLive === false) return member.ends.some(({ how }) => how === 'left') ? 'left' : 'removed';
    if (me?.isLive !== true) return this.#whyOutside();
    return this.needsNewer || this.#fold.needsNewer || view?.needsNewerVersion === true ? 'newer-version' : 'in';
  }

  /** Somebody whose own joining came to nothing is told why. */
  #whyOutside(): 'used-up' | 'withdrawn' | 'removed' {
    const { view, identity } = this.replica;
    const joined = view?.group?.history.find(({ type, device }) => type === 'join' && device === identity.device);
    if (joined?.fate.is !== 'void') return 'removed';
    return joined.fate.why === 'uses-spent' ? 'used-up' : 'withdrawn';
  }

  nameOf(principal: PrincipalId): string {
    return this.#fold.nameOf(principal) ?? this.#toldNames.get(principal) ?? '';
  }

  /** Who is in, by the names that texts may use. */
  people(): readonly Named[] {
    const members = [...(this.replica.view?.group?.members.values() ?? [])].filter(({ isLive }) => isLive);
    return members.map(({ id }) => ({ id: personOf(id), name: this.nameOf(id) }));
  }

  /** Every channel in sight whose readers one is of. */
  rooms(): readonly ChannelRoom[] {
    return this.#fold.rooms().filter((room) => this.reads(room.scope) && room.isInSight);
  }

  room(id: ChannelId): ChannelRoom | undefined {
    return this.#fold.find(id);
  }

  /** The session is open: what was not needed to show the group is read now. Part of an event. */
  readOlder(): void {
    this.#stored.tellOlder();
  }

  /** Somebody looks at a channel: it does not wait until all others were read. */
  readFirst(channel: ChannelId): void {
    this.#stored.tellOf(channel);
  }

  reads(scope: Scope): boolean {
    const me = this.me;
    if (scope === EVERYONE) return true;
    return me !== undefined && this.replica.view?.group?.scopes.get(scope)?.principals.includes(me) === true;
  }

  namedChannels(): readonly ToldChannel[] {
    return this.rooms().flatMap(({ id, name, scope }) => (name === undefined ? [] : [{ id, name, scope }]));
  }

  /** What a newcomer is told of names and channels that they could read nowhere else. */
  told(): { readonly names: readonly ToldName[]; readonly channels: readonly ToldChannel[] } {
    const members = [...(this.replica.view?.group?.members.keys() ?? [])];
    const names = members.flatMap((principal) => {
      const name = this.nameOf(principal);
      return name === '' ? [] : [{ principal, name }];
    });
    return { names, channels: this.namedChannels().filter(({ scope }) => scope === EVERYONE) };
  }

  changeRow(change: Partial<GroupRow>): void {
    const row = { ...this.row, ...change };
    this.row = row;
    this.#ports.disk.put(GROUP_COLLECTION, this.space, () => encodeGroupRow(row));
  }

  /** Makes the room of a channel that is being made here, so that its screen can open at once. */
  makeRoom(id: ChannelId, scope: Scope): ChannelRoom {
    return this.#fold.room(id, scope);
  }

  /** When a device of a person was last heard, over a link or by a message. */
  lastHeard(devices: readonly DeviceId[]): Millis | undefined {
    const times = devices.flatMap((device) => this.replica.heard.at(device) ?? []);
    return times.length === 0 ? undefined : (Math.max(...times) as Millis);
  }

  /** Screens are told after the event, however often something changed in it, and once in a frame. */
  touch(): void {
    if (this.#isDirty || this.#isClosed) return;
    this.#isDirty = true;
    const { clock, queue } = this.#ports;
    const passed = clock.now() - this.#drawnAt;
    const draw = (): unknown =>
      queue.show(() => {
        this.#isDirty = false;
        return this.#isClosed || this.#isStale ? undefined : this.#refresh(this.replica.context.breathe);
      });
    if (passed < 0 || passed >= FRAME) draw();
    else clock.after((FRAME - passed) as Millis, draw);
  }

  async #refresh(breathe: Breather | undefined): Promise<void> {
    this.#vanishing.look();
    const now = this.#ports.clock.now();
    this.#drawnAt = now;
    const people = this.people();
    const me = this.me === undefined ? undefined : personOf(this.me);
    let next: Millis | undefined;
    await inSteps(this.#fold.rooms(), breathe, async (room) => {
      const moreAt = await room.refresh(now, { people, me, mayPost: this.mayPost(room.scope) });
      if (moreAt !== undefined) next = Math.min(next ?? Infinity, moreAt) as Millis;
    });
    const shown = this.rooms()
      .map((room) => room.channel.current)
      .sort(byChannelName);
    const before = this.channels.current;
    const isSame = shown.length === before.length && shown.every((channel, i) => channel === before[i]);
    if (!isSame) this.channels.set(shown);
    this.#cancelGap?.();
    this.#cancelGap =
      next === undefined ? undefined : this.#ports.clock.after(Math.max(1, next - now) as Millis, () => this.touch());
    this.#ports.changed(this);
  }

  mayPost(scope: Scope): boolean {
    return this.standing === 'in' && this.reads(scope) && this.has('post');
  }

  /** Whether this person has a right now, by membership or a role. */
  has(right: Parameters<typeof hadRight>[2]): boolean {
    const { charter, view, me } = this.replica;
    if (view?.group === undefined || me === undefined) return false;
    const header = { under: view.group.charter, auth: [me.principal, me.binding], charter: charter.heads };
    return hadRight({ charter, view }, { header }, right);
  }

  get unread(): number {
    return this.channels.current.reduce((sum, { unread }) => sum + unread, 0);
  }

  get mentions(): number {
    return this.channels.current.reduce((sum, { mentions }) => sum + mentions, 0);
  }

  get last(): GroupEntry['lastMessage'] {
    const lasts = this.rooms().flatMap(({ view }) => view.last ?? []);
    const last = lasts.reduce<(typeof lasts)[number] | undefined>(
      (newest, message) => (newest === undefined || comparePlaces(newest, message) < 0 ? message : newest),
      undefined,
    );
    return last === undefined ? undefined : { text: last.text, at: last.at, by: this.nameOf(last.author) };
  }

  /** Own messages that are neither at a relay node nor with anybody. */
  waiting(): number {
    return this.#fold.rooms().reduce((sum, { view }) => sum + view.waiting, 0);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelGap?.();
    this.#cancelSoon?.();
    this.#stored.close();
    this.#vanishing.close();
  }

  get #toldNames(): ReadonlyMap<PrincipalId, string> {
    return new Map(this.row.names.map(({ principal, name }) => [principal, safeName(name)]));
  }

  #manyIn(scope: Scope): ManyAuthors {
    const members = this.replica.view?.group?.members;
    return {
      by: personOf,
      scope,
      knowsBeginnings: this.me !== undefined && members?.get(this.me)?.came.by === 'founding',
      reach: () => this.#reach(),
    };
  }

  #reach(): GroupReach {
    const since = this.#ports.clock.now() - HEARD_LATELY;
    const { replica } = this;
    return new GroupReach({
      replica,
      readers: ({ scope }) => {
        const devices = replica.view?.group?.scopes.get(scope)?.devices ?? [];
        return devices.filter((device) => !replica.isMine(device) && (replica.heard.at(device) ?? 0) >= since);
      },
      left: (chain) => this.#ports.left(this.space, chain),
    });
  }

  #tellStored(entry: Entry): void {
    if (this.#tellTo(this.#fold, entry) === 'newer') this.needsNewer = true;
  }

  #tellTo(fold: GroupFold, entry: Entry): 'newer' | undefined {
    if (!this.replica.mayShow(entry)) return undefined;
    fold.tell(entry);
    return this.#isOfNewer(entry.message.header.kind) ? 'newer' : undefined;
  }

  /** What was shown may be void now, or the other way round: everything is told again before it is drawn next. */
  #restood(): void {
    this.#ports.restood(this);
    if (this.#isStale || this.#isClosed) return;
    this.#isStale = true;
    void this.#ports.queue.run(() => this.#tellAgain());
  }

  /** Beside what is shown meanwhile, which changes all at once. An event of its own: nothing settles or is read within it. */
  async #tellAgain(): Promise<void> {
    if (this.#isClosed) return;
    const told = this.#fold.fresh();
    let needsNewer = false;
    await inSteps(this.#stored.all(), this.replica.context.breathe, (entry) => {
      if (this.#tellTo(told, entry) === 'newer') needsNewer = true;
    });
    this.#fold.become(told);
    this.needsNewer = needsNewer;
    this.#isStale = false;
    this.touch();
  }

  #settled(messages: readonly Settled[]): void {
    for (const message of messages) {
      const { kind } = message.entry.message.header;
      const isNewer = this.#isOfNewer(kind);
      if (isNewer) this.needsNewer = true;
      this.#fold.tell(message.entry);
      if (!isNewer && !isChatKind(kind) && kind !== 'channel' && kind !== 'pin') this.#ports.content(this, message);
    }
    this.#vanishing.later();
    this.#touchFor(messages.length);
  }

  #waiting(entries: readonly Entry[]): void {
    for (const entry of entries) this.#fold.tell(entry);
    this.#vanishing.later();
    this.#touchFor(entries.length);
  }

  #isOfNewer(kind: string): boolean {
    return !isChatKind(kind) && !(this.#ports.kinds ?? KNOWN_KINDS).has(kind);
  }

  /** Many messages came at once, and more will: the whole list is not drawn up for each handful. */
  #touchFor(count: number): void {
    if (count <= MANY) {
      this.touch();
      return;
    }
    if (this.#isDirty || this.#cancelSoon !== undefined) return;
    this.#cancelSoon = this.#ports.clock.after(GATHER, () => {
      this.#cancelSoon = undefined;
      this.touch();
    });
  }
}
