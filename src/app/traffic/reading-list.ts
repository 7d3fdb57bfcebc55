// What is to be read at a relay node: mail for this device of the day and of days that were not read yet, a group's mail,
// and the beats of those who are here.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import type { MailboxClient } from '#core/mailbox/client.ts';
import { topicKeyOf } from '#core/mailbox/topic-key.ts';
import type { RelayAddress, Rows } from '#core/ports.ts';
import { inboxTopicSeed, rendezvousTopicSeed, type MailRoute } from '#core/sync/mail.ts';
import type { Topic } from '#core/wire/envelope.ts';
import type { Beckonings } from './beckoning.ts';
import type { Disk } from '../disk.ts';
import type { GroupTopics } from './group-topics.ts';
import type { WantedTopic } from './mail-in.ts';
import type { Meeting } from './meeting.ts';
import { incomingRoutes, relaysOf } from './routes-of-mail.ts';
import type { Replica } from '../space/replica.ts';

/** Days of mail a relay node keeps, and one more for its clock. */
const MAIL_DAYS = 15;
const FETCHED = 'fetched';

/** A relay node's day, and the first one of which not everything was read there. */
export interface ReadingDays {
  readonly day: number;
  readonly first: number;
}

export interface ReadingListPorts {
  readonly suite: CryptoSuite;
  readonly disk: Disk;
  readonly replicas: () => Iterable<Replica>;
  readonly mayMeet: (replica: Replica) => boolean;
  readonly client: (relay: RelayAddress) => MailboxClient | undefined;
  readonly meeting: () => Meeting;
  readonly beckonings: () => Beckonings;
  readonly groupTopics: GroupTopics;
  /** Topics of open cards, and of welcomes one waits for. */
  readonly otherTopics: (relay: RelayAddress, days: ReadingDays) => Promise<readonly WantedTopic[]>;
  readonly mail: (
    replica: Replica,
    route: MailRoute,
    at: { readonly topic: Topic; readonly day: number },
    blob: Bytes,
  ) => Promise<void>;
}

export class ReadingList {
  readonly #ports: ReadingListPorts;
  readonly #fetchedDays = new Map<RelayAddress, number>();
  readonly #madeNow = new Set<SpaceId>();

  constructor(ports: ReadingListPorts) {
    this.#ports = ports;
  }

  async load(rows: Rows): Promise<void> {
    for (const row of await rows.list(FETCHED)) {
      if (row.value.length === 4)
        this.#fetchedDays.set(row.id as RelayAddress, new DataView(row.value.slice().buffer).getUint32(0));
    }
    await this.#ports.groupTopics.load(rows);
  }

  /** What was made since the start has no mail of former days. */
  noteMadeNow(space: SpaceId): void {
    this.#madeNow.add(space);
  }

  /** Everything left at a relay node on former days was read, as of its day. */
  noteFetched(relay: RelayAddress, day: number): void {
    this.#ports.groupTopics.noteAllRead(relay, day);
    if (this.#fetchedDays.get(relay) === day) return;
    this.#fetchedDays.set(relay, day);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, day);
    this.#ports.disk.put(FETCHED, relay, bytes);
  }

  async wanted(relay: RelayAddress, day: number): Promise<readonly WantedTopic[]> {
    const { otherTopics, replicas, mayMeet, groupTopics } = this.#ports;
    const first = Math.max(Math.min(this.#fetchedDays.get(relay) ?? 0, day), day - MAIL_DAYS);
    const wanted: WantedTopic[] = [...(await otherTopics(relay, { day, first }))];
    for (const replica of replicas()) {
      if (!mayMeet(replica) || !relaysOf(replica).includes(relay)) continue;
      for (const route of incomingRoutes(replica)) {
        const from = this.#madeNow.has(replica.identity.space) ? day : first;
        for (let at = from; at < day; at++)
          wanted.push({ ...(await this.#inboxTopic(replica, route, at)), isPast: true });
        wanted.push(await this.#inboxTopic(replica, route, day));
      }
      if (replica.identity.kind === 'group') wanted.push(...(await groupTopics.wanted(replica, relay, day)));
      const rendezvous = await this.#rendezvousTopic(replica, relay, day);
      if (rendezvous !== undefined) wanted.push(rendezvous);
      for (const former of replica.keys.formerMeetings)
        wanted.push(await this.#formerTopic(replica, former.secret, day));
    }
    return wanted;
  }

  async #inboxTopic(replica: Replica, route: MailRoute, day: number): Promise<WantedTopic> {
    const { suite, mail, beckonings } = this.#ports;
    const key = await topicKeyOf(suite, inboxTopicSeed(route, day));
    return {
      key,
      onblob: (blob) => mail(replica, route, { topic: key.topic, day }, blob),
      ...(replica.identity.kind === 'group' ? { onbeat: (beat) => beckonings().hear(replica, beat) } : {}),
    };
  }

  /** Where members met before: listened to, and nothing is said there. */
  async #formerTopic(replica: Replica, secret: Bytes, day: number): Promise<WantedTopic> {
    const { suite, beckonings } = this.#ports;
    const key = await topicKeyOf(suite, rendezvousTopicSeed(replica.identity.space, secret, day));
    return { key, onbeat: (beat) => beckonings().hearFormer(replica, secret, beat) };
  }

  async #rendezvousTopic(replica: Replica, relay: RelayAddress, day: number): Promise<WantedTopic | undefined> {
    const { suite, meeting, beckonings, client } = this.#ports;
    const { rendezvous } = replica.keys;
    if (rendezvous === undefined || replica.others().length === 0) return undefined;
    const key = await topicKeyOf(suite, rendezvousTopicSeed(replica.identity.space, rendezvous, day));
    return {
      key,
      onbeat: async (beat) => {
        const outsider = await meeting().hear(replica, beat, relay);
        if (outsider !== undefined && replica.identity.kind === 'group') beckonings().hearOutsider(replica, outsider);
      },
      onready: async () => {
        const there = client(relay);
        if (there === undefined) return;
        await meeting().arrive(replica, { relay, client: there, key });
        beckonings().consider(replica, true);
      },
    };
  }
}
