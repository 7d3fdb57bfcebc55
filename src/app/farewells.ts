// The last mail for a device that was ended: by what, and nothing that was done since. Without it a lost phone that comes
// back would wait for ever and not know why.

import { hex } from '#core/bytes/bytes.ts';
import { isInPast } from '#core/charter/charter.ts';
import type { DeviceId, OpId, SpaceId } from '#core/charter/ids.ts';
import { bytesOfId } from '#core/charter/op.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import type { MailboxClient } from '#core/mailbox/client.ts';
import { ENVELOPE_TTL_DAYS } from '#core/mailbox/limits.ts';
import { makeEnvelope, topicKeyOf } from '#core/mailbox/topic-key.ts';
import type { Random, RelayAddress, Rows } from '#core/ports.ts';
import { inboxTopicSeed, sealMail, USUAL_MAIL_BYTES, type MailRoute } from '#core/sync/mail.ts';
import { emptyParcel, splitParcel } from '#core/sync/parcel.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import type { Envelope } from '#core/wire/envelope.ts';
import { bytesOf, listOf, textField, tuple } from '#core/wire/fields.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { Disk } from './disk.ts';
import type { EventQueue } from './event-queue.ts';
import { groupInbox, ownIndex, relaysOf } from './routes-of-mail.ts';
import { opsBeyond } from './space/offer.ts';
import type { Replica } from './space/replica.ts';

const COLLECTION = 'farewell';
const MAX_RELAYS = 64;

export interface FarewellPorts {
  readonly suite: CryptoSuite;
  readonly random: Random;
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly client: (relay: RelayAddress) => MailboxClient | undefined;
}

interface Farewell {
  readonly device: DeviceId;
  readonly space: SpaceId;
  /** The op that ended it. */
  readonly op: OpId;
  readonly left: Set<RelayAddress>;
}

export class Farewells {
  readonly #ports: FarewellPorts;
  readonly #farewells = new Map<string, Farewell>();
  readonly #busy = new Set<string>();

  constructor(ports: FarewellPorts) {
    this.#ports = ports;
  }

  async load(rows: Rows): Promise<void> {
    for (const { id, value } of await rows.list(COLLECTION)) {
      try {
        const [space, device] = id.split('|') as [SpaceId, DeviceId];
        const [op, left] = tuple(decode(value, 'farewell row', 70_000), 'farewell row', 2);
        const relays = listOf(left, 'farewell row', MAX_RELAYS).map((relay) => textField(relay, 'farewell row', 1_000));
        const ended = hex.encode(bytesOf(op, 'farewell row', 32)) as OpId;
        this.#farewells.set(id, { space, device, op: ended, left: new Set(relays as RelayAddress[]) });
      } catch (cause) {
        if (!(cause instanceof WireError)) throw cause;
      }
    }
  }

  /** Part of an event. */
  add(replica: Replica, device: DeviceId, op: OpId): void {
    const { space } = replica.identity;
    this.#put({ space, device, op, left: new Set() });
  }

  /** A relay node is there, or something was ended: leaves what is due. Part of an event. */
  async consider(replica: Replica): Promise<void> {
    const { space } = replica.identity;
    for (const farewell of [...this.#farewells.values()]) {
      if (farewell.space !== space) continue;
      for (const relay of relaysOf(replica)) {
        const client = this.#ports.client(relay);
        if (client !== undefined && !farewell.left.has(relay)) await this.#leave(replica, farewell, { relay, client });
      }
    }
  }

  async #leave(
    replica: Replica,
    farewell: Farewell,
    at: { readonly relay: RelayAddress; readonly client: MailboxClient },
  ): Promise<void> {
    const { suite, random, queue, disk } = this.#ports;
    const { device, space, op } = farewell;
    const record = replica.records.get(device)?.record;
    const busy = `${space}|${device}|${at.relay}`;
    if (record === undefined || this.#busy.has(busy)) return;
    this.#busy.add(busy);
    const ops = opsBeyond(replica, replica.peers.confirmedHeads(device), (id) => isInPast(replica.charter, id, op));
    const isGroup = replica.identity.kind === 'group';
    const route: MailRoute = isGroup
      ? groupInbox(space, record.inboxSecret)
      : { space, inboxSecret: record.inboxSecret, sender: ownIndex(replica) };
    const key = await topicKeyOf(suite, inboxTopicSeed(route, at.client.day));
    const expiryDay = at.client.day + ENVELOPE_TTL_DAYS;
    const envelopes: Envelope[] = [];
    for (const parcel of splitParcel({ ...emptyParcel, ops }, USUAL_MAIL_BYTES)) {
      const blob = sealMail(suite, random, { route, topic: key.topic, parcel });
      envelopes.push(await makeEnvelope(suite, key, { blob, expiryDay }));
    }
    const done = (isStored: boolean): Promise<void> =>
      queue.run(() => {
        this.#busy.delete(busy);
        if (isStored) this.#noteLeft(replica, farewell, at.relay);
      });
    // On disk before it is sent, as every op.
    disk.durable((outcome) => {
      if (outcome !== 'saved') return;
      void Promise.all(envelopes.map((envelope) => at.client.deposit(envelope))).then(
        (answers) => done(answers.every((answer) => answer === 'stored')),
        () => done(false),
      );
    });
  }

  #noteLeft(replica: Replica, farewell: Farewell, relay: RelayAddress): void {
    farewell.left.add(relay);
    if (relaysOf(replica).some((wanted) => !farewell.left.has(wanted))) this.#put(farewell);
    else {
      this.#farewells.delete(nameOf(farewell));
      this.#ports.disk.put(COLLECTION, nameOf(farewell), null);
    }
  }

  #put(farewell: Farewell): void {
    this.#farewells.set(nameOf(farewell), farewell);
    const value = encode([bytesOfId(farewell.op), [...farewell.left]]);
    this.#ports.disk.put(COLLECTION, nameOf(farewell), value);
  }
}

function nameOf({ space, device }: Farewell): string {
  return `${space}|${device}`;
}
