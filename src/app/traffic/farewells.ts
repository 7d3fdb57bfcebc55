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
import { MINUTE, type Clock, type Millis, type Random, type RelayAddress, type Rows } from '#core/ports.ts';
import { inboxTopicSeed, sealMail, USUAL_MAIL_BYTES, type MailRoute } from '#core/sync/mail.ts';
import { emptyParcel, splitParcel } from '#core/sync/parcel.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import type { Envelope } from '#core/wire/envelope.ts';
import { bytesOf, listOf, textField, uintOf } from '#core/wire/fields.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { depositOnceSaved } from './deposit.ts';
import type { Disk } from '../disk.ts';
import type { EventQueue } from '../event-queue.ts';
import { groupInbox, ownIndex, relaysOf } from './routes-of-mail.ts';
import { withWitnesses } from '../space/end-witnesses.ts';
import { endsOf, opsBeyond } from '../space/offer.ts';
import type { Replica } from '../space/replica.ts';

const COLLECTION = 'farewell';
const MAX_RELAYS = 64;
/** In a group nobody else may be left to tell, and a relay node may have lost its disk: whoever ended it says so again. */
const AGAIN_AFTER = [1, 4, 16, 64, 256].map((minutes) => minutes * MINUTE) as Millis[];

export interface FarewellPorts {
  readonly suite: CryptoSuite;
  readonly random: Random;
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly mayMail: (replica: Replica) => boolean;
  readonly client: (relay: RelayAddress) => MailboxClient | undefined;
}

interface Farewell {
  readonly device: DeviceId;
  readonly space: SpaceId;
  /** The op that ended it. */
  readonly op: OpId;
  readonly left: Set<RelayAddress>;
  /** How often it was left. */
  rounds: number;
}

export class Farewells {
  readonly #ports: FarewellPorts;
  readonly #farewells = new Map<string, Farewell>();
  readonly #busy = new Set<string>();
  /** Those that were left and are to be left again. */
  readonly #waiting = new Set<Farewell>();

  constructor(ports: FarewellPorts) {
    this.#ports = ports;
  }

  async load(rows: Rows): Promise<void> {
    for (const { id, value } of await rows.list(COLLECTION)) {
      try {
        const [space, device] = id.split('|') as [SpaceId, DeviceId];
        const [op, left, rounds = 0] = listOf(decode(value, 'farewell row', 70_000), 'farewell row', 3);
        const relays = listOf(left, 'farewell row', MAX_RELAYS).map((relay) => textField(relay, 'farewell row', 1_000));
        const ended = hex.encode(bytesOf(op, 'farewell row', 32)) as OpId;
        const farewell = { space, device, op: ended, left: new Set(relays as RelayAddress[]) };
        this.#farewells.set(id, { ...farewell, rounds: uintOf(rounds, 'farewell row', AGAIN_AFTER.length + 1) });
      } catch (cause) {
        if (!(cause instanceof WireError)) throw cause;
      }
    }
  }

  /** Part of an event. */
  add(replica: Replica, device: DeviceId, op: OpId): void {
    const { space } = replica.identity;
    this.#put({ space, device, op, left: new Set(), rounds: 0 });
  }

  /** A relay node is there, or something was ended: leaves what is due. Part of an event. */
  async consider(replica: Replica): Promise<void> {
    const { space } = replica.identity;
    for (const farewell of [...this.#farewells.values()]) {
      if (farewell.space !== space) continue;
      if (this.#isOver(replica, farewell)) {
        this.#drop(farewell);
        continue;
      }
      if (farewell.left.size > 0) this.#againLater(replica, farewell);
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
    const ends = withWitnesses(replica, [op, ...endsOf(replica, device)]);
    const isPast = (id: OpId): boolean => ends.some((end) => isInPast(replica.charter, id, end));
    const ops = opsBeyond(replica, replica.peers.confirmedHeads(device), isPast);
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
    depositOnceSaved({ disk, queue }, { client: at.client, envelopes }, (isStored) => {
      this.#busy.delete(busy);
      if (isStored) this.#noteLeft(replica, farewell, at.relay);
    });
  }

  #noteLeft(replica: Replica, farewell: Farewell, relay: RelayAddress): void {
    if (this.#farewells.get(nameOf(farewell)) !== farewell) return;
    // The first counts: some relay node of several may be nowhere, and nothing waits for it.
    if (farewell.left.size === 0) farewell.rounds++;
    farewell.left.add(relay);
    if (this.#isOver(replica, farewell)) {
      this.#drop(farewell);
      return;
    }
    this.#put(farewell);
    this.#againLater(replica, farewell);
  }

  /** Between two nobody else tells it, so that each relay node gets it, whenever that is there. */
  #isOver(replica: Replica, farewell: Farewell): boolean {
    const isGroup = replica.identity.kind === 'group';
    const wanted = relaysOf(replica).filter((relay) => !isGroup || this.#ports.client(relay) !== undefined);
    const isLeft = farewell.left.size > 0 && wanted.every((relay) => farewell.left.has(relay));
    return isLeft && !mayBeLeftAgain(replica, farewell);
  }

  /** By the time that this app was awake: its clock may be set otherwise meanwhile. */
  #againLater(replica: Replica, farewell: Farewell): void {
    const { clock, queue, mayMail } = this.#ports;
    const name = nameOf(farewell);
    const delay = mayBeLeftAgain(replica, farewell) ? AGAIN_AFTER[farewell.rounds - 1] : undefined;
    if (delay === undefined || this.#waiting.has(farewell) || this.#farewells.get(name) !== farewell) return;
    this.#waiting.add(farewell);
    const again = async (): Promise<void> => {
      this.#waiting.delete(farewell);
      if (!mayMail(replica) || this.#farewells.get(name) !== farewell) return;
      farewell.left.clear();
      await this.consider(replica);
    };
    clock.after(delay, () => void queue.run(again));
  }

  #drop(farewell: Farewell): void {
    this.#farewells.delete(nameOf(farewell));
    this.#ports.disk.put(COLLECTION, nameOf(farewell), null);
  }

  #put(farewell: Farewell): void {
    this.#farewells.set(nameOf(farewell), farewell);
    const value = encode([bytesOfId(farewell.op), [...farewell.left], farewell.rounds]);
    this.#ports.disk.put(COLLECTION, nameOf(farewell), value);
  }
}

function nameOf({ space, device }: Farewell): string {
  return `${space}|${device}`;
}

/** Only by whoever ended it: others tell it as often as they hear it. */
function mayBeLeftAgain({ identity, charter, me }: Replica, { op, rounds }: Farewell): boolean {
  // A lost device is ended by the recovery key.
  const isOwn = me !== undefined && charter.ops.get(op)?.principal === me.principal;
  return identity.kind === 'group' && isOwn && rounds <= AGAIN_AFTER.length;
}
