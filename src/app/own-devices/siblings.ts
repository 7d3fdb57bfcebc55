// This person's other devices: what the self space says of them, what each is to get, and what they tell us.
//
// Invariants
// 1. A device is made in a space and given away in one event: a crash leaves both or neither.
// 2. What is told twice, or late, changes nothing.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import { COINS_BYTES, type SealingKey, type Seed } from '#core/crypto/suite.ts';
import { safeName } from '#core/identity/names.ts';
import {
  decodeOwnMessage,
  encodeOwnMessage,
  sealOwnSpace,
  tryOpenOwnSpace,
  type OwnMessage,
} from '#core/identity/own-message.ts';
import type { Place } from '#core/chain/place.ts';
import { SECOND, type Millis } from '#core/ports.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { OwnDevice } from '../api.ts';
import { decodeFacts, encodeFacts, forSibling, type ContactFacts } from '../people/contact-facts.ts';
import { LiveValue } from '../live-value.ts';
import type { Pair } from '../people/pair.ts';
import { write } from '../space/author.ts';
import type { Entry } from '../space/log.ts';
import type { Replica } from '../space/replica.ts';
import { Awaited } from './awaited.ts';
import { giftFirst, Gifts } from './gifts.ts';
import { handOver, takeUp, type HandedOver } from './hand-over.ts';
import { homeOf, homesOf, isMadeHere, takeIn } from './homes.ts';
import type { GroupHome, OwnDevicesPorts } from './own-devices-ports.ts';
import { putSeal, putSibling, type OwnRows, type OwnTask } from './own-rows.ts';
import type { Sibling } from './sibling-rows.ts';
import { OwnTasks } from './own-tasks.ts';
import { Reads } from './reads.ts';
import { listOf, sameList } from './sibling-list.ts';
import { Whereabouts } from './whereabouts.ts';

/** A device that is heard all the time is noted this often. */
const NOTE_SEEN_EVERY = (60 * SECOND) as Millis;

export class Siblings {
  readonly list = new LiveValue<readonly OwnDevice[]>([]);
  readonly awaited: Awaited;
  readonly reads: Reads;
  readonly gifts: Gifts;
  readonly #ports: OwnDevicesPorts;
  readonly #siblings = new Map<DeviceId, Sibling>();
  readonly #tasks: OwnTasks;
  readonly #places = new Map<string, Place>();
  /** `device|space` of all that was given away in the self space, by whomever. */
  readonly #given = new Set<string>();
  readonly #where = new Whereabouts();
  #seal: Seed | undefined;
  constructor(ports: OwnDevicesPorts) {
    this.#ports = ports;
    const replica = (space: SpaceId): Replica | undefined => homeOf(ports, space)?.replica;
    this.#tasks = new OwnTasks({ disk: ports.disk, replica });
    this.awaited = new Awaited(ports, this.#tasks);
    this.gifts = new Gifts({ ...ports, replica });
    this.reads = new Reads({ ...ports, others: () => this.others, tell: (message) => this.tell(message) });
  }

  /** After the spaces were read. */
  async load(rows: OwnRows): Promise<void> {
    this.#seal = rows.seal;
    for (const sibling of rows.siblings) this.#siblings.set(sibling.device, sibling);
    for (const { of, space, device } of rows.places) this.#where.note(of, space, device);
    this.#tasks.load(rows.tasks);
    await this.#ports.queue.run(() => this.attach(false));
    this.reads.load(rows.reads);
    this.awaited.look();
  }

  /**
   * The self space is there, or another one took its place: reads what it says. `isNew`: none of it was read before.
   * Part of an event.
   */
  async attach(isNew: boolean): Promise<void> {
    this.#places.clear();
    this.#self.events = {
      settled: (messages) => messages.forEach(({ entry }) => this.#read(entry, true)),
      waiting: (entries) => entries.forEach((entry) => this.#readEarly(entry)),
      restood: () => undefined,
      changed: () => this.refresh(),
    };
    for (const entry of this.#self.log.entries) if (entry.stands) this.#read(entry, isNew);
    for (const entry of this.#self.pending.values()) if (entry.stands) this.#readEarly(entry);
    await this.#goOn();
    this.refresh();
  }

  close(): void {
    this.awaited.close();
    this.reads.close();
  }

  get #self(): Replica {
    return this.#ports.self();
  }

  /** Other live devices of this person that run the app; none of a person with one device. */
  get others(): readonly DeviceId[] {
    const live = this.#self.others().map(({ device }) => device);
    return live.filter((device) => this.#siblings.has(device));
  }

  /** Tells the others something. Part of an event; without others nothing is said. */
  async tell(message: OwnMessage): Promise<void> {
    if (this.others.length > 0) await this.#post(message);
  }

  async #post(message: OwnMessage): Promise<void> {
    const { engine } = this.#ports;
    const self = this.#self;
    const body = encodeOwnMessage(message);
    await write(self, { kind: 'own', body }, (written) => engine.push(self, written));
    engine.noteDurable(self);
  }

  /** Part of an event. */
  async introduce(name: string): Promise<void> {
    const { suite } = this.#ports.context;
    const sealingKey = await suite.sealingKeyOf(this.#sealSeed(), 1);
    this.#note({ device: this.#self.identity.device, name, sealingKey, isKnown: true });
    await this.#post({ is: 'device', name, sealingKey });
  }

  /** From a backup, beside others: they are to know of it, and it is to get what is meant for it alone. */
  async introduceRestored(): Promise<void> {
    if (this.others.length > 0 && this.myName === undefined) await this.introduce('');
  }

  get myName(): string | undefined {
    return this.#siblings.get(this.#self.identity.device)?.name;
  }

  #sealSeed(): Seed {
    if (this.#seal === undefined) {
      this.#seal = this.#ports.context.random.bytes(32) as Seed;
      putSeal(this.#ports.disk, this.#seal);
    }
    return this.#seal;
  }

  /** The key whose private half a request names, made before this device is in the self space. */
  async sealingKey(): Promise<SealingKey> {
    return this.#ports.context.suite.sealingKeyOf(this.#sealSeed(), 1);
  }

  /** A device was let in here just now: gives it everything. Part of an event. */
  async letIn(fresh: { device: DeviceId; name: string; sealingKey: SealingKey }): Promise<void> {
    this.#note(fresh);
    const homes = homesOf(this.#ports);
    // A group is seen at once, contacts without what was said: it comes first.
    const first = homes.find(({ replica }) => replica.identity.kind === 'group');
    for (const home of new Set([first, ...homes])) if (home !== undefined) this.#putTodo(fresh.device, home.space);
    const { settings } = this.#ports;
    await this.#post({ is: 'settings', settings: settings.spelled() });
    const { told } = this.#ports.recovery;
    if (told !== undefined) await this.#post({ is: 'recovery', ...told });
    this.refresh();
    // The first space goes in the same commit and mail as what lets it in; the others one by one.
    await this.#goOn(true);
  }

  /** A contact was made here, or a group founded or entered. Part of an event. */
  made(space: SpaceId): void {
    for (const device of this.others) this.#putTodo(device, space);
    this.#goOnLater();
  }

  /** The person changed something about a contact here. Part of an event. */
  async factsChanged(pair: Pair): Promise<void> {
    await this.tell({ is: 'facts', space: pair.space, facts: encodeFacts(forSibling(pair.facts)) });
  }

  /** Part of an event. */
  async settingsChanged(settings: Bytes): Promise<void> {
    await this.tell({ is: 'settings', settings });
  }

  #putTodo(to: DeviceId, space: SpaceId): void {
    this.#tasks.put({ is: 'todo', to, space });
  }

  #goOnLater(): void {
    void this.#ports.queue.later(() => this.#goOn());
  }

  /** Gives one space away and comes back for the next, so that nothing else waits for all of them. */
  async #goOn(isFirst = false): Promise<void> {
    for (const task of this.#tasks.all()) {
      if (task.is !== 'todo') continue;
      const sibling = this.#siblings.get(task.to);
      const home = homeOf(this.#ports, task.space);
      const isGiven = this.#given.has(`${task.to}|${task.space}`);
      const isLive = this.#self.view?.devices.get(task.to)?.isLive === true;
      if (isGiven || !isLive || home === undefined) {
        this.#tasks.drop(task);
        continue;
      }
      if (sibling?.sealingKey === undefined) continue;
      await this.#give(task, home, { to: sibling.sealingKey, isFirst });
      this.#goOnLater();
      return;
    }
  }

  /** Before what was said earlier goes what was said just now: the space, and what it shows at first. Part of an event. */
  #show(to: DeviceId, home: GroupHome, { device, parcel }: HandedOver): void {
    const runs = home.shown?.(device);
    if (runs === undefined) return;
    const self = this.#self;
    this.#ports.engine.mailOut.arrange(self, to, giftFirst(self, to, { wraps: parcel.wraps, runs }));
  }

  async #give(
    task: Extract<OwnTask, { is: 'todo' }>,
    home: GroupHome,
    { to, isFirst }: { readonly to: SealingKey; readonly isFirst: boolean },
  ): Promise<void> {
    const { engine, context } = this.#ports;
    this.#tasks.drop(task);
    const { space, replica } = home;
    const recovery = this.#ports.recovery.of(space);
    const made = await handOver(replica, { facts: await home.spelled(), recovery });
    if (made === undefined) return;
    this.#tasks.put({ is: 'promise', device: made.device, space, chains: made.chains });
    const coins = context.random.bytes(COINS_BYTES);
    const bound = { to: task.to, space };
    const sealed = await sealOwnSpace(context.suite, to, { ...bound, own: made.own, coins });
    const by = replica.identity.device;
    await this.#post({ is: 'space', ...bound, sealed, made: made.device, by });
    if (isFirst) this.#show(task.to, home, made);
    await this.reads.give(task.to, home);
    engine.push(replica, { parcel: made.parcel, hasOps: true });
    engine.noteDurable(replica);
    engine.wantRelays();
    this.awaited.look();
  }

  /** What was said before it is still to come: a space that is given to this device does not wait for that. */
  #readEarly(entry: Entry): void {
    const said = saidIn(entry);
    if (said?.is === 'space') this.#readSpace(said, entry.message.header.device);
  }

  #read(entry: Entry, isNew: boolean): void {
    const { message } = entry;
    const said = saidIn(entry);
    if (said === undefined) return;
    const { device, lamport } = message.header;
    const isMine = device === this.#self.identity.device;
    const topic = said.is === 'device' ? `device ${device}` : said.is === 'facts' ? `facts ${said.space}` : said.is;
    if (said.is !== 'space' && said.is !== 'read' && !this.#isLater(topic, { lamport, id: message.id })) return;
    if (said.is === 'space') this.#readSpace(said, device);
    else if (said.is === 'device') this.#readDevice(device, said, isNew);
    else if (isNew && !isMine) this.#take(said);
  }

  /** Of several that say the same thing the last in the order of content counts. */
  #isLater(topic: string, place: Place): boolean {
    const before = this.#places.get(topic);
    const isLater =
      before === undefined ||
      place.lamport > before.lamport ||
      (place.lamport === before.lamport && place.id > before.id);
    if (isLater) this.#places.set(topic, place);
    return isLater;
  }

  #readDevice(device: DeviceId, said: Extract<OwnMessage, { is: 'device' }>, isNew: boolean): void {
    const isMine = device === this.#self.identity.device;
    const before = this.#siblings.get(device);
    const name = safeName(said.name);
    if (before?.name !== name || before.sealingKey === undefined) {
      // Whoever was there before this device needs no announcing to it.
      const isKnown = isMine || !isNew || (before?.isKnown ?? this.#isEarlier(device));
      this.#note({ device, name, sealingKey: said.sealingKey, isKnown });
    }
    if (!isNew || isMine || before !== undefined) return;
    // Let in elsewhere: what was made here since it was is ours to give; what was given already stays so.
    for (const { space, replica } of homesOf(this.#ports)) if (isMadeHere(replica)) this.#putTodo(device, space);
    this.#goOnLater();
  }

  #isEarlier(device: DeviceId): boolean {
    const devices = [...(this.#self.view?.devices.keys() ?? [])];
    return devices.indexOf(device) < devices.indexOf(this.#self.identity.device);
  }

  #take(said: Exclude<OwnMessage, { is: 'device' | 'space' }>): void {
    if (said.is === 'settings') this.#ports.settings.take(said.settings);
    else if (said.is === 'read') this.reads.take(said);
    else if (said.is === 'facts') this.#takeFacts(said.space as SpaceId, said.facts);
    else this.#ports.recovery.take(said);
  }

  #takeFacts(space: SpaceId, encoded: Bytes): void {
    const pair = this.#ports.pairs().find((candidate) => candidate.space === space);
    let facts: ContactFacts;
    try {
      facts = decodeFacts(encoded);
    } catch (cause) {
      if (cause instanceof WireError) return;
      throw cause;
    }
    if (pair === undefined) return;
    const { nickname, confirmed, blocked, policy, myName } = facts;
    const before = pair.facts;
    pair.changeFacts({ nickname, confirmed, blocked, policy, myName });
    if (before.blocked !== blocked || before.policy !== policy) this.#ports.roadsChanged(pair);
  }

  #readSpace(said: Extract<OwnMessage, { is: 'space' }>, author: DeviceId): void {
    this.#given.add(`${said.to}|${said.space}`);
    const space = said.space as SpaceId;
    if (said.made !== undefined) this.#where.note(said.to as DeviceId, space, said.made as DeviceId);
    if (said.by !== undefined) this.#where.note(author, space, said.by as DeviceId);
    if (said.to !== this.#self.identity.device) return;
    void this.#ports.queue.run(async () => {
      const { context } = this.#ports;
      if (this.#seal === undefined || homeOf(this.#ports, space) !== undefined) return;
      const own = await tryOpenOwnSpace(context.suite, this.#seal, said);
      const taken = own === undefined ? undefined : await takeUp(context, space, own);
      if (own === undefined || taken === undefined || !takeIn(this.#ports, taken)) {
        context.logger.count('own devices', 'refused space');
        return;
      }
      this.#tasks.put({ is: 'wait', space, chains: taken.chains });
      if (own.recovery !== undefined) this.#ports.recovery.keep(space, own.recovery);
      await this.gifts.give(space);
      this.reads.came();
      this.awaited.look();
    });
  }

  /** By which device a person's device stands in a space; itself in the self space. */
  deviceIn(device: DeviceId, space: SpaceId): DeviceId | undefined {
    return space === this.#self.identity.space ? device : this.#where.of(device, space);
  }

  /** A sibling was heard or linked. Part of an event. */
  seen(device: DeviceId): void {
    const sibling = this.#siblings.get(device);
    const now = this.#ports.clock.now();
    if (sibling === undefined || Math.abs(now - (sibling.lastSeen ?? 0)) < NOTE_SEEN_EVERY) return;
    this.#note({ ...sibling, lastSeen: now });
    this.refresh();
  }

  acknowledge(device: DeviceId): void {
    if (this.#siblings.has(device)) this.#note({ device, isKnown: true });
    this.refresh();
  }

  acknowledgeAll(): void {
    for (const device of this.#siblings.keys()) this.#note({ device, isKnown: true });
  }

  #note(change: Partial<Sibling> & { readonly device: DeviceId }): void {
    const before = this.#siblings.get(change.device);
    const addedAt = this.#ports.clock.now();
    const fresh = { name: '', sealingKey: undefined, addedAt, lastSeen: undefined, isKnown: false };
    const sibling = { ...fresh, ...before, ...change };
    this.#siblings.set(change.device, sibling);
    putSibling(this.#ports.disk, sibling);
  }

  refresh(): void {
    const { clock, isLinked } = this.#ports;
    const list = listOf(this.#self, this.#siblings, { now: clock.now(), isLinked });
    if (!sameList(list, this.list.current)) this.list.set(list);
  }
}

/** `undefined` where it says nothing to us, also where a newer version of the app on another device does. */
function saidIn({ message, open }: Entry): OwnMessage | undefined {
  return message.header.kind !== 'own' || open === undefined ? undefined : tryDecode(() => decodeOwnMessage(open.body));
}
