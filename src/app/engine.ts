// The session's traffic: what is written goes to links and mail, what comes from them goes into the replicas, and what
// is on disk is acknowledged. One method for each thing that can happen; all but `say` run as part of an event.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import { topicKeyOf } from '#core/mailbox/topic-key.ts';
import { SECOND, type Millis, type Network, type RelayAddress } from '#core/ports.ts';
import { encodeHeld, type Held } from '#core/sync/held.ts';
import { inboxTopicSeed, openMail, rendezvousTopicSeed, type MailRoute } from '#core/sync/mail.ts';
import { emptyParcel, type Parcel } from '#core/sync/parcel.ts';
import { encodeSignedRecord } from '#core/keys/device-record.ts';
import type { Topic } from '#core/wire/envelope.ts';
import type { EnginePorts } from './engine-ports.ts';
import { Links } from './links.ts';
import { MailIn, type WantedTopic } from './mail-in.ts';
import { MailOut } from './mail-out.ts';
import { Meeting } from './meeting.ts';
import type { Pair } from './pair.ts';
import { Relays } from './relays.ts';
import { incomingRoutes, isOwnRoute, namesOf, relaysOf } from './routes-of-mail.ts';
import { KeyDuties } from './space/key-duty.ts';
import { accuse, renewRecord, write, type Written } from './space/author.ts';
import { share } from './space/rotate.ts';
import { takeParcel } from './space/intake.ts';
import { heldNow, pushFor } from './space/offer.ts';
import type { Replica } from './space/replica.ts';

/** How long acknowledgements by mail are gathered: one envelope tells of all that came meanwhile. */
const RECEIPT_AFTER = (12 * SECOND) as Millis;
/** Linked devices are told of what is on disk at most this often: messages in quick succession share one word. */
const TELL_AT_MOST_EVERY = 50 as Millis;
/** Keys are wrapped again for a device that lacks them at most this often. */
const SHARE_AT_MOST_EVERY = (20 * SECOND) as Millis;
/** Days of mail a relay node keeps, and one more for its clock. */
const MAIL_DAYS = 15;
const FETCHED = 'fetched';

export type SayResult = 'saved' | 'closed' | 'no-room' | 'newer' | 'shut';

export class Engine {
  readonly relays: Relays;
  readonly links: Links;
  readonly meeting: Meeting;
  readonly mailIn: MailIn;
  readonly mailOut: MailOut;
  readonly keyDuties: KeyDuties;
  readonly #ports: EnginePorts;
  readonly #replicas = new Map<SpaceId, Replica>();
  readonly #pairs = new Map<SpaceId, Pair>();
  readonly #receipts = new Map<SpaceId, () => void>();
  readonly #told = new Map<SpaceId, { cancel: () => void; isDue: boolean }>();
  readonly #shared = new Map<string, Millis>();
  readonly #fetchedDays = new Map<RelayAddress, number>();
  readonly #madeNow = new Set<SpaceId>();
  readonly #considering = new Set<SpaceId>();
  #network: Network | undefined;
  #isClosed = false;

  constructor(ports: EnginePorts) {
    this.#ports = ports;
    const { context, queue, disk, clock, logger } = ports;
    const { suite, random } = context;
    const common = { queue, disk, clock, logger, suite, random };
    this.relays = new Relays({ ...common, changed: (relay) => void queue.run(() => this.refreshRelay(relay)) });
    this.mailIn = new MailIn({
      ...common,
      wanted: (relay, day) => this.#wantedTopics(relay, day),
      caughtUp: (relay, day) => this.#noteFetched(relay, day),
    });
    this.links = new Links({
      ...common,
      self: () => this.#network?.self,
      spaces: () => [...this.#replicas.values()].filter((replica) => this.mayMeet(replica)),
      parcel: (replica, device, parcel) => this.take(replica, parcel, { proven: true, from: device }),
      confirmed: (replica, device, held) => this.confirmed(replica, device, held),
      fleeting: ports.fleeting,
      presence: (replica, device) => this.#presence(replica, device),
    });
    this.mailOut = new MailOut({
      ...common,
      client: (relay) => this.relays.client(relay),
      isLinked: (replica, device) => this.links.roadTo(replica.identity.space, device) !== undefined,
      mayMail: (replica) => !this.#isClosed && this.mayMeet(replica),
      left: (replica) => this.#touch(replica),
    });
    const made = (replica: Replica, written: Written): void => {
      this.push(replica, written);
      this.noteDurable(replica);
    };
    this.keyDuties = new KeyDuties({ clock, run: (work) => queue.run(work), made });
    this.meeting = new Meeting({
      ...common,
      links: this.links,
      network: () => this.#network,
      policy: (replica) => this.#pairs.get(replica.identity.space)?.facts.policy ?? 'direct',
      mayMeet: (replica) => this.mayMeet(replica),
    });
  }

  async load(): Promise<void> {
    await this.mailIn.load(this.#ports.rows);
    for (const row of await this.#ports.rows.list(FETCHED)) {
      if (row.value.length === 4)
        this.#fetchedDays.set(row.id as RelayAddress, new DataView(row.value.buffer).getUint32(0));
    }
  }

  /** `isNew`: it was made just now, not read from the disk. */
  add(replica: Replica, pair: Pair | undefined, isNew: boolean): void {
    if (isNew) this.#madeNow.add(replica.identity.space);
    this.#replicas.set(replica.identity.space, replica);
    if (pair !== undefined) this.#pairs.set(replica.identity.space, pair);
    this.keyDuties.consider(replica);
  }

  replica(space: SpaceId): Replica | undefined {
    return this.#replicas.get(space);
  }

  /** A space this device has no part in any more. */
  remove(space: SpaceId): void {
    this.links.drop(space);
    this.#replicas.delete(space);
    this.#pairs.delete(space);
  }

  start(network: Network): void {
    this.#network = network;
    network.onpeer = (link) => void this.#ports.queue.run(() => this.links.add(link, false, []));
    this.relays.start(network);
  }

  /** Blocked contacts get no answer of any kind. */
  mayMeet(replica: Replica): boolean {
    return this.#pairs.get(replica.identity.space)?.facts.blocked !== true;
  }

  /** Writes a message of a space. Not within an event. */
  say(replica: Replica, kind: string, body: () => Bytes): Promise<SayResult> {
    const { queue, disk } = this.#ports;
    if (this.#isClosed || disk.state === 'ended') return Promise.resolve('closed');
    if (disk.state === 'full') return Promise.resolve('no-room');
    return new Promise((resolve) => {
      void queue.run(async () => {
        const problem = await write(replica, { kind, body: body() }, (written) => this.push(replica, written));
        if (problem !== undefined) {
          resolve(problem);
          return;
        }
        this.noteDurable(replica, resolve);
        this.#touch(replica);
      });
    });
  }

  /** To linked devices at once; ops not before they are on disk. */
  push(replica: Replica, written: Written): void {
    const send = (): void => {
      for (const linked of this.links.devices(replica.identity.space)) {
        linked.push(pushFor(replica, written, linked.device));
      }
    };
    if (written.hasOps) this.#ports.disk.durable((outcome) => void (outcome === 'saved' && send()));
    else send();
  }

  /** Once all that is held now is on disk: acknowledge it, leave mail, show it. */
  noteDurable(replica: Replica, then?: (outcome: 'saved' | 'closed') => void): void {
    const held = heldNow(replica);
    this.#ports.disk.durable((outcome) => {
      if (outcome === 'saved') {
        replica.durable = held;
        this.#tellLinked(replica.identity.space);
        this.considerMail(replica);
        this.#touch(replica);
      }
      then?.(outcome);
    });
  }

  /** At once, then no more for a moment. */
  #tellLinked(space: SpaceId): void {
    const told = this.#told.get(space);
    if (told !== undefined) {
      told.isDue = true;
      return;
    }
    this.links.changed(space);
    const { clock, queue } = this.#ports;
    const rest = (): void => {
      const isDue = this.#told.get(space)?.isDue === true;
      this.#told.delete(space);
      if (isDue) this.#tellLinked(space);
    };
    const cancel = clock.after(TELL_AT_MOST_EVERY, () => void queue.run(rest));
    this.#told.set(space, { cancel, isDue: false });
  }

  considerMail(replica: Replica): void {
    const { space } = replica.identity;
    if (this.#considering.has(space)) return;
    this.#considering.add(space);
    void this.#ports.queue.later(async () => {
      this.#considering.delete(space);
      await this.mailOut.consider(replica);
    });
  }

  async take(
    replica: Replica,
    parcel: Parcel,
    from: { proven: boolean; isSibling?: boolean; from?: DeviceId },
  ): Promise<void> {
    const headsBefore = replica.charter.heads;
    const recordsBefore = replica.records.size;
    const viewBefore = replica.view;
    const taken = await takeParcel(replica, parcel, from.proven || from.isSibling === true);
    if (taken.openedWrap) {
      await renewRecord(replica);
      const record = replica.records.get(replica.identity.device)!;
      this.push(replica, { parcel: { ...emptyParcel, records: [encodeSignedRecord(record)] }, hasOps: true });
    }
    const accused = taken.forks.length > 0 || replica.charter.heads !== headsBefore ? await accuse(replica) : undefined;
    if (accused !== undefined) this.push(replica, { parcel: accused, hasOps: true });
    const isChanged = replica.charter.heads !== headsBefore || replica.records.size !== recordsBefore;
    if (!isChanged && taken.messages.length === 0 && !taken.openedWrap && parcel.records.length === 0) return;
    this.noteDurable(replica);
    this.keyDuties.consider(replica);
    if (isChanged) this.wantRelays();
    // Beats of a device that was not known yet fell on deaf ears.
    if (replica.view !== viewBefore && namesOf(replica, replica.view) !== namesOf(replica, viewBefore))
      await this.meeting.greetAgain(replica);
    const isWorthReceipt = taken.messages.some(
      ({ header }) => header.kind !== 'receipt' && header.device !== replica.identity.device,
    );
    if (!from.proven && isWorthReceipt) this.#receiptLater(replica);
  }

  async confirmed(replica: Replica, device: DeviceId, held: Held): Promise<void> {
    replica.peers.confirm(device, held, this.#ports.disk);
    this.#touch(replica);
    if (held.lacks.length > 0) await this.#share(replica, device);
    this.considerMail(replica);
  }

  /** Which relay nodes are needed now. */
  wantRelays(): void {
    const wanted = new Set<RelayAddress>(this.#ports.otherRelays());
    for (const replica of this.#replicas.values()) {
      if (this.mayMeet(replica)) for (const relay of relaysOf(replica)) wanted.add(relay);
    }
    this.relays.want(wanted);
    for (const [relay] of this.relays.connected()) void this.#ports.queue.run(() => this.refreshRelay(relay));
    this.#ports.connectionChanged();
  }

  async refreshRelay(relay: RelayAddress): Promise<void> {
    if (this.#isClosed) return;
    const client = this.relays.client(relay);
    await this.mailIn.refresh(relay, client);
    this.#ports.connectionChanged();
    if (client === undefined) {
      this.meeting.leave(relay);
      return;
    }
    await this.#ports.relayReady();
    for (const replica of this.#replicas.values()) {
      if (relaysOf(replica).includes(relay)) this.considerMail(replica);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.keyDuties.close();
    this.meeting.close();
    this.mailOut.close();
    for (const cancel of this.#receipts.values()) cancel();
    for (const [space, { cancel, isDue }] of this.#told) {
      cancel();
      // What is on disk by now need not be left at a relay node for us.
      if (isDue) this.links.changed(space);
    }
    this.links.close();
    this.relays.close();
  }

  #touch(replica: Replica): void {
    this.#pairs.get(replica.identity.space)?.touch();
    this.#ports.connectionChanged();
  }

  #presence(replica: Replica, device: DeviceId): void {
    this.#touch(replica);
    this.meeting.presenceChanged(replica, device);
    this.#ports.presence(replica, device);
    this.considerMail(replica);
  }

  async #share(replica: Replica, device: DeviceId): Promise<void> {
    const key = `${replica.identity.space}|${device}`;
    const now = this.#ports.clock.now();
    const last = this.#shared.get(key);
    if (last !== undefined && Math.abs(now - last) < SHARE_AT_MOST_EVERY) return;
    const wraps = await share(replica, device);
    if (wraps.length === 0) return;
    this.#shared.set(key, now);
    const linked = this.links.devices(replica.identity.space).find((candidate) => candidate.device === device);
    if (linked === undefined) this.mailOut.addWraps(replica, device, wraps);
    else linked.push({ ...emptyParcel, wraps });
  }

  /** Tells senders who are not linked what arrived; never because of a receipt alone. */
  #receiptLater(replica: Replica): void {
    const { space } = replica.identity;
    if (this.#receipts.has(space) || !this.mayMeet(replica)) return;
    const { clock, queue } = this.#ports;
    const cancel = clock.after(RECEIPT_AFTER, () => {
      this.#receipts.delete(space);
      if (this.#isClosed) return;
      const unlinked = replica.others().some(({ device }) => this.links.roadTo(space, device) === undefined);
      if (unlinked) void queue.run(() => void this.say(replica, 'receipt', () => encodeHeld(replica.durable)));
    });
    this.#receipts.set(space, cancel);
  }

  async #wantedTopics(relay: RelayAddress, day: number): Promise<readonly WantedTopic[]> {
    const wanted: WantedTopic[] = [...(await this.#ports.cardTopics(relay))];
    const first = Math.max(Math.min(this.#fetchedDays.get(relay) ?? 0, day), day - MAIL_DAYS);
    for (const replica of this.#replicas.values()) {
      if (!this.mayMeet(replica) || !relaysOf(replica).includes(relay)) continue;
      for (const route of incomingRoutes(replica)) {
        // What was made since the start has no mail of former days.
        const from = this.#madeNow.has(replica.identity.space) ? day : first;
        for (let at = from; at < day; at++)
          wanted.push({ ...(await this.#inboxTopic(replica, route, at)), isPast: true });
        wanted.push(await this.#inboxTopic(replica, route, day));
      }
      const rendezvous = await this.#rendezvousTopic(replica, relay, day);
      if (rendezvous !== undefined) wanted.push(rendezvous);
    }
    return wanted;
  }

  async #inboxTopic(replica: Replica, route: MailRoute, day: number): Promise<WantedTopic> {
    const { suite } = this.#ports.context;
    const key = await topicKeyOf(suite, inboxTopicSeed(route, day));
    return { key, onblob: (blob) => this.takeMail(replica, route, key.topic, blob) };
  }

  /** One envelope of a route; false when it is not mail of that route. */
  async takeMail(replica: Replica, route: MailRoute, topic: Topic, blob: Bytes): Promise<void> {
    if (!this.mayMeet(replica)) return;
    const parcel = openMail(this.#ports.context.suite, { route, topic, blob });
    if (parcel === undefined) this.#ports.logger.count('mail', 'refused');
    else await this.take(replica, parcel, { proven: false, isSibling: isOwnRoute(replica, route) });
  }

  async #rendezvousTopic(replica: Replica, relay: RelayAddress, day: number): Promise<WantedTopic | undefined> {
    const { rendezvous } = replica.keys;
    if (rendezvous === undefined || replica.others().length === 0) return undefined;
    const key = await topicKeyOf(
      this.#ports.context.suite,
      rendezvousTopicSeed(replica.identity.space, rendezvous, day),
    );
    return {
      key,
      onbeat: (beat) => this.meeting.hear(replica, beat),
      onready: async () => {
        const client = this.relays.client(relay);
        if (client !== undefined) await this.meeting.arrive(replica, { relay, client, key });
      },
    };
  }

  #noteFetched(relay: RelayAddress, day: number): void {
    if (this.#fetchedDays.get(relay) === day) return;
    this.#fetchedDays.set(relay, day);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, day);
    this.#ports.disk.put(FETCHED, relay, bytes);
  }
}
