// Two or three sessions over a relay node in memory, for tests of the session: the simulator's parts in fair weather.

import { storeOf } from '#app/derived.ts';
import type { ContactId, Message, TimelineEntry } from '#app/api.ts';
import { openDocuments } from '#app/documents/documents.ts';
import type { Breather } from '#app/event-queue.ts';
// Fetched when first needed: that would take real time, of which a simulated world has none.
import '#app/backup-state.ts';
import '#app/documents/of-groups.ts';
import { sessionRooms } from '#app/session-rooms.ts';
import type { OpenSession } from '#app/session-ports.ts';
import type { OpenDocuments } from '#app/space-content.ts';
import { openSession } from '#app/session.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import { hex } from '#core/bytes/bytes.ts';
import { HOUR, type Durability, type Millis, type PeerId, type RowWrite } from '#core/ports.ts';
import { makeCheapSuite } from '#tests/sim/cheap-suite.ts';
import { Dice } from '#tests/sim/dice.ts';
import { SimDisk } from '#tests/sim/sim-disk.ts';
import { Roads, SimNetwork } from '#tests/sim/sim-network.ts';
import { SimRelay } from '#tests/sim/sim-relay.ts';
import { World } from '#tests/sim/world.ts';

export class SessionWorld {
  readonly world: World;
  readonly roads: Roads;
  readonly suite: CryptoSuite;
  readonly relays: SimRelay[] = [];

  constructor(seed = 1, suite: CryptoSuite | ((world: World) => CryptoSuite) = makeCheapSuite()) {
    this.world = new World(seed);
    this.roads = new Roads(this.world, new Dice(seed, 'roads'));
    this.suite = typeof suite === 'function' ? suite(this.world) : suite;
  }

  static async start(relays = 1, suite?: CryptoSuite | ((world: World) => CryptoSuite)): Promise<SessionWorld> {
    const world = new SessionWorld(1, suite);
    for (let i = 0; i < relays; i++) {
      const relay = new SimRelay({ world: world.world, roads: world.roads, suite: world.suite }, `relay${i}`);
      world.relays.push(relay);
      await relay.start();
    }
    return world;
  }

  /** Rows of stores that src/app/derived.ts knows nothing of. */
  readonly unlisted = new Set<string>();

  /** Relay nodes lose their disks, and with these the mail that waited for somebody. */
  async loseMail(): Promise<void> {
    for (const relay of this.relays) {
      relay.crash();
      relay.loseDisk();
      await this.during(relay.start());
    }
  }

  async pass(duration: number): Promise<void> {
    await this.world.pass(duration);
    if (this.unlisted.size > 0) throw new Error(`not in src/app/derived.ts: rows of ${[...this.unlisted].join(', ')}`);
  }

  /** Lets time pass until a promise has settled. */
  async during<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    const watched = promise.finally(() => (isOver = true));
    watched.catch(() => undefined);
    for (let i = 0; i < 2_000 && !isOver; i++) await this.pass(20);
    return watched;
  }

  person(name: string): TestPerson {
    return new TestPerson(this, name);
  }
}

/** Sees which stores there are. */
class ListedDisk extends SimDisk {
  unlisted = new Set<string>();

  override commit(writes: readonly RowWrite[], durability: Durability): Promise<void> {
    for (const { collection } of writes) if (storeOf(collection) === undefined) this.unlisted.add(collection);
    return super.commit(writes, durability);
  }
}

export class TestPerson {
  readonly name: string;
  readonly disk: ListedDisk;
  /** Another way to keep documents takes effect at the next start. */
  documents: OpenDocuments = openDocuments;
  /** As in a browser, where the passphrase was just typed: the session makes recovery keys. */
  isAsked = false;
  /** Asked between steps of long work, from the next start on. */
  breathe: Breather | undefined;
  /** How far this person's clock is off. */
  clockOffset = 0;
  #lives = 0;
  #session: OpenSession | undefined;
  #network: SimNetwork | undefined;
  readonly #in: SessionWorld;

  constructor(world: SessionWorld, name: string) {
    this.#in = world;
    this.name = name;
    this.disk = new ListedDisk(world.world, new Dice(1, `${name} disk`));
    this.disk.unlisted = world.unlisted;
  }

  get session(): OpenSession {
    if (this.#session === undefined) throw new Error(`${this.name} is not there`);
    return this.#session;
  }

  async start(): Promise<this> {
    const { world, roads, suite, relays } = this.#in;
    const coins = new Dice(1, `${this.name} life ${this.#lives++}`);
    const network = new SimNetwork(roads, this.name, hex.encode(coins.bytes(8)) as PeerId);
    this.#network = network;
    this.#session = await this.#in.during(
      openSession({
        clock: world.clock(() => this.clockOffset),
        random: coins,
        rows: this.disk,
        suite,
        logger: world.logger(),
        network: Promise.resolve(network),
        relays: relays.map(({ address }) => address),
        documents: this.documents,
        rooms: sessionRooms,
        sealBackup: (state) => Promise.resolve(state),
        ...(this.breathe === undefined ? {} : { breathe: this.breathe }),
        ...(this.isAsked ? { secondKey: new Uint8Array(32) } : {}),
        askPassphrase: (passphrase) => Promise.resolve(passphrase === 'right' ? new Uint8Array(32) : undefined),
      }),
    );
    return this;
  }

  async stop(): Promise<void> {
    await this.#in.during(this.session.close());
    this.#session = undefined;
  }

  /** The same device with the disk it had then: it throws the same coins as at the unlock that followed. */
  twin(disk: SimDisk, lives: number): TestPerson {
    const twin = new TestPerson(this.#in, this.name);
    twin.disk.copyFrom(disk);
    twin.#lives = lives;
    return twin;
  }

  /** The process is gone without a word. */
  vanish(): void {
    this.#network?.vanish();
    this.#session = undefined;
  }

  get network(): SimNetwork {
    if (this.#network === undefined) throw new Error(`${this.name} is not there`);
    return this.#network;
  }

  get contact(): ContactId {
    const [contact] = this.session.people.contacts.current;
    if (contact === undefined) throw new Error(`${this.name} has no contact`);
    return contact.id;
  }

  async card(): Promise<string> {
    const card = await this.#in.during(this.session.people.makeCard({ myName: this.name, validFor: HOUR as Millis }));
    return card.code;
  }

  answer(code: string): ReturnType<OpenSession['people']['answer']> {
    return this.#in.during(this.session.people.answer(code, this.name));
  }

  say(text: string): Promise<string> {
    return this.#in.during(this.session.conversation(this.contact).send(text));
  }

  timeline(): readonly TimelineEntry[] {
    return this.session.conversation(this.contact).timeline.current;
  }

  messages(): readonly Message[] {
    return this.timeline().filter((entry) => entry.is === 'message');
  }

  texts(): readonly string[] {
    return this.messages().map(({ text }) => text);
  }
}

/** Two people who are contacts and linked. */
export async function twoContacts(
  world: SessionWorld,
): Promise<{ readonly alice: TestPerson; readonly bob: TestPerson }> {
  const alice = await world.person('alice').start();
  const bob = await world.person('bob').start();
  await world.pass(1_000);
  await bob.answer(await alice.card());
  await world.pass(4_000);
  return { alice, bob };
}
