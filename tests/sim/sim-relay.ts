// A relay node: the custodian that ships, over a store in memory that can crash with or without its disk, or come back
// as an older copy of itself.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { Seed } from '#core/crypto/suite.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import { Custodian } from '#core/mailbox/custodian.ts';
import { MemoryMailStore } from '#core/mailbox/memory-store.ts';
import type { MailStore, StoredEntry, StoredEnvelope, Usage } from '#core/mailbox/store.ts';
import type { EnvelopeId } from '#core/mailbox/topic-key.ts';
import type { Link, RelayAddress } from '#core/ports.ts';
import type { Topic } from '#core/wire/envelope.ts';
import { Dice } from './dice.ts';
import type { Roads } from './sim-network.ts';
import type { World } from './world.ts';

export class SimRelay {
  readonly address: RelayAddress;
  readonly place: string;
  readonly #world: World;
  readonly #roads: Roads;
  readonly #suite: CryptoSuite;
  readonly #dice: Dice;
  readonly #seed: Seed;
  #kept: StoredEnvelope[] = [];
  #snapshot: StoredEnvelope[] = [];
  #store: RelayStore | undefined;
  #custodian: Custodian | undefined;
  #links = new Set<Link>();
  #leave: (() => void) | undefined;
  /** What its owner makes it do wrong. */
  misuse: Misuse | undefined;

  constructor(parts: { world: World; roads: Roads; suite: CryptoSuite }, name: string) {
    this.#world = parts.world;
    this.#roads = parts.roads;
    this.#suite = parts.suite;
    this.#dice = new Dice(parts.world.seed, name);
    this.#seed = this.#dice.bytes(32) as Seed;
    this.address = `wss://${name}.example/${name}` as RelayAddress;
    this.place = name;
  }

  get isUp(): boolean {
    return this.#custodian !== undefined;
  }

  async start(): Promise<void> {
    const clock = this.#world.clock(() => 0);
    const store = new RelayStore(this.#world, this.#dice, { kept: this.#kept, misuse: () => this.misuse });
    await store.load();
    const ports = { store, clock, random: this.#dice, suite: this.#suite, logger: this.#world.logger() };
    this.#store = store;
    this.#custodian = await Custodian.open(ports, this.#seed);
    this.#leave = this.#roads.openRelay(this.address, {
      place: this.place,
      accept: (link) => {
        this.#links.add(link);
        this.#custodian?.accept(link);
      },
    });
  }

  /** Stops without a word. What it had acknowledged is on its disk. */
  crash(): void {
    this.#leave?.();
    this.#kept = this.#store?.crash() ?? this.#kept;
    this.#store = undefined;
    this.#custodian?.close();
    this.#custodian = undefined;
    for (const link of this.#links) link.close();
    this.#links.clear();
  }

  /** All it keeps, as whoever takes the machine away finds it. */
  get kept(): readonly StoredEnvelope[] {
    return this.#store?.everything() ?? this.#kept;
  }

  loseDisk(): void {
    this.#kept = [];
  }

  /** Its owner changes one bit of the content of all that lies there. */
  flipBits(): void {
    this.#kept = this.#kept.map((envelope) => {
      const encoded = envelope.encoded.slice();
      encoded[encoded.length >> 1]! ^= 1;
      return { ...envelope, encoded };
    });
  }

  /** Keeps a copy of the disk, for `rollBack`. */
  takeSnapshot(): void {
    this.#snapshot = this.#store?.everything() ?? [...this.#kept];
  }

  /** Comes back as what it was when the copy was taken: it has forgotten what other relay nodes still know. */
  rollBack(): void {
    this.#kept = [...this.#snapshot];
  }
}

export type Misuse = 'relay holding back' | 'relay replaying';

/** In memory, with the delay of a disk before each acknowledgement. */
class RelayStore implements MailStore {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #memory = new MemoryMailStore();
  readonly #misuse: () => Misuse | undefined;
  #kept: StoredEnvelope[];
  #isUp = true;

  constructor(
    world: World,
    dice: Dice,
    of: { readonly kept: readonly StoredEnvelope[]; misuse: () => Misuse | undefined },
  ) {
    this.#world = world;
    this.#dice = dice;
    this.#misuse = of.misuse;
    this.#kept = [...of.kept];
  }

  async load(): Promise<void> {
    for (const envelope of this.#kept) await this.#memory.append(envelope);
  }

  crash(): StoredEnvelope[] {
    this.#isUp = false;
    return this.#kept;
  }

  everything(): StoredEnvelope[] {
    return [...this.#kept];
  }

  async append(envelope: StoredEnvelope): Promise<boolean> {
    await new Promise<void>((resolve) => this.#world.after(this.#dice.between(1, 6), 'relay disk', resolve));
    if (!this.#isUp) return new Promise<never>(() => undefined);
    const isNew = await this.#memory.append(envelope);
    if (isNew) this.#kept.push(envelope);
    if (!isNew || this.#misuse() !== 'relay holding back') return isNew;
    // Said to be stored, as it is, and told to nobody who listens.
    this.#world.faults.strike('relay holding back');
    return false;
  }

  has(topic: Topic, id: EnvelopeId): Promise<boolean> {
    return this.#memory.has(topic, id);
  }

  async list(topic: Topic, after: EnvelopeId | undefined, bytes: number): Promise<readonly StoredEntry[]> {
    const misuse = this.#misuse();
    const entries = await this.#memory.list(topic, misuse === 'relay replaying' ? undefined : after, bytes);
    if (misuse === undefined || entries.length === 0) return entries;
    this.#world.faults.strike(misuse);
    return misuse === 'relay replaying' ? entries : entries.filter((_, i) => i % 2 === 0);
  }

  read(topic: Topic, id: EnvelopeId): Promise<Bytes | undefined> {
    return this.#memory.read(topic, id);
  }

  expire(day: number): Promise<number> {
    this.#kept = this.#kept.filter((envelope) => envelope.expiryDay >= day);
    return this.#memory.expire(day);
  }

  usage(): Promise<Usage> {
    return this.#memory.usage();
  }

  topicUsage(topic: Topic): Promise<Usage> {
    return this.#memory.topicUsage(topic);
  }
}
