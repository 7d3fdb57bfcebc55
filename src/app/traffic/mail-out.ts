// Leaves mail at relay nodes for devices that have not confirmed it over a link.
//
// Invariants
// 1. Nothing is left at a relay node that is not on this disk: ops are committed before they are sent.
// 2. A message counts as left only after the relay node said that it is on its disk.
// 3. What nobody confirmed is left again after a day: a relay node may have lost its disk.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId } from '#core/charter/ids.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import type { MailboxClient } from '#core/mailbox/client.ts';
import { ENVELOPE_TTL_DAYS } from '#core/mailbox/limits.ts';
import { makeEnvelope, topicKeyOf } from '#core/mailbox/topic-key.ts';
import { DAY, SECOND, type Clock, type Logger, type Millis, type Random, type RelayAddress } from '#core/ports.ts';
import { chainKey, type HeldChain } from '#core/sync/held.ts';
import { sealMail, USUAL_MAIL_BYTES } from '#core/sync/mail.ts';
import { splitParcel, type Parcel } from '#core/sync/parcel.ts';
import { subtractSpans } from '#core/sync/spans.ts';
import type { Envelope } from '#core/wire/envelope.ts';
import { depositOnceSaved } from './deposit.ts';
import type { Disk } from '../disk.ts';
import { inSteps, type EventQueue } from '../event-queue.ts';
import { recipientsOf, relaysOf, type Recipient } from './routes-of-mail.ts';
import { mailFor, unconfirmed, type Mail } from '../space/offer.ts';
import type { Replica } from '../space/replica.ts';

/** How long a live device has to confirm before its mail is left at a relay node as well. */
export const CONFIRM_WITHIN = (2 * SECOND) as Millis;
const RETRY_AFTER = (15 * SECOND) as Millis;
/** After so long without an answer everything is left once more. */
const REPEAT_AFTER = DAY;

export interface MailOutPorts {
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly suite: CryptoSuite;
  readonly logger: Logger;
  readonly client: (relay: RelayAddress) => MailboxClient | undefined;
  /** Whether a device of the space is linked and heard now. */
  readonly isLinked: (replica: Replica, device: DeviceId) => boolean;
  readonly mayMail: (replica: Replica) => boolean;
  /** Within an event: delivery states may be others. */
  readonly left: (replica: Replica) => void;
}

/** A mail to a device, cut, and what of the space counts as left once it is stored. */
export interface Pieces {
  readonly pieces: readonly Parcel[];
  readonly chains: readonly HeldChain[];
}

type Arrange = (due: readonly HeldChain[]) => Promise<Pieces>;

export class MailOut {
  readonly #ports: MailOutPorts;
  readonly #busy = new Set<string>();
  readonly #timers = new Map<string, () => void>();
  /** Keys to go with the next mail to a device. */
  readonly #extra = new Map<string, readonly Bytes[]>();
  /** How the next mail to a device is made up. */
  readonly #arranged = new Map<string, Arrange>();

  constructor(ports: MailOutPorts) {
    this.#ports = ports;
  }

  /** Keys a device asked for and that no link can bring it. */
  addWraps(replica: Replica, device: DeviceId, wraps: readonly Bytes[]): void {
    if (wraps.length > 0) this.#extra.set(`${replica.identity.space}|${device}`, wraps);
  }

  /** The next mail to a device is to hold more, or in another order. */
  arrange(replica: Replica, device: DeviceId, arrange: Arrange): void {
    this.#arranged.set(`${replica.identity.space}|${device}`, arrange);
  }

  /** Something was made, confirmed or lost, or a relay node appeared: leaves what is due. Part of an event. */
  async consider(replica: Replica): Promise<void> {
    if (!this.#ports.mayMail(replica)) return;
    const recipients = recipientsOf(replica);
    const away = recipients.filter(({ device }) => !this.#ports.isLinked(replica, device));
    if (away.length < recipients.length) this.#later(replica, CONFIRM_WITHIN);
    // Whoever came last waits for most: theirs leaves before that of others is made up.
    for (const recipient of away.toReversed()) {
      if (await this.#considerFor(replica, recipient)) return this.#goOn(replica);
    }
  }

  #goOn(replica: Replica): void {
    void this.#ports.queue.later(() => this.consider(replica));
  }

  close(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** Looks again after a while; also at linked devices, which by then should have confirmed. */
  #later(replica: Replica, delay: Millis): void {
    const { space } = replica.identity;
    if (this.#timers.has(space)) return;
    const { clock, queue } = this.#ports;
    this.#timers.set(
      space,
      clock.after(
        delay,
        () =>
          void queue.run(async () => {
            this.#timers.delete(space);
            if (!this.#ports.mayMail(replica)) return;
            for (const recipient of recipientsOf(replica)) await this.#considerFor(replica, recipient);
          }),
      ),
    );
  }

  /** True when some was left. */
  async #considerFor(replica: Replica, recipient: Recipient): Promise<boolean> {
    let isLeft = false;
    for (const relay of relaysOf(replica)) {
      const client = this.#ports.client(relay);
      const key = `${replica.identity.space}|${recipient.device}|${relay}`;
      if (client === undefined || this.#busy.has(key)) continue;
      isLeft = (await this.#leave(replica, recipient, { relay, client, key })) || isLeft;
    }
    return isLeft;
  }

  async #leave(
    replica: Replica,
    recipient: Recipient,
    at: { relay: RelayAddress; client: MailboxClient; key: string },
  ): Promise<boolean> {
    const { device } = recipient;
    this.#forgetOld(replica, device, at.relay);
    const due = dueChains(replica, device, at.relay);
    const extraKey = `${replica.identity.space}|${device}`;
    const extra = this.#extra.get(extraKey) ?? [];
    const arranged = this.#arranged.get(extraKey);
    if (due.length === 0 && extra.length === 0 && !areOpsDue(replica, device, at.relay)) return false;
    const heads = replica.charter.heads;
    const made = arranged?.(due) ?? mailFor(replica, device, due).then((mail) => inPieces(mail, extra));
    const { pieces, chains } = await made;
    if (pieces.length === 0) return false;
    const topic = await topicKeyOf(this.#ports.suite, recipient.seed(at.client.day));
    const envelopes: Envelope[] = [];
    await inSteps(pieces, replica.context.breathe, async (parcel) => {
      const { suite, random } = this.#ports;
      const blob = sealMail(suite, random, { route: recipient.route, topic: topic.topic, parcel });
      const expiryDay = at.client.day + ENVELOPE_TTL_DAYS;
      envelopes.push(await makeEnvelope(suite, topic, { blob, expiryDay }));
    });
    this.#busy.add(at.key);
    if (arranged === undefined) this.#extra.delete(extraKey);
    this.#arranged.delete(extraKey);
    depositOnceSaved(this.#ports, { client: at.client, envelopes }, async (isStored) => {
      this.#busy.delete(at.key);
      if (!isStored) {
        if (arranged !== undefined) this.arrange(replica, device, arranged);
        this.addWraps(replica, device, extra);
        this.#later(replica, RETRY_AFTER);
        return;
      }
      const now = this.#ports.clock.now();
      replica.peers.noteDeposit(device, { relay: at.relay, now }, { chains, heads }, this.#ports.disk);
      this.#ports.left(replica);
      await this.consider(replica);
    });
    return true;
  }

  #forgetOld(replica: Replica, device: DeviceId, relay: RelayAddress): void {
    const at = replica.peers.depositedAt(device, relay);
    if (at === undefined || Math.abs(this.#ports.clock.now() - at) < REPEAT_AFTER) return;
    if (unconfirmed(replica, device).length > 0) replica.peers.forgetDeposits(device, relay, this.#ports.disk);
  }
}

function inPieces({ parcel, chains }: Mail, extra: readonly Bytes[]): Pieces {
  const whole = { ...parcel, wraps: [...parcel.wraps, ...extra] };
  return { pieces: splitParcel(whole, USUAL_MAIL_BYTES), chains };
}

/** Own messages on disk that a device neither confirmed nor finds at this relay node. */
function dueChains(replica: Replica, device: DeviceId, relay: RelayAddress): readonly HeldChain[] {
  const durable = new Map(replica.durable.chains.map((held) => [chainKey(held.chain), held.spans]));
  return unconfirmed(replica, device).flatMap(({ chain, spans }) => {
    const key = chainKey(chain);
    const left = replica.peers.depositedSpans(device, relay, key);
    const onDisk = durable.get(key) ?? [];
    const due = subtractSpans(subtractSpans(spans, left), subtractSpans(spans, onDisk));
    return due.length === 0 ? [] : [{ chain, spans: due }];
  });
}

/** Whether this person's devices signed something a device may not know and that was not left for it. */
function areOpsDue(replica: Replica, device: DeviceId, relay: RelayAddress): boolean {
  const known = new Set(replica.peers.confirmedHeads(device));
  const left = replica.peers.depositedHeads(device, relay);
  return replica.charter.heads.some((head) => {
    const op = replica.charter.ops.get(head)?.signed.op;
    return op !== undefined && replica.isMine(op.device) && !known.has(head) && !left.has(head);
  });
}
