// Where a group's mail is read: the topics of every key held, of today and of the days that were not read yet. A key that
// came late opens topics of days gone by.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { Kid } from '#core/charter/ids.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import { topicSeedOf, type ScopeKey } from '#core/keys/scope-key.ts';
import { ENVELOPE_TTL_DAYS } from '#core/mailbox/limits.ts';
import { topicKeyOf } from '#core/mailbox/topic-key.ts';
import type { RelayAddress, Rows } from '#core/ports.ts';
import type { Parcel } from '#core/sync/parcel.ts';
import { openScopeMail } from '#core/sync/scope-mail.ts';
import type { Disk } from '../disk.ts';
import type { WantedTopic } from './mail-in.ts';
import { relaysOf } from './routes-of-mail.ts';
import type { Replica } from '../space/replica.ts';

/** By `relay|kid`: the day up to which its topics were read there. */
const READ_DAYS = 'fetched-key';

export interface GroupTopicsPorts {
  readonly suite: CryptoSuite;
  readonly disk: Disk;
  readonly take: (replica: Replica, parcel: Parcel, day: number) => Promise<void>;
}

export class GroupTopics {
  readonly #ports: GroupTopicsPorts;
  readonly #read = new Map<string, number>();
  /** Keys whose topics are being read, or were, at each relay node. */
  readonly #asked = new Map<RelayAddress, Set<Kid>>();

  constructor(ports: GroupTopicsPorts) {
    this.#ports = ports;
  }

  async load(rows: Rows): Promise<void> {
    for (const row of await rows.list(READ_DAYS)) {
      if (row.value.length === 4) this.#read.set(row.id, new DataView(row.value.slice().buffer).getUint32(0));
    }
  }

  /** All that was left under a key before a day was read, or there was nothing. */
  noteRead(relay: RelayAddress, kid: Kid, day: number): void {
    const name = `${relay}|${kid}`;
    if ((this.#read.get(name) ?? -1) >= day) return;
    this.#read.set(name, day);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, day);
    this.#ports.disk.put(READ_DAYS, name, bytes);
  }

  /** Mail under a key may have begun on the day before the one on which the key itself was left. */
  noteNewKeys(
    replica: Replica,
    before: ReadonlySet<Kid>,
    day: { readonly came: number | undefined; readonly today: (relay: RelayAddress) => number | undefined },
  ): void {
    if (replica.identity.kind !== 'group') return;
    const fresh = [...replica.keys.held.keys()].filter((kid) => !before.has(kid));
    for (const relay of relaysOf(replica)) {
      const from = day.came === undefined ? day.today(relay) : day.came - 1;
      if (from !== undefined) for (const kid of fresh) this.noteRead(relay, kid, from);
    }
  }

  /** Everything that was asked for at a relay node has been read, as of its day. */
  noteAllRead(relay: RelayAddress, day: number): void {
    for (const kid of this.#asked.get(relay) ?? []) this.noteRead(relay, kid, day);
  }

  async wanted(replica: Replica, relay: RelayAddress, day: number): Promise<readonly WantedTopic[]> {
    const wanted: WantedTopic[] = [];
    const asked = this.#asked.get(relay) ?? new Set<Kid>();
    this.#asked.set(relay, asked);
    for (const [kid, { key }] of replica.keys.held) {
      asked.add(kid);
      const oldest = day - ENVELOPE_TTL_DAYS - 1;
      const from = Math.max(this.#read.get(`${relay}|${kid}`) ?? oldest, oldest);
      for (let at = Math.min(from, day); at < day; at++) {
        wanted.push({ ...(await this.#topic(replica, key, at)), isPast: true });
      }
      wanted.push(await this.#topic(replica, key, day));
    }
    return wanted;
  }

  async #topic(replica: Replica, key: ScopeKey, day: number): Promise<WantedTopic> {
    const { suite, take } = this.#ports;
    const { space } = replica.identity;
    const topic = await topicKeyOf(suite, topicSeedOf(space, key, day));
    return {
      key: topic,
      onblob: async (blob: Bytes) => {
        const parcel = openScopeMail(suite, { space, key, topic: topic.topic, blob });
        if (parcel !== undefined) await take(replica, parcel, day);
      },
    };
  }
}
