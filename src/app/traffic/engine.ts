// The session's traffic: what is written goes to links and mail, what comes from them goes into the replicas, and what
// is on disk is acknowledged. One method for each thing that can happen; all but `say` run as part of an event.

import type { Bytes } from '#core/bytes/bytes.ts';
import { EVERYONE, type DeviceId, type OpId, type Scope, type SpaceId } from '#core/charter/ids.ts';
import { SECOND, type Millis, type Network, type RelayAddress } from '#core/ports.ts';
import { encodeHeld, type Held } from '#core/sync/held.ts';
import { openMail, type MailRoute } from '#core/sync/mail.ts';
import type { Parcel } from '#core/sync/parcel.ts';
import type { Topic } from '#core/wire/envelope.ts';
import type { EnginePorts } from './engine-ports.ts';
import type { Farewells } from './farewells.ts';
import type { GroupMail } from './group-mail.ts';
import type { GroupTopics } from './group-topics.ts';
import type { GroupTraffic } from './group-traffic.ts';
import { Links } from './links.ts';
import { mayCall } from './leaving.ts';
import { MailIn } from './mail-in.ts';
import { MailOut } from './mail-out.ts';
import { Meeting } from './meeting.ts';
import { Relays } from './relays.ts';
import { ReadingList } from './reading-list.ts';
import { isOwnRoute, namesOf, relaysOf } from './routes-of-mail.ts';
import type { KeyDuties } from '../space/key-duty.ts';
import { accuse, ownRecord, write, type Written } from '../space/author.ts';
import { noteOpened } from '../space/leaf-refresh.ts';
import { takeParcel } from '../space/intake.ts';
import { heldNow, pushFor } from '../space/offer.ts';
import { onceSaved } from '../space/own-ops.ts';
import type { Replica } from '../space/replica.ts';
import type { SayResult, SpaceHost } from './space-host.ts';
import { Sharing } from './sharing.ts';
import { Telling } from './telling.ts';
import { Turns } from './turns.ts';

/** How long acknowledgements by mail are gathered: one envelope tells of all that came meanwhile. */
const RECEIPT_AFTER = (12 * SECOND) as Millis;

export class Engine {
  readonly relays: Relays;
  readonly links: Links;
  readonly meeting: Meeting;
  readonly mailIn: MailIn;
  readonly mailOut: MailOut;
  readonly farewells: Farewells;
  readonly keyDuties: KeyDuties;
  readonly groupMail: GroupMail;
  readonly groupTopics: GroupTopics;
  readonly #ports: EnginePorts;
  readonly #replicas = new Map<SpaceId, Replica>();
  readonly #hosts = new Map<SpaceId, SpaceHost>();
  readonly #receipts = new Map<SpaceId, () => void>();
  readonly #telling: Telling;
  readonly #sharing: Sharing;
  readonly #readings: ReadingList;
  readonly #groups: GroupTraffic;
  readonly #turns: Turns;
  readonly #signed = new Set<SpaceId>();
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
      wanted: (relay, day) => this.#readings.wanted(relay, day),
      caughtUp: (relay, day) => this.#readings.noteFetched(relay, day),
    });
    this.links = new Links({
      ...common,
      self: () => this.#network?.self,
      spaces: () => [...this.#replicas.values()].filter((replica) => this.#mayLink(replica)),
      otherSecrets: (replica) => this.#groups.beckonings.secrets(replica),
      parcel: (replica, device, parcel) => this.take(replica, parcel, { proven: true, from: device }),
      confirmed: (replica, device, held) => this.confirmed(replica, device, held),
      fleeting: ports.fleeting,
      mayBeDirect: (replica, device) => this.meeting.mayBeDirect(replica, device),
      presence: (replica, device) => this.#presence(replica, device),
    });
    this.#turns = new Turns({ ...common, isFlooded: (replica) => this.links.isFlooded(replica.identity.space) });
    this.#telling = new Telling({ clock, queue, links: this.links });
    const mail = {
      ...common,
      client: (relay: RelayAddress) => this.relays.client(relay),
      isLinked: (replica: Replica, device: DeviceId) => this.links.roadTo(replica.identity.space, device) !== undefined,
      mayMail: (replica: Replica) => !this.#isClosed && this.mayMeet(replica),
      left: (replica: Replica) => this.#touch(replica),
    };
    this.mailOut = new MailOut(mail);
    this.#sharing = new Sharing({ clock, links: this.links, mailOut: this.mailOut });
    const meeting = {
      ...common,
      network: () => this.#network,
      policy: (replica: Replica) => this.#hosts.get(replica.identity.space)?.policy ?? ('direct' as const),
      mayMeet: (replica: Replica) => this.#mayLink(replica),
    };
    this.meeting = new Meeting({ ...meeting, links: this.links });
    const isMet = (replica: Replica, device: DeviceId): boolean => this.meeting.hasMet(replica, device);
    this.#groups = ports.groupTraffic({
      mail,
      suite,
      take: (replica, parcel, day) => this.take(replica, parcel, { proven: false, day }),
      duties: { clock, run: (work) => queue.run(work), made: (replica, written) => this.#made(replica, written) },
      meeting: { ...meeting, links: () => this.links, client: mail.client, isMet },
      farewell: (replica, device, op) => this.farewells.add(replica, device, op),
      considerMail: (replica) => this.considerMail(replica),
    });
    this.farewells = this.#groups.farewells;
    this.groupMail = this.#groups.mail;
    this.groupTopics = this.#groups.topics;
    this.keyDuties = this.#groups.duties;
    this.#readings = new ReadingList({
      suite,
      disk,
      groupTopics: this.groupTopics,
      replicas: () => this.#replicas.values(),
      mayMeet: (replica) => this.mayMeet(replica),
      client: (relay) => this.relays.client(relay),
      meeting: () => this.meeting,
      beckonings: () => this.#groups.beckonings,
      otherTopics: ports.otherTopics,
      mail: (replica, route, at, blob) => this.takeMail(replica, route, at, blob),
    });
  }

  #made(replica: Replica, written: Written): void {
    this.push(replica, written);
    this.noteDurable(replica);
  }

  async load(): Promise<void> {
    await this.mailIn.load(this.#ports.rows);
    await this.farewells.load(this.#ports.rows);
    await this.#readings.load(this.#ports.rows);
  }

  /** `isNew`: it was made just now, not read from the disk. */
  add(replica: Replica, host: SpaceHost | undefined, isNew: boolean): void {
    if (isNew) this.#readings.noteMadeNow(replica.identity.space);
    this.#replicas.set(replica.identity.space, replica);
    if (host !== undefined) this.#hosts.set(replica.identity.space, host);
    this.#groups.endings.begin(replica);
    replica.afterOwnOp = () => this.#afterOwnOp(replica);
    this.keyDuties.consider(replica);
  }

  replica(space: SpaceId): Replica | undefined {
    return this.#replicas.get(space);
  }

  /** A space this device has no part in any more. */
  remove(space: SpaceId): void {
    const replica = this.#replicas.get(space);
    if (replica !== undefined) this.keyDuties.forget(replica);
    this.meeting.forget(space);
    this.#turns.forget(space);
    this.#groups.beckonings.forget(space);
    this.#groups.endings.forget(space);
    this.links.drop(space);
    this.#replicas.delete(space);
    this.#hosts.delete(space);
    this.groupMail.forget(space);
  }

  start(network: Network): void {
    this.#network = network;
    network.onpeer = (link) => void this.#ports.queue.run(() => this.links.add(link, false, []));
    this.relays.start(network);
  }

  /** Blocked contacts get no answer of any kind, and what is wiped is not there any more. */
  mayMeet(replica: Replica): boolean {
    if (this.#replicas.get(replica.identity.space) !== replica) return false;
    return this.#hosts.get(replica.identity.space)?.isShut !== true;
  }

  /** Whoever was removed from a group calls nobody there; mail may still bring them what happened. */
  #mayLink(replica: Replica): boolean {
    return this.mayMeet(replica) && mayCall(replica);
  }

  /** Writes a message of a space. Not within an event. */
  say(replica: Replica, kind: string, body: () => Bytes, scope: Scope = EVERYONE): Promise<SayResult> {
    const { queue, disk } = this.#ports;
    if (this.#isClosed || disk.state === 'ended') return Promise.resolve('closed');
    if (disk.state === 'full') return Promise.resolve('no-room');
    return new Promise((resolve) => {
      void queue.run(async () => {
        const problem = await write(replica, { scope, kind, body: body() }, (written) => this.push(replica, written));
        if (problem !== undefined) {
          resolve(problem);
          return;
        }
        this.noteDurable(replica, resolve);
        this.#touch(replica);
      });
    });
  }

  /** Once, after the event in which this device signed something. */
  #afterOwnOp(replica: Replica): void {
    const { space } = replica.identity;
    if (replica.identity.kind !== 'group' || this.#signed.has(space)) return;
    this.#signed.add(space);
    void this.#ports.queue.run(async () => {
      this.#signed.delete(space);
      if (this.#isClosed || this.#replicas.get(space) !== replica) return;
      this.keyDuties.consider(replica);
      await this.charterChanged(replica);
    });
  }

  /** A group has other members, keys or rules: other topics, welcomes. Part of an event. */
  async charterChanged(replica: Replica | undefined): Promise<void> {
    if (replica?.identity.kind !== 'group') return;
    if (this.#groups.endings.look(replica)) this.considerMail(replica);
    this.#groups.beckonings.consider(replica);
    this.wantRelays();
    await this.#ports.groupChanged(replica);
  }

  /** To linked devices at once; ops, and words that name some, not before these are on disk. */
  push(replica: Replica, written: Written): void {
    const send = (): void => {
      for (const linked of this.links.devices(replica.identity.space)) {
        linked.push(pushFor(replica, written, linked.device));
      }
    };
    if (written.hasOps) this.#ports.disk.durable((outcome) => void (outcome === 'saved' && send()));
    else onceSaved(replica, send);
  }

  /** Once all that is held now is on disk: acknowledge it, leave mail, show it. */
  noteDurable(replica: Replica, then?: (outcome: 'saved' | 'closed') => void): void {
    const held = heldNow(replica);
    this.#ports.disk.durable((outcome) => {
      if (outcome === 'saved') {
        replica.durable = held;
        this.#telling.tell(replica.identity.space);
        this.considerMail(replica);
        this.#touch(replica);
      }
      then?.(outcome);
    });
  }

  considerMail(replica: Replica): void {
    this.#turns.mail(replica, async () => {
      if (replica.identity.kind === 'group') await this.groupMail.consider(replica);
      else await this.mailOut.consider(replica);
      await this.farewells.consider(replica);
    });
  }

  /** A device was ended by us: it is to hear that, wherever it turns up. Part of an event. */
  farewell(replica: Replica, device: DeviceId, op: OpId): void {
    this.farewells.add(replica, device, op);
    onceSaved(replica, () => this.links.endOthers(replica));
  }

  /** `day`: of the relay node at which it lay. */
  async take(
    replica: Replica,
    parcel: Parcel,
    from: { proven: boolean; isSibling?: boolean; from?: DeviceId; day?: number },
  ): Promise<void> {
    const keysBefore = new Set(replica.keys.held.keys());
    const headsBefore = replica.charter.heads;
    const recordsBefore = replica.records.size;
    const viewBefore = replica.view;
    const sibling = from.isSibling === true ? replica.identity.device : false;
    const taken = await takeParcel(replica, parcel, from.proven ? (from.from ?? true) : sibling);
    if (taken.openedWrap) {
      const today = (relay: RelayAddress): number | undefined => this.relays.client(relay)?.day;
      this.groupTopics.noteNewKeys(replica, keysBefore, { came: from.day, today });
      if (await noteOpened(replica)) this.push(replica, { parcel: ownRecord(replica), hasOps: true });
    }
    const accused = taken.forks.length > 0 || replica.charter.heads !== headsBefore ? await accuse(replica) : undefined;
    if (accused !== undefined) this.push(replica, { parcel: accused, hasOps: true });
    const isChanged = replica.charter.heads !== headsBefore || replica.records.size !== recordsBefore;
    if (!isChanged && taken.messages.length === 0 && !taken.openedWrap && parcel.records.length === 0) return;
    this.noteDurable(replica);
    this.keyDuties.consider(replica);
    if (isChanged || taken.openedWrap) {
      this.wantRelays();
      await this.charterChanged(replica);
    }
    if (replica.view !== viewBefore) this.#devicesChanged(replica);
    // Beats of a device that was not known yet fell on deaf ears.
    if (replica.view !== viewBefore && namesOf(replica, replica.view) !== namesOf(replica, viewBefore))
      await this.meeting.membersChanged(replica);
    const isWorthReceipt = taken.messages.some(
      ({ header }) => header.kind !== 'receipt' && header.device !== replica.identity.device,
    );
    if (!from.proven && isWorthReceipt) this.#receiptLater(replica);
  }

  #devicesChanged(replica: Replica): void {
    if (replica.identity.kind !== 'group') this.links.endOthers(replica);
    this.#ports.devicesChanged();
  }

  async confirmed(replica: Replica, device: DeviceId, held: Held): Promise<void> {
    replica.peers.confirm(device, held, this.#ports.disk);
    if (replica.identity.kind === 'group') replica.noteHeard(device);
    this.#touch(replica);
    if (held.lacks.length > 0) await this.#sharing.share(replica, device);
    this.considerMail(replica);
  }

  /** Which relay nodes are needed now. */
  wantRelays(): void {
    const wanted = new Set<RelayAddress>(this.#ports.otherRelays());
    for (const replica of this.#replicas.values()) {
      if (this.mayMeet(replica)) for (const relay of relaysOf(replica)) wanted.add(relay);
    }
    this.relays.want(wanted);
    for (const [relay] of this.relays.connected()) this.#turns.reading(relay, () => this.refreshRelay(relay));
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
    this.#groups.beckonings.close();
    this.mailOut.close();
    this.groupMail.close();
    for (const cancel of this.#receipts.values()) cancel();
    this.#telling.close();
    this.#turns.close();
    this.links.close();
    this.relays.close();
  }

  #touch(replica: Replica): void {
    this.#hosts.get(replica.identity.space)?.touch();
    this.#ports.connectionChanged();
  }

  #presence(replica: Replica, device: DeviceId): void {
    this.#touch(replica);
    this.meeting.presenceChanged(replica, device);
    this.#ports.presence(replica, device);
    this.considerMail(replica);
  }

  /** Tells senders who are not linked what arrived; never because of a receipt alone. */
  #receiptLater(replica: Replica): void {
    const { space } = replica.identity;
    // In a group everybody would have to tell everybody.
    if (replica.identity.kind === 'group' || this.#receipts.has(space) || !this.mayMeet(replica)) return;
    const { clock, queue } = this.#ports;
    const cancel = clock.after(RECEIPT_AFTER, () => {
      this.#receipts.delete(space);
      if (this.#isClosed) return;
      const unlinked = replica.others().some(({ device }) => this.links.roadTo(space, device) === undefined);
      if (unlinked) void queue.run(() => void this.say(replica, 'receipt', () => encodeHeld(replica.durable)));
    });
    this.#receipts.set(space, cancel);
  }

  /** One envelope of a route, at a topic, perhaps of one day. */
  async takeMail(
    replica: Replica,
    route: MailRoute,
    { topic, day }: { readonly topic: Topic; readonly day?: number },
    blob: Bytes,
  ): Promise<void> {
    if (!this.mayMeet(replica)) return;
    const parcel = openMail(this.#ports.context.suite, { route, topic, blob });
    if (parcel === undefined) this.#ports.logger.count('mail', 'refused');
    else {
      const isSibling = isOwnRoute(replica, route);
      const own = replica.identity.kind === 'self' ? this.#ports.unpacked(replica, parcel, day) : parcel;
      await this.take(replica, own, { proven: false, isSibling, ...(day === undefined ? {} : { day }) });
    }
  }
}
