// The doors of this session's groups, as members keep them: tells the group who knocks, brings vouches together, answers
// those who were let in. Every member's device does the same, each after a time of its own, unless another was faster.
//
// Invariants
// 1. Nothing is told or answered on a relay node's word: letters are genuine, admissions stand in the charter.
// 2. All duties float: none depends on one device, and done twice they do no harm.

import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import type { ProposalFacts } from '#core/charter/group-facts.ts';
import type { Writable } from '#core/charter/write-op.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { doorCode, fittingDoor } from '#core/knocks/door.ts';
import { encodeKnockAct, type KnockAct } from '#core/knocks/knock-body.ts';
import { isKnockGenuine, type KnockLetter, type SignedKnock } from '#core/knocks/knock-letter.ts';
import type { HeardKnock, OpenDoor } from '#core/knocks/knocks.ts';
import type { MailboxClient } from '#core/mailbox/client.ts';
import { DAY, SECOND, type Clock, type Millis, type RelayAddress } from '#core/ports.ts';
import type { Welcome } from '#core/sync/welcome.ts';
import type { Disk } from '../disk.ts';
import { doorTopics, leaveReply, TURNED_AWAY, welcomeFor } from './door-mail.ts';
import type { EventQueue } from '../event-queue.ts';
import { endorsementOf } from '../groups/group-acts.ts';
import type { GroupSpace } from '../groups/group-space.ts';
import { KnockBook } from './knock-book.ts';
import type { WantedTopic } from '../traffic/mail-in.ts';
import { relaysOf } from '../traffic/routes-of-mail.ts';
import type { SayResult } from '../traffic/space-host.ts';
import type { Settled, SpaceContext } from '../space/replica.ts';

/** A link for knocking is passed around for a season. */
const DOOR_LASTS_DAYS = 90;
/** Who tells of a knock, or completes a vote: whoever drew the shortest time. */
const TELL_WITHIN = (5 * SECOND) as Millis;
/** Longer than whoever let somebody in needs to answer them. */
const ANSWER_AFTER = (20 * SECOND) as Millis;
/** For each device that might do it as well. */
const ANSWER_APART = (2 * SECOND) as Millis;
const RETRY_AFTER = (15 * SECOND) as Millis;

export interface DoorsPorts {
  readonly context: SpaceContext;
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly client: (relay: RelayAddress) => MailboxClient | undefined;
  readonly told: (space: SpaceId) => Pick<Welcome, 'names' | 'channels'>;
  /** Not within an event. */
  readonly say: (group: GroupSpace, body: Uint8Array<ArrayBuffer>) => Promise<SayResult>;
  /** Writes ops as this person, with all that an admission needs. Not within an event. */
  readonly write: (group: GroupSpace, body: Writable) => Promise<unknown>;
  /** Doors opened or closed: other topics. Within an event. */
  readonly changed: () => void;
}

export class Doors {
  readonly #ports: DoorsPorts;
  readonly #books = new Map<SpaceId, KnockBook>();
  /** Duties that wait for their time, and those that were done or are being done. */
  readonly #timers = new Map<string, () => void>();
  readonly #done = new Set<string>();
  readonly #doors = new Map<SpaceId, OpenDoor['id'] | undefined>();
  #isClosed = false;

  constructor(ports: DoorsPorts) {
    this.#ports = ports;
  }

  add(group: GroupSpace): void {
    const book = new KnockBook(group);
    this.#books.set(group.space, book);
    this.#look(book);
  }

  forget(space: SpaceId): void {
    this.#books.delete(space);
  }

  book(space: SpaceId): KnockBook | undefined {
    return this.#books.get(space);
  }

  settled(group: GroupSpace, { entry }: Settled): void {
    const book = this.#books.get(group.space);
    if (book?.take(entry) === true) this.#look(book);
  }

  restood(group: GroupSpace): void {
    const book = this.#books.get(group.space);
    if (book === undefined) return;
    book.readAll();
    this.#look(book);
  }

  /** The charter of a group grew, or a relay node is there. */
  consider(group: GroupSpace): void {
    const book = this.#books.get(group.space);
    if (book !== undefined) this.#consider(book);
  }

  async topics(relay: RelayAddress): Promise<readonly WantedTopic[]> {
    const day = this.#ports.client(relay)?.day;
    const topics: WantedTopic[] = [];
    for (const book of day === undefined ? [] : this.#books.values()) {
      const { door } = book;
      if (door?.door.relays.includes(relay) !== true) continue;
      topics.push(...(await doorTopics(this.#ports.context, door, day!, (knock) => this.#found(book, door, knock))));
    }
    return topics;
  }

  /** Takes the keys of those who were let in just now; true when there are some. Part of an event. */
  letIn({ space, replica }: GroupSpace): boolean {
    const heard = [...(this.#books.get(space)?.knocks.heard.values() ?? [])];
    const fresh = heard.filter(({ letter: { device } }) => {
      return replica.view?.devices.get(device)?.isLive === true && !replica.records.has(device);
    });
    for (const { letter } of fresh) replica.putRecord(letter.record);
    return fresh.length > 0;
  }

  code(space: SpaceId): string | undefined {
    const door = this.#books.get(space)?.door;
    return door === undefined ? undefined : doorCode(door.door);
  }

  /** Opens a door of the group, in place of the one before. */
  async open(group: GroupSpace): Promise<SayResult> {
    const { suite, random, clock } = this.#ports.context;
    const seed = random.bytes(32) as Seed;
    const door = fittingDoor({
      space: group.space,
      sealingKey: await suite.sealingKeyOf(seed, 2),
      secret: random.bytes(32),
      relays: relaysOf(group.replica),
      groupName: group.name,
      questions: group.replica.view?.group?.rules.knock ?? [],
      expires: Math.floor(clock.now() / DAY) + DOOR_LASTS_DAYS,
    });
    return this.#say(group, { act: 'door', door, seed });
  }

  /** Tells who knocked that nobody will let them in. */
  async turnAway(group: GroupSpace, device: DeviceId): Promise<SayResult> {
    const said = await this.#say(group, { act: 'away', device });
    const letter = this.#books.get(group.space)?.knock(device)?.letter;
    if (said === 'saved' && letter !== undefined) void this.#answer(group, letter, `away|${device}`);
    return said;
  }

  close(): void {
    this.#isClosed = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** A letter lay at the door. Part of an event. */
  async #found(book: KnockBook, { door, id }: OpenDoor, knock: SignedKnock): Promise<void> {
    const { letter } = knock;
    if (this.#isKnown(book, knock) || (letter.is === 'knock' && book.isFull)) return;
    if (
      letter.is === 'knock' &&
      letter.answers.map(({ question }) => question).join('\n') !== door.questions.join('\n')
    ) {
      return;
    }
    if (!(await isKnockGenuine(this.#ports.context.suite, book.group.space, knock))) return;
    this.#inAWhile(`tell|${book.group.space}|${letter.device}|${letter.is}`, this.#some(TELL_WITHIN), async () => {
      const isOurs = book.door?.id === id && !(letter.is === 'knock' && book.isFull);
      if (!isOurs || this.#isKnown(book, knock)) return;
      await this.#say(book.group, { act: 'came', knock });
    });
  }

  #isKnown(book: KnockBook, { letter }: SignedKnock): boolean {
    const known = book.knock(letter.device);
    // Of a knock that nobody told there is nothing to take back.
    return letter.is === 'knock' ? known !== undefined : known === undefined || known.isWithdrawn;
  }

  /** Letters are looked at in an event of their own: it takes a while. */
  #look(book: KnockBook): void {
    void this.#ports.queue.later(async () => {
      if (this.#isClosed || this.#books.get(book.group.space) !== book) return;
      await book.check();
      for (const id of book.outdated()) book.group.replica.shred(id);
      this.#consider(book);
      book.group.touch();
    });
  }

  #consider(book: KnockBook): void {
    const { group } = book;
    const door = book.door?.id;
    if (this.#doors.get(group.space) !== door) {
      this.#doors.set(group.space, door);
      this.#ports.changed();
    }
    if (group.standing !== 'in') return;
    for (const knock of book.considered()) this.#bringTogether(book, knock.letter);
    for (const knock of book.knocks.heard.values()) this.#welcome(book, knock);
  }

  /** What several did without knowing of each other comes to one vote. */
  #bringTogether({ group }: KnockBook, { device }: KnockLetter): void {
    const next = nextEndorsement(group, device);
    if (next === undefined) return;
    this.#inAWhile(`endorse|${group.space}|${device}|${next.signers.length}`, this.#some(TELL_WITHIN), async () => {
      const still = nextEndorsement(group, device);
      const body = still && endorsementOf(group.replica.view!.group!, still.op, group.me!);
      if (body !== undefined) await this.#ports.write(group, body);
    });
  }

  #welcome(book: KnockBook, { letter, isWelcomed }: HeardKnock): void {
    const { group } = book;
    const { replica } = group;
    const name = `welcome|${group.space}|${letter.device}`;
    const isMember = replica.view?.devices.get(letter.device)?.isLive === true;
    // So that keys made from now on are wrapped to them too.
    if (isMember && !replica.records.has(letter.device)) replica.putRecord(letter.record);
    const isHere = replica.heard.at(letter.device) !== undefined || letter.device === replica.identity.device;
    if (!isMember || isHere || isWelcomed || this.#done.has(name)) return;
    const wait = (ANSWER_AFTER + this.#some((ANSWER_APART * replica.others().length) as Millis)) as Millis;
    this.#inAWhile(name, isAdmittedBy(group, letter.device) ? (0 as Millis) : wait, async () => {
      const isStillDue =
        replica.heard.at(letter.device) === undefined && book.knock(letter.device)?.isWelcomed !== true;
      if (isStillDue) await this.#answer(group, letter, name);
    });
  }

  /** Leaves an answer wherever the group meets; once it lies somewhere the others need not. */
  async #answer(group: GroupSpace, letter: KnockLetter, name: string): Promise<void> {
    const { context, disk, queue, client, told } = this.#ports;
    const isMember = (): boolean => group.replica.view?.devices.get(letter.device)?.isLive === true;
    if (this.#isClosed || this.#done.has(name)) return;
    const welcome = await queue.run(() =>
      isMember() ? welcomeFor(group.replica, told(group.space), letter.device) : TURNED_AWAY,
    );
    // What is told of is on disk here.
    const isDurable = (await disk.flush()) === 'saved';
    let isLeft = false;
    for (const relay of welcome === undefined || !isDurable ? [] : relaysOf(group.replica)) {
      const mailbox = client(relay);
      if (mailbox !== undefined) isLeft = (await leaveReply(context, mailbox, letter, welcome!)) || isLeft;
    }
    if (!isLeft) {
      this.#inAWhile(name, RETRY_AFTER, () => this.#answer(group, letter, name));
      return;
    }
    this.#done.add(name);
    if (welcome !== TURNED_AWAY) await this.#say(group, { act: 'welcomed', device: letter.device });
  }

  #say(group: GroupSpace, act: KnockAct): Promise<SayResult> {
    return this.#ports.say(group, encodeKnockAct(act));
  }

  #inAWhile(name: string, delay: Millis, work: () => Promise<unknown>): void {
    if (this.#isClosed || this.#timers.has(name)) return;
    const wake = (): void => {
      this.#timers.delete(name);
      if (!this.#isClosed) void work();
    };
    this.#timers.set(name, this.#ports.clock.after(Math.max(1, delay) as Millis, wake));
  }

  #some(most: Millis): Millis {
    const [high, low] = this.#ports.context.random.bytes(2);
    return Math.floor((most * (high! * 256 + low!)) / 65_536) as Millis;
  }
}

/** Open votes on letting in who knocked with a device, the first in order first. */
export function votesOn({ replica }: GroupSpace, device: string): readonly ProposalFacts[] {
  const proposals = replica.view?.group?.proposals ?? [];
  return proposals.filter(({ act, isOpen }) => {
    const isAdmission = act.type === 'grant' && act.act === 'admit';
    return isOpen && isAdmission && act.device === device && act.roles.length === 0 && act.recovery === undefined;
  });
}

/** Whoever vouched once vouches in the vote that is first by order, and completes what lacks only that. */
function nextEndorsement(group: GroupSpace, device: DeviceId): ProposalFacts | undefined {
  const { me } = group;
  const votes = votesOn(group, device);
  if (me === undefined || !votes.some(({ signers }) => signers.includes(me))) return undefined;
  const done = votes.find(({ signers, missing }) => missing === 0 && signers.includes(me));
  if (done !== undefined) return done;
  const [first] = votes;
  return first?.mayStillSign.includes(me) === true ? first : undefined;
}

function isAdmittedBy({ replica }: GroupSpace, device: DeviceId): boolean {
  const { view, charter, identity } = replica;
  const principal = view?.devices.get(device)?.principal;
  const grant = principal === undefined ? undefined : view?.group?.grants.get(principal);
  return grant !== undefined && charter.ops.get(grant.op)?.signed.op.device === identity.device;
}
