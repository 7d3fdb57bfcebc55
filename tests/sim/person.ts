// One person of the simulated world: an app with its disk, its clock and its place in the network, and what it was
// promised would be kept. The app is the session that ships.

import type { ContactId, DocumentId, OpenDocument } from '#app/api.ts';
import { importFromBackup } from '#app/backup-state.ts';
import { openDocuments } from '#app/documents/documents.ts';
// Fetched when first needed: that would take real time, of which a simulated world has none.
import '#app/backup-state.ts';
import '#app/documents/of-groups.ts';
import type { OpenSession, SessionRooms } from '#app/session-ports.ts';
import { sessionRooms } from '#app/session-rooms.ts';
import { openSession } from '#app/session.ts';
import type { OpenDocuments, SpaceContents } from '#app/space-content.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import { SECOND, type Clock, type Millis, type PeerId, type RelayAddress } from '#core/ports.ts';
import { hex } from '#core/bytes/bytes.ts';
import { Dice } from './dice.ts';
import type { Ledger } from './ledger.ts';
import { SimDisk, type DiskLies } from './sim-disk.ts';
import { SimNetwork, type Roads } from './sim-network.ts';
import type { World } from './world.ts';

export interface PersonParts {
  readonly world: World;
  readonly roads: Roads;
  readonly suite: CryptoSuite;
  readonly ledger: Ledger;
  readonly relays: readonly RelayAddress[];
  /** What a planted error changes; nothing in a true world. */
  readonly planted?: Planted;
}

export interface Planted {
  readonly disk?: DiskLies;
  /** Another way to keep time, to open documents. */
  readonly clock?: (clock: Clock) => Clock;
  readonly documents?: OpenDocuments;
}

/** Checkpoints of documents happen within the minutes that a world lasts. */
const PACE = { changes: 4, within: (4 * SECOND) as Millis, keep: (15 * SECOND) as Millis };

/** One unlocked session and what dies with it. */
interface Life {
  readonly session: OpenSession;
  readonly network: SimNetwork;
  readonly open: Map<DocumentId, Promise<OpenDocument>>;
  isOver: boolean;
}

/** What a session holds of groups, below what its screens are told: for whoever judges, and for who keeps no rules. */
export type Book = ReturnType<SessionRooms['groups']>;
export type BookPorts = Parameters<SessionRooms['groups']>[0];

export class Person {
  readonly name: string;
  /** Promises are checked for those who keep the rules. */
  readonly isHonest: boolean = true;
  readonly dice: Dice;
  readonly disk: SimDisk;
  readonly ledger: Ledger;
  /** How wrong this person's clock is. */
  clockOffset = 0;
  /** As in a browser, where the passphrase was just typed: the session makes recovery keys. */
  isAsked = false;
  /** Names made for what this person wrote. */
  written = 0;
  readonly #parts: PersonParts;
  #life: Life | undefined;
  /** To be told when the life now is over. */
  readonly #whenOver: (() => void)[] = [];
  #book: Book | undefined;
  #contents: SpaceContents | undefined;
  #lives = 0;

  constructor(name: string, parts: PersonParts) {
    this.name = name;
    this.#parts = parts;
    this.ledger = parts.ledger;
    this.dice = new Dice(parts.world.seed, name);
    this.disk = new SimDisk(parts.world, new Dice(parts.world.seed, `${name} disk`), parts.planted?.disk);
    this.disk.oncrash = () => this.crash();
  }

  get world(): World {
    return this.#parts.world;
  }

  get place(): string {
    return this.name;
  }

  get session(): OpenSession | undefined {
    return this.#life?.session;
  }

  /** Unlocks; resolves when the session is there, or the app crashed meanwhile. */
  async start(): Promise<void> {
    if (this.#life !== undefined) return;
    const { world, roads, suite, relays, planted } = this.#parts;
    const coins = new Dice(world.seed, `${this.name} life ${this.nextLife()}`);
    const network = new SimNetwork(roads, this.place, hex.encode(coins.bytes(8)) as PeerId);
    const life: { isOver: boolean } = { isOver: false };
    const clock = this.#clockOf(life);
    const secondKey = new Dice(world.seed, 'passphrase').bytes(32);
    world.note('start', this.name);
    const opening = openSession({
      clock: planted?.clock?.(clock) ?? clock,
      random: coins,
      rows: this.disk,
      suite,
      logger: world.logger(),
      network: Promise.resolve(network),
      relays,
      documents: this.#documentsPort(),
      rooms: this.roomsPort(),
      ...(this.isAsked ? { secondKey, askPassphrase: () => Promise.resolve(secondKey.slice()) } : {}),
    });
    const pending = Object.assign(life, { network, open: new Map() }) as unknown as Life;
    this.#life = pending;
    const session = await opening;
    if (pending.isOver) return;
    Object.assign(pending, { session });
  }

  /** The app's process is gone in the middle of whatever it did. */
  crash(): void {
    const life = this.#life;
    if (life === undefined) return;
    const { world } = this;
    world.note('crash', this.name);
    world.faults.strike('app crash mid-write');
    life.isOver = true;
    life.network.vanish();
    if (this.disk.crash()) world.faults.strike('torn write');
    this.#ended();
    world.after(this.dice.between(300, 4_000), 'restart', () => void this.start());
  }

  #ended(): void {
    this.#life = undefined;
    for (const over of this.#whenOver.splice(0)) over();
  }

  /** Locks in good order and unlocks again. */
  async relock(): Promise<void> {
    if (await this.lock()) await this.start();
  }

  /** Locks in good order; false when there was nothing to lock, or a crash came first. */
  async lock(): Promise<boolean> {
    const life = this.#life;
    if (life?.session === undefined) return false;
    await life.session.close();
    if (life.isOver) return false;
    life.isOver = true;
    this.disk.settle();
    this.#ended();
    return true;
  }

  /** Locks, and is back after a while. */
  async goAway(duration: number): Promise<void> {
    if (await this.lock()) this.world.after(duration, 'back', () => void this.start());
  }

  /** Has the words of the recovery key on paper, and nowhere else. */
  async writeWords(): Promise<string> {
    const { ownDevices } = this.session!;
    const shown = await ownDevices.showWords('the passphrase');
    if (shown.is !== 'words') throw new Error(shown.is);
    const words = shown.words.join(' ');
    if ((await ownDevices.rehearse(words)) !== 'on-paper') throw new Error('not on paper');
    return words;
  }

  /** Ends, with the words, the one other device there is. An app that is gone meanwhile answers nothing any more. */
  async endOther(words: string): Promise<boolean> {
    const { ownDevices } = this.session!;
    const other = ownDevices.list.current.find(({ isThis }) => !isThis);
    if (other === undefined || other.isEnded) return other !== undefined;
    const isOver = new Promise<false>((resolve) => this.#whenOver.push(() => resolve(false)));
    return Promise.race([ownDevices.end(other.id, words).then(({ is }) => is === 'ended'), isOver]);
  }

  /** Restores on another device what this one backs up; this one goes on too. */
  async copyTo(device: Person): Promise<void> {
    const state = await this.session!.exportForBackup();
    const answer = await importFromBackup(state, { rows: device.disk });
    if (answer !== 'imported') throw new Error(answer);
  }

  /** The groups of this life, with what is below them. */
  get book(): Book | undefined {
    return this.session === undefined ? undefined : this.#book;
  }

  /** What this life is told of messages with content: for whoever judges. */
  get contents(): SpaceContents | undefined {
    return this.session === undefined ? undefined : this.#contents;
  }

  /** A document, opened once in this life, and again when something in it was taken back. */
  async open(id: DocumentId): Promise<OpenDocument> {
    const opened = await this.#opened(id);
    if (!opened.isOver.current) return opened;
    await this.shut(id);
    return this.#opened(id);
  }

  #opened(id: DocumentId): Promise<OpenDocument> {
    const life = this.#life!;
    let opened = life.open.get(id);
    if (opened === undefined) {
      opened = life.session.documents.open(id);
      life.open.set(id, opened);
    }
    return opened;
  }

  async shut(id: DocumentId): Promise<void> {
    const life = this.#life;
    const opened = life?.open.get(id);
    if (life === undefined || opened === undefined) return;
    life.open.delete(id);
    await (await opened).close();
  }

  contacts(): readonly ContactId[] {
    return this.session?.people.contacts.current.map(({ id }) => id) ?? [];
  }

  /** Each unlocking has coins of its own; a forger throws old ones again. */
  protected nextLife(): number {
    return this.#lives++;
  }

  protected roomsPort(): SessionRooms {
    return { ...sessionRooms, groups: (ports) => (this.#book = this.groupsPort(ports)) };
  }

  protected groupsPort(ports: BookPorts): Book {
    return sessionRooms.groups(ports);
  }

  protected documentsPort(): OpenDocuments {
    return this.#parts.planted?.documents ?? ((host) => openDocuments(host, { pace: PACE }));
  }

  #documentsPort(): OpenDocuments {
    const open = this.documentsPort();
    return (host) => {
      const { contents } = host;
      this.#contents = contents;
      contents.listen('doc.update', (message) => {
        if (message.mine) this.ledger.changed(this.name, message);
      });
      return open(host);
    };
  }

  /** A killed process is woken by nothing. */
  #clockOf(life: { isOver: boolean }): Clock {
    const clock = this.world.clock(() => this.clockOffset);
    return {
      now: () => clock.now(),
      after: (delay: Millis, wake) =>
        clock.after(delay, () => {
          if (!life.isOver) wake();
        }),
    };
  }
}
