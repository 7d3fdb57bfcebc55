// The spaces of this session: read from their rows, or made while it runs.

import { hex, textOf, type Bytes } from '#core/bytes/bytes.ts';
import type { Incarnation, SpaceId } from '#core/charter/ids.ts';
import type { OwnRead } from '#core/identity/own-message.ts';
import { safeName } from '#core/identity/names.ts';
import { newLeaf } from '#core/keys/leaf.ts';
import type { Clock, Row, Rows } from '#core/ports.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { Contact } from './api.ts';
import { CONTACT_COLLECTION, decodeFacts, putFacts, type ContactFacts } from './people/contact-facts.ts';
import type { Contents } from './contents.ts';
import { DRAFT_COLLECTION } from './talk/open-talk.ts';
import type { Disk } from './disk.ts';
import type { Engine } from './traffic/engine.ts';
import type { EventQueue } from './event-queue.ts';
import { Pair } from './people/pair.ts';
import { freshLeafKey } from './space/author.ts';
import { drawIncarnation, foundSelf } from './space/found.ts';
import { decodeIdentity, SPACE_COLLECTION, type SpaceIdentity } from './space/identity-row.ts';
import { heldNow } from './space/offer.ts';
import { storedLeaf } from './space/space-keys.ts';
import { loadReplica } from './space/load-replica.ts';
import { Replica, type SpaceContext } from './space/replica.ts';

const INCARNATION_COLLECTION = 'incarnation';

/** Names as they were given; they are made safe here. */
export interface GivenNames {
  readonly theirName: string;
  readonly myName: string;
}

/** A space that is on disk, and under which number this device goes on in it. */
interface Begun {
  readonly identity: SpaceIdentity;
  readonly incarnation: Incarnation;
}

export interface SpacesPorts {
  readonly context: SpaceContext;
  readonly rows: Rows;
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly contents: () => Contents;
  readonly presence: (replica: Replica) => Contact['presence'];
  /** Messages of a contact were unread and are no more. Part of an event. */
  readonly read: (read: OwnRead) => void;
  /** A contact came, or what is shown of one changed. */
  readonly changed: () => void;
  /** A group was read from the disk. */
  readonly group: (replica: Replica) => Promise<void>;
}

export class Spaces {
  /** Rows that could not be read. */
  damagedRows = 0;
  readonly #ports: SpacesPorts;
  readonly #pairs = new Map<SpaceId, Pair>();
  #self: Replica | undefined;
  #joining: Replica | undefined;

  constructor(ports: SpacesPorts) {
    this.#ports = ports;
  }

  pairs(): readonly Pair[] {
    return [...this.#pairs.values()];
  }

  pair(space: SpaceId): Pair | undefined {
    return this.#pairs.get(space);
  }

  /** The space of this person's own devices. */
  get self(): Replica {
    if (this.#self === undefined) throw new Error('the spaces are not loaded');
    return this.#self;
  }

  /** A device that asked to be taken in is: the self space it joined takes the place of its own. */
  set self(replica: Replica) {
    this.#self = replica;
  }

  /** A self space this device asked to join and is not in yet. */
  get joining(): Replica | undefined {
    return this.#joining;
  }

  replicas(): readonly Replica[] {
    const pairs = this.pairs().map((pair) => pair.replica);
    return this.#self === undefined ? pairs : [...pairs, this.#self];
  }

  /**
   * Reads all spaces; makes the self space of a new vault. Numbers of chains must be on disk before the first message
   * under them: they go there while messages are read. A full disk takes none and lets nothing be written, but what is
   * there can be read.
   */
  async load(rows: Rows): Promise<void> {
    const { queue, context, engine, disk } = this.#ports;
    const [spaces, drafts] = await Promise.all([rows.list(SPACE_COLLECTION), rows.list(DRAFT_COLLECTION)]);
    const stored = await queue.run(() => spaces.flatMap((row) => this.#begin(row) ?? []));
    let tried = disk.tried();
    for (const one of stored) await queue.run(() => this.#loadSpace(one));
    if (this.#self === undefined) {
      await queue.run(async () => {
        this.#self = await foundSelf(context);
        engine.add(this.#self, undefined, true);
      });
      tried = disk.tried();
    }
    await tried;
    for (const row of drafts) {
      this.#pairs.get(row.id as SpaceId)?.draft.set(textOf(row.value) ?? '');
    }
  }

  /** A contact was made just now. Part of an event. */
  addContact(replica: Replica, names: GivenNames): Pair {
    return this.#addPair(replica, this.#newFacts(names), true);
  }

  /** A device of ours was made in a contact's space by another of our devices. Part of an event. */
  addLinked(replica: Replica, facts: ContactFacts): Pair {
    replica.putIdentity();
    return this.#addPair(replica, facts, true);
  }

  #begin(row: Row): Begun | undefined {
    try {
      const space = row.id as SpaceId;
      const begun = { identity: decodeIdentity(space, row.value), incarnation: drawIncarnation(this.#ports.context) };
      this.#noteIncarnation(space, begun.incarnation);
      return begun;
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
      this.damagedRows++;
      return undefined;
    }
  }

  async #loadSpace({ identity, incarnation }: Begun): Promise<void> {
    const { context, rows, engine } = this.#ports;
    const { space } = identity;
    const facts = rows.get(CONTACT_COLLECTION, space);
    // Where that row is lost, a fresh key is published. Making one takes as long as reading a thousand messages.
    const leaf = (await storedLeaf(rows, space)) ?? newLeaf(await freshLeafKey(context.suite, context.random));
    const replica = new Replica(context, { identity, leaf, incarnation });
    this.damagedRows += await loadReplica(replica, rows);
    replica.durable = heldNow(replica);
    if (replica.view === undefined && identity.kind === 'self') {
      this.#joining = replica;
      engine.add(replica, undefined, true);
      return;
    }
    if (replica.view === undefined) {
      this.damagedRows++;
      return;
    }
    if (identity.kind === 'self') {
      this.#self = replica;
      engine.add(replica, undefined, false);
      return;
    }
    if (identity.kind === 'group') {
      await this.#ports.group(replica);
      engine.noteDurable(replica);
      return;
    }
    this.#addPair(replica, this.#factsFrom(await facts), false);
  }

  #noteIncarnation(space: SpaceId, incarnation: Incarnation): void {
    this.#ports.disk.put(INCARNATION_COLLECTION, space, hex.decode(incarnation)!);
  }

  #factsFrom(stored: Bytes | undefined): ContactFacts {
    try {
      if (stored !== undefined) return decodeFacts(stored);
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
    }
    // The row is lost: the contact is not. Names come again with the next profile.
    this.damagedRows++;
    return this.#newFacts({ theirName: '', myName: '' });
  }

  #newFacts(names: GivenNames): ContactFacts {
    return {
      myName: names.myName,
      theirName: safeName(names.theirName),
      nickname: undefined,
      confirmed: false,
      blocked: false,
      policy: 'direct',
      madeAt: this.#ports.clock.now(),
      read: undefined,
    };
  }

  #addPair(replica: Replica, facts: ContactFacts, isNew: boolean): Pair {
    const { disk, clock, queue, engine, contents, presence, read, changed } = this.#ports;
    const pair = new Pair(
      {
        disk,
        clock,
        queue,
        presence,
        otherNames: (than) =>
          this.pairs()
            .filter((other) => other !== than)
            .map(nameOf),
        content: (of, message) => contents().settled(of.replica, message),
        restood: (of) => contents().restood(of.replica),
        receipt: (of, device, held) => void queue.run(() => engine.confirmed(of.replica, device, held)),
        read: ({ space }, ids) => read({ space, channel: undefined, thread: undefined, before: undefined, ids }),
        changed: () => changed(),
      },
      replica,
      facts,
    );
    this.#pairs.set(pair.space, pair);
    engine.add(replica, pair, isNew);
    putFacts(disk, pair.space, facts);
    if (isNew) this.#noteIncarnation(pair.space, replica.incarnation);
    engine.noteDurable(replica);
    changed();
    return pair;
  }
}

function nameOf(pair: Pair): string {
  return pair.facts.nickname ?? pair.facts.theirName;
}
