// Puts a session together from its ports: the composition that browsers and the simulator share. Nothing in here or
// below it reaches outside but through them.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import { encodeChatBody } from '#core/chat/body.ts';
import { wrapAgreement } from '#core/keys/wrap.ts';
import type { Network, RelayAddress } from '#core/ports.ts';
import { encodeHeld } from '#core/sync/held.ts';
import type { Connection, ContactId, Conversation, Documents, Keeping, Settings } from './api.ts';
import { Cards } from './people/cards.ts';
import { contentHomes } from './content-homes.ts';
import { Contents } from './contents.ts';
import { Disk } from './disk.ts';
import { Engine } from './traffic/engine.ts';
import { EventQueue } from './event-queue.ts';
import { RESTORED_COLLECTION } from './groups/group-collections.ts';
import type { GroupBook } from './groups/groups.ts';
import { keepingOf } from './keeping.ts';
import { LiveValue } from './live-value.ts';
import { PairConversation } from './talk/open-talk.ts';
import type { OwnDevicesBook } from './own-devices/own-devices.ts';
import type { Pair } from './people/pair.ts';
import { Recovery } from './own-devices/recovery.ts';
import { PeopleBook } from './people/people.ts';
import { cardRoute } from './traffic/routes-of-mail.ts';
import { connectionOf, presenceOf, sameConnection } from './traffic/same-connection.ts';
import type { OpenSession, SessionPorts } from './session-ports.ts';
import { defaultSettings, loadSettings, putSettings, readSettings, spellSettings } from './settings.ts';
import type { OpenedDocuments } from './space-content.ts';
import { write } from './space/author.ts';
import type { Replica, SpaceContext } from './space/replica.ts';
import { Spaces, type GivenNames } from './spaces.ts';

/** Opens the session over the rows of an unlocked vault; works offline until the network arrives. */
export async function openSession(ports: SessionPorts): Promise<OpenSession> {
  const session = new UnlockedSession(ports);
  await session.load();
  return session;
}

class UnlockedSession implements OpenSession {
  readonly people: PeopleBook;
  readonly ownDevices: OwnDevicesBook;
  readonly groups: GroupBook;
  readonly connection = new LiveValue<Connection>({ relays: [], directWith: [], relayedWith: [], waiting: 0 });
  readonly keeping: LiveValue<Keeping>;
  readonly settings = new LiveValue<Settings>(defaultSettings([]));
  readonly #ports: SessionPorts;
  readonly #queue: EventQueue;
  readonly #disk: Disk;
  readonly #context: SpaceContext;
  readonly #engine: Engine;
  readonly #cards: Cards;
  readonly #recovery: Recovery;
  readonly #contents: Contents;
  readonly #spaces: Spaces;
  #documents: OpenedDocuments | undefined;
  #network: Network | undefined;
  #damagedRows = 0;
  #isGone = false;
  #isRestored = false;
  #isClosed = false;
  #isConnectionDirty = false;
  #stopKeeping: (() => void) | undefined;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    const { clock, random, rows, suite, logger } = ports;
    const queue = new EventQueue(ports.breathe);
    this.#queue = queue;
    this.#disk = new Disk({ rows, clock, queue, changed: (state, fault) => this.#diskChanged(state, fault) });
    const askPassphrase = ports.askPassphrase ?? (() => Promise.resolve(undefined));
    const base = { suite, random, clock, logger, disk: this.#disk, breathe: ports.breathe };
    this.#recovery = new Recovery({
      ...{ ...base, rows, queue, askPassphrase },
      engine: () => this.#engine,
      replicas: () => [...this.#spaces.replicas(), ...this.groups.replicas()],
      self: () => this.#spaces.self.identity.space,
      tell: (told) => this.ownDevices.siblings.tell({ is: 'recovery', ...told }),
    });
    const nameRecovery = (beside: DeviceId) => this.#recovery.name(beside);
    this.#context = { ...base, agreement: wrapAgreement(random, suite, ports.breathe), nameRecovery };
    const common = { context: this.#context, rows, queue, disk: this.#disk, clock, logger };
    const pairs = (): readonly Pair[] => this.#spaces.pairs();
    this.#engine = new Engine({
      ...{ ...common, groupTraffic: ports.rooms.groupTraffic },
      otherTopics: async (relay, days) => [
        ...(await this.#cards.topics(relay)),
        ...(await this.ownDevices.topics(relay)),
        ...(await this.groups.topics(relay, days)),
      ],
      otherRelays: () => [
        ...this.#cards.relays(),
        ...this.ownDevices.relays(),
        ...this.groups.otherRelays(),
        ...this.#ownRelays(),
      ],
      relayReady: async () => {
        await this.#cards.deliver();
        await this.ownDevices.deliver();
        await this.groups.considerWelcomes(undefined);
      },
      groupChanged: (replica) => this.groups.considerWelcomes(replica),
      unpacked: (...mail) => this.ownDevices.siblings.gifts.unpacked(...mail),
      connectionChanged: () => this.#connectionChanged(),
      devicesChanged: () => this.ownDevices.lookEnded(),
      fleeting: (replica, device, payload) => this.#contents.fleetingHeard(replica, device, payload),
      presence: (replica, device) => this.#presenceChanged(replica, device),
    });
    this.#cards = new Cards({
      ...common,
      relays: () => this.#engine.relays,
      replica: (space) => this.#engine.replica(space),
      joined: (replica, names) => this.#joined(replica, names),
      mail: async (replica, key, blob) => {
        const route = cardRoute(replica);
        if (route !== undefined) await this.#engine.takeMail(replica, route, { topic: key.topic }, blob);
      },
      voided: (replica) => this.#engine.noteDurable(replica),
      changed: () => this.#engine.wantRelays(),
    });
    this.#spaces = new Spaces({
      ...common,
      engine: this.#engine,
      contents: () => this.#contents,
      presence: (of) => presenceOf(of, this.#engine.links.devices(of.identity.space)),
      changed: () => this.#pairChanged(),
      group: (replica) => this.groups.take(replica),
      read: (read) => this.ownDevices.siblings.reads.note(read),
    });
    this.groups = ports.rooms.groups({
      ...common,
      engine: () => this.#engine,
      relays: () => this.#ownRelays(),
      content: ({ replica }, message) => this.#contents.settled(replica, message),
      restood: ({ replica }) => this.#contents.restood(replica),
      openDocument: (home, id) => this.#documents!.openAt(home, id),
      expectGroup: () => this.#documents?.expectGroup(),
      changed: () => {
        this.#contents.refresh();
        this.#connectionChanged();
      },
      made: (space) => this.ownDevices.made(space),
      read: (read) => this.ownDevices.siblings.reads.note(read),
    });
    this.#contents = new Contents({
      logger,
      ...contentHomes({ pairs, pair: (space) => this.#spaces.pair(space), groups: () => this.groups }),
      links: () => this.#engine.links,
      say: ({ replica, scope }, kind, body) => this.#engine.say(replica, kind, () => body, scope),
    });
    this.people = new PeopleBook({
      ...common,
      cards: this.#cards,
      pairs,
      relays: () => this.#ownRelays(),
      founded: (replica, names) => this.#addContact(replica, names),
      roadsChanged: (pair) => this.#roadsChanged(pair),
      factsChanged: (pair) => this.ownDevices.siblings.factsChanged(pair),
    });
    this.ownDevices = ports.rooms.ownDevices({
      ...common,
      engine: this.#engine,
      self: () => this.#spaces.self,
      joining: () => this.#spaces.joining,
      joined: (replica) => (this.#spaces.self = replica),
      pairs,
      groups: () => this.groups.homes(),
      groupReplicas: () => this.groups.spaces().map(({ replica }) => replica),
      expectGroup: () => this.#documents?.expectGroup(),
      addLinkedGroup: (replica, spelled) => this.groups.takeLinked(replica, spelled),
      isEmpty: () => pairs().length + this.people.cards.current.length + this.groups.list.current.length === 0,
      isLinked: (device) => this.#engine.links.roadTo(this.#spaces.self.identity.space, device) !== undefined,
      relays: () => this.#ownRelays(),
      addLinked: (replica, facts) => {
        this.#spaces.addLinked(replica, facts);
        this.#engine.wantRelays();
      },
      roadsChanged: (pair) => void this.#queue.run(() => this.#roadsChanged(pair)),
      settings: { spelled: () => spellSettings(this.settings.current), take: (spelled) => this.#takeSettings(spelled) },
      askPassphrase,
      recovery: this.#recovery,
    });
    this.keeping = new LiveValue(this.#keeping());
  }

  get documents(): Documents {
    if (this.#documents === undefined) throw new Error('the session is not loaded');
    return this.#documents;
  }

  async load(): Promise<void> {
    const { rows, clock, keeping } = this.#ports;
    const [settings, damagedCards, restored] = await Promise.all([
      loadSettings(rows, this.#ports.relays),
      this.#cards.load(rows),
      rows.get(RESTORED_COLLECTION, 'all'),
      this.#engine.load(),
    ]);
    this.settings.set(settings);
    this.#damagedRows += damagedCards;
    this.#isRestored = restored !== undefined;
    await this.#recovery.load(rows, this.#ports.secondKey);
    await this.groups.load(rows);
    await this.ownDevices.load(this.#spaces.load(rows));
    this.#contents.refresh();
    this.people.refresh();
    this.#documents = this.#ports.documents({
      contents: this.#contents,
      rows,
      clock,
      random: this.#ports.random,
      logger: this.#ports.logger,
      inTurn: (work) => this.#queue.run(work),
    });
    this.#stopKeeping = keeping?.subscribe(() => this.keeping.set(this.#keeping()));
    this.keeping.set(this.#keeping());
    this.#engine.wantRelays();
    this.groups.opened();
    void this.#ports.network?.then(
      (network) => this.#queue.run(() => this.#networkArrived(network)),
      () => undefined,
    );
  }

  async changeSettings(change: Partial<Settings>): Promise<void> {
    await this.#queue.run(() => {
      this.settings.set({ ...this.settings.current, ...change });
      putSettings(this.#disk, this.settings.current);
      this.#engine.wantRelays();
      return this.ownDevices.siblings.settingsChanged(spellSettings(this.settings.current));
    });
    await this.#disk.flush();
  }

  conversation(contact: ContactId): Conversation {
    const pair = this.#spaces.pair(contact as string as SpaceId);
    if (pair === undefined) throw new Error('no such contact');
    return new PairConversation(pair.contact, {
      held: pair,
      draftRow: pair.space,
      mayWrite: () => !pair.facts.blocked,
      say: (body) => this.#engine.say(pair.replica, body.kind, () => encodeChatBody(body)),
      disk: this.#disk,
      clock: this.#ports.clock,
      queue: this.#queue,
    });
  }

  async backUp(passphrase: string): Promise<Uint8Array> {
    if (this.#ports.sealBackup === undefined) throw new Error('backups need a place to seal them');
    return this.#ports.sealBackup(await this.exportForBackup(), passphrase);
  }

  async exportForBackup(): Promise<Bytes> {
    await this.#documents?.flush();
    const { rows } = this.#ports;
    const { exportState } = await import('./backup-state.ts');
    return exportState({
      rows,
      queue: this.#queue,
      disk: this.#disk,
      context: this.#context,
      replicas: () => [...this.#spaces.replicas(), ...this.groups.replicas()],
      changed: (replica) => this.#engine.noteDurable(replica),
      name: this.ownDevices.siblings.myName ?? '',
    });
  }

  async stateHash(): Promise<string> {
    await this.#disk.flush();
    const { stateHashOf } = await import('./backup-state.ts');
    return stateHashOf(this.#ports.rows);
  }

  idle(): Promise<void> {
    return this.#queue.idle();
  }

  goodbye(): void {
    if (!this.#isClosed) this.#engine.links.goodbye();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#documents?.flush();
    await this.#documents?.close();
    if (this.#disk.state === 'well') await this.#disk.flush();
    await this.#queue.run(() => this.#end());
    this.#queue.close();
    await this.#network?.close();
  }

  #end(): void {
    this.#stopKeeping?.();
    this.#cards.close();
    this.ownDevices.close();
    for (const pair of this.#spaces.pairs()) pair.close();
    this.groups.close();
    this.#engine.close();
    this.#disk.end();
  }

  #networkArrived(network: Network): void {
    if (this.#isClosed) {
      void network.close();
      return;
    }
    this.#network = network;
    this.#engine.start(network);
    if (this.#isRestored) this.#tellOfRestored();
  }

  /** A restored device is new to everybody: its first receipts say what it has, and that it is there. */
  #tellOfRestored(): void {
    this.#isRestored = false;
    this.#disk.put(RESTORED_COLLECTION, 'all', null);
    for (const { replica } of this.#spaces.pairs()) {
      void this.#engine.say(replica, 'receipt', () => encodeHeld(replica.durable));
    }
  }

  /** Our card was answered: the contact is there, and learns the name we gave the card. */
  async #joined(replica: Replica, names: { readonly theirName: string; readonly myName: string }): Promise<void> {
    const pair = this.#addContact(replica, names);
    const body = encodeChatBody({ kind: 'profile', name: names.myName });
    await write(replica, { kind: 'profile', body }, (written) => this.#engine.push(replica, written));
    this.#engine.noteDurable(replica);
    this.#engine.wantRelays();
    pair.touch();
  }

  /** A contact made on this device: the person's other devices get it too. */
  #addContact(replica: Replica, names: GivenNames): Pair {
    const pair = this.#spaces.addContact(replica, names);
    this.ownDevices.made(pair.space);
    return pair;
  }

  /** Another device of the person changed them. How things look stays each device's own. */
  #takeSettings(spelled: Bytes): void {
    const { lockAfterMinutes, relays } = readSettings(spelled, this.#ownRelays());
    this.settings.set({ ...this.settings.current, lockAfterMinutes, relays });
    putSettings(this.#disk, this.settings.current);
    this.#engine.wantRelays();
  }

  #presenceChanged(replica: Replica, device: DeviceId): void {
    this.#contents.presenceChanged(replica, device);
    if (replica !== this.#spaces.self) return;
    this.ownDevices.siblings.seen(device);
    this.ownDevices.siblings.refresh();
  }

  async #roadsChanged(pair: Pair): Promise<void> {
    this.#engine.meeting.rulesChanged(pair.replica);
    if (pair.facts.blocked) this.#engine.links.drop(pair.space);
    else await this.#engine.meeting.greetAgain(pair.replica);
    this.#engine.wantRelays();
  }

  #ownRelays(): readonly RelayAddress[] {
    return this.settings.current.relays as readonly RelayAddress[];
  }

  #pairChanged(): void {
    this.people.refresh();
    this.#contents.refresh();
    this.#connectionChanged();
  }

  #connectionChanged(): void {
    if (this.#isConnectionDirty) return;
    this.#isConnectionDirty = true;
    void this.#queue.later(() => {
      this.#isConnectionDirty = false;
      const next = connectionOf(this.#spaces.pairs(), this.#engine.relays.states(), this.groups.waiting());
      if (!sameConnection(next, this.connection.current)) this.connection.set(next);
    });
  }

  #keeping(): Keeping {
    const damagedRows = this.#damagedRows + this.#spaces.damagedRows + this.groups.damagedRows;
    const here = { damagedRows, full: this.#disk.state === 'full', gone: this.#isGone };
    return keepingOf(this.#ports.keeping?.current, here);
  }

  #diskChanged(state: string, fault: string | undefined): void {
    if (fault === 'gone') this.#isGone = true;
    this.keeping.set(this.#keeping());
    if (state === 'ended' && !this.#isClosed) {
      this.#isClosed = true;
      this.#end();
      void this.#network?.close();
    }
  }
}
