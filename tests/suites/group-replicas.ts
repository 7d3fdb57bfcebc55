// Members of a group for tests of its keys: each with a replica over rows in memory, a clock for all, and a tape of
// everything that ever left any of them.

import { utf8, type Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, OpId, PrincipalId, Scope } from '#core/charter/ids.ts';
import { decodeSignedOp } from '#core/charter/op.ts';
import type { RoleId, Rules } from '#core/charter/rules.ts';
import { addDeviceBody, type Author, type Writable } from '#core/charter/write-op.ts';
import { inviteBody } from '#core/charter/write-group.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import { wrapAgreement } from '#core/keys/wrap.ts';
import type { Millis, Rows } from '#core/ports.ts';
import { emptyParcel, type Parcel } from '#core/sync/parcel.ts';
import { Disk } from '#app/disk.ts';
import { EventQueue } from '#app/event-queue.ts';
import { publishRecord, write, type WriteProblem, type Written } from '#app/space/author.ts';
import { drawIncarnation, freshDevice } from '#app/space/found.ts';
import { verifiedOps } from '#app/joining/group-found.ts';
import { enterGroup, foundGroup, joinGroup, type Welcome } from '#app/space/found-group.ts';
import { takeParcel } from '#app/space/intake.ts';
import { noteOpened } from '#app/space/leaf-refresh.ts';
import { KeyDuty } from '#app/space/key-duty.ts';
import { heldNow, pushFor, serve } from '#app/space/offer.ts';
import { writeOwnOp } from '#app/space/own-ops.ts';
import { rotate, share } from '#app/space/rotate.ts';
import { loadReplica } from '#app/space/load-replica.ts';
import { Replica, type NamedRecovery, type SpaceContext } from '#app/space/replica.ts';
import { freshLeafKey } from '#app/space/author.ts';
import { newLeaf } from '#core/keys/leaf.ts';
import { encodeSignedRecord } from '#core/keys/device-record.ts';
import { makeCheapSuite } from '#tests/sim/cheap-suite.ts';
import { Dice } from '#tests/sim/dice.ts';
import { handClock, type HandClock } from './seeded.ts';

/** Rows in memory, as they would lie on a disk. */
export class MemoryRows implements Rows {
  readonly rows = new Map<string, Map<string, Bytes>>();

  get(collection: string, id: string): Promise<Bytes | undefined> {
    return Promise.resolve(this.rows.get(collection)?.get(id));
  }

  list(collection: string) {
    const rows = [...(this.rows.get(collection) ?? [])].map(([id, value]) => ({ id, value }));
    return Promise.resolve(rows.sort((a, b) => (a.id < b.id ? -1 : 1)));
  }

  commit(changes: Parameters<Rows['commit']>[0]): Promise<void> {
    for (const { collection, id, value } of changes) {
      const rows = this.rows.get(collection) ?? new Map<string, Bytes>();
      this.rows.set(collection, rows);
      if (value === null) rows.delete(id);
      else rows.set(id, value);
    }
    return Promise.resolve();
  }
}

/** Two roles, so that somebody can be in one and not in the other. Stewards do everything alone. */
export const townRules: Rules = {
  roles: [
    {
      id: 'stewards' as RoleId,
      label: 'Stewards',
      can: ['invite', 'admit', 'revoke', 'charter', 'relays', 'grant:stewards', 'grant:kitchen', 'propose', 'vote'],
      level: 9,
    },
    { id: 'kitchen' as RoleId, label: 'Kitchen', can: ['post'], level: 1 },
  ],
  members: ['invite', 'post', 'channels', 'documents', 'tasks'],
  history: { chat: 'none', docs: 'checkpoint', retainDays: 0 },
  rotateDays: 7,
  quorum: { admit: 2, revoke: 2 },
  deviceCap: 8,
  addresses: 'direct',
  knock: [],
  successionDays: 30,
};

export const STEWARDS = 'stewards' as string as Scope;
export const KITCHEN = 'kitchen' as string as Scope;

export class Member {
  readonly name: string;
  readonly town: Town;
  readonly rows = new MemoryRows();
  readonly context: SpaceContext;
  readonly dice: Dice;
  /** Its app is running: it hears what comes and does its duties. */
  isOn = true;
  #duty: KeyDuty | undefined;
  #replica: Replica | undefined;
  readonly #disk: Disk;

  constructor(town: Town, name: string) {
    this.town = town;
    this.name = name;
    this.dice = new Dice(7, name);
    const { clock, suite } = town;
    this.#disk = new Disk({ rows: this.rows, clock, queue: new EventQueue(), changed: () => undefined });
    const agreement = wrapAgreement(this.dice, suite);
    const logger = { count: () => undefined } as unknown as SpaceContext['logger'];
    this.context = { suite, agreement, random: this.dice, clock, logger, disk: this.#disk };
  }

  get replica(): Replica {
    if (this.#replica === undefined) throw new Error(`${this.name} is not in`);
    return this.#replica;
  }

  get device(): DeviceId {
    return this.replica.identity.device;
  }

  get principal(): PrincipalId {
    return this.replica.me!.principal;
  }

  is(replica: Replica): this {
    this.#replica = replica;
    return this;
  }

  /** The duties of the time since the last start. */
  get duty(): KeyDuty {
    this.#duty ??= new KeyDuty(this.replica);
    return this.#duty;
  }

  /** Does what is due now; true when that was something. */
  async perform(): Promise<boolean> {
    const written = await this.duty.perform();
    if (written !== undefined) this.town.sent(this, written);
    return written !== undefined;
  }

  /** All rows are on the disk. */
  flush(): Promise<void> {
    return new Promise((resolve) => this.#disk.durable(() => resolve()));
  }

  /** As after a restart: the same rows, read again. */
  async restart(): Promise<void> {
    await this.flush();
    const { identity, keys } = this.replica;
    const replica = new Replica(this.context, {
      identity,
      leaf: keys.leaf,
      incarnation: drawIncarnation(this.context),
    });
    await loadReplica(replica, this.rows);
    this.#replica = replica;
    this.#duty = undefined;
  }

  say(text: string, scope?: Scope, kind = 'chat'): Promise<WriteProblem | undefined> {
    return this.sayBytes(utf8(text), kind, scope);
  }

  sayBytes(body: Bytes, kind: string, scope?: Scope): Promise<WriteProblem | undefined> {
    const said = { kind, body, ...(scope === undefined ? {} : { scope }) };
    return write(this.replica, said, (written) => this.town.sent(this, written));
  }

  /** An op, to everybody; by this device, or a key whose seed its person holds. */
  async act(body: Writable, author?: Author): Promise<OpId> {
    const op = await writeOwnOp(this.replica, body, author);
    this.town.sent(this, { parcel: { ...emptyParcel, ops: [op] }, hasOps: true });
    return decodeSignedOp(op).id;
  }

  async rotate(...scopes: Scope[]): Promise<void> {
    this.town.sent(this, { parcel: await rotate(this.replica, scopes), hasOps: true });
  }

  async take(parcel: Parcel, by: boolean | DeviceId = false): Promise<void> {
    const { openedWrap } = await takeParcel(this.replica, parcel, by);
    if (openedWrap && (await noteOpened(this.replica))) this.sendRecord();
  }

  sendRecord(): void {
    const records = [encodeSignedRecord(this.replica.records.get(this.device)!)];
    this.town.sent(this, { parcel: { ...emptyParcel, records }, hasOps: false });
  }

  /** What this device can read, as it stands in the log. */
  texts(scope?: Scope): string[] {
    const { log, standing } = this.replica;
    return log.entries
      .filter(({ message, stands }) => stands && standing.stands(message.id))
      .filter(({ message }) => scope === undefined || message.header.scope === scope)
      .flatMap(({ open, message }) =>
        open === undefined || message.header.kind === 'profile' ? [] : [textIn(open.body)],
      );
  }

  roleGrant(role: RoleId | Scope): OpId {
    const group = this.replica.view!.group!;
    const grant = group.members
      .get(this.principal)!
      .roles.find((id) => group.grants.get(id)!.role === (role as RoleId));
    return grant as string as OpId;
  }
}

function textIn(body: Bytes): string {
  return new TextDecoder().decode(body);
}

/** What left a device, in order, as anybody who records all roads has it. */
export interface Sent {
  readonly from: Member;
  readonly written: Written;
  readonly heard: Set<Member>;
}

export class Town {
  readonly clock: HandClock = handClock();
  readonly suite: CryptoSuite;
  readonly members: Member[] = [];
  readonly tape: Sent[] = [];
  #newcomers: Member[] = [];

  constructor(suite: CryptoSuite = makeCheapSuite()) {
    this.suite = suite;
  }

  sent(from: Member, written: Written): void {
    this.tape.push({ from, written, heard: new Set([from]) });
  }

  async found(name: string, rules: Rules = townRules, roles: readonly string[] = ['stewards']): Promise<Member> {
    const member = new Member(this, name);
    const founding = { name: 'town', rules, roles: roles as RoleId[], relays: [], recovery: undefined };
    member.is(await foundGroup(member.context, founding));
    this.members.push(member);
    return member;
  }

  /** Comes in by an invitation of `host` and what a welcome would hold; `by`: a recovery key, or one that was made ahead. */
  async join(name: string, host: Member, by?: DeviceId | NamedRecovery): Promise<Member> {
    const member = new Member(this, name);
    const secret = member.dice.bytes(32);
    const { space } = host.replica.identity;
    const invite = await host.act(await inviteBody({ secret, space, uses: 1 }, this.suite));
    const welcome = await welcomeFrom(host.replica);
    const replica = await enterGroup(member.context, welcome);
    if (replica === undefined) throw new Error('the welcome was refused');
    member.is(replica);
    const how = typeof by === 'object' ? { recovery: undefined, named: by } : { recovery: by };
    const parcel = await joinGroup(replica, { invite, secret, ...how }, welcome);
    await member.take({ ...emptyParcel, records: [...host.replica.records.values()].map(encodeSignedRecord) });
    // Records are no news to be sent: over a link each asks for those it lacks.
    this.#newcomers.push(member);
    this.members.push(member);
    this.sent(member, { parcel, hasOps: true });
    return member;
  }

  /** Three who came by invitations of one member. */
  async joinThree(host: Member): Promise<readonly [bob: Member, carol: Member, dave: Member]> {
    return [await this.join('bob', host), await this.join('carol', host), await this.join('dave', host)];
  }

  /** A second device of a member, added by the first. */
  async addDevice(of: Member, name: string): Promise<Member> {
    const member = new Member(this, name);
    const fresh = await freshDevice(member.context);
    const { space } = of.replica.identity;
    await of.act(await addDeviceBody(fresh, { space, principal: of.principal }, this.suite));
    const { identity } = of.replica;
    const own = { ...identity, ...fresh };
    const leaf = newLeaf(await freshLeafKey(this.suite, member.dice));
    const replica = new Replica(member.context, { identity: own, leaf, incarnation: drawIncarnation(member.context) });
    member.is(replica);
    await member.take({ ...emptyParcel, ops: opsOf(of.replica) });
    await publishRecord(replica);
    this.members.push(member);
    member.sendRecord();
    return member;
  }

  /** Everything that was sent comes to all of these (to all members, where none are named), until nothing is new. */
  async deliver(...to: Member[]): Promise<void> {
    const targets = to.length === 0 ? this.members.filter(({ isOn }) => isOn) : to;
    for (let i = 0; i < this.tape.length; i++) {
      const { from, written, heard } = this.tape[i]!;
      for (const member of targets) {
        if (heard.has(member)) continue;
        heard.add(member);
        await member.take(pushFor(from.replica, written, member.device));
      }
    }
    await this.#giveRecords(targets);
  }

  /** Those of devices that came at the same time reach nobody who does not know of the device yet. */
  async #giveRecords(targets: readonly Member[]): Promise<void> {
    for (const member of this.#newcomers.filter((newcomer) => targets.includes(newcomer))) {
      const records = targets.map((other) => encodeSignedRecord(other.replica.records.get(other.device)!));
      await member.take({ ...emptyParcel, records });
    }
    this.#newcomers = this.#newcomers.filter((newcomer) => !targets.includes(newcomer));
  }

  /** `to` asks `from` over a link for all it lacks. */
  async link(from: Member, to: Member): Promise<void> {
    for (let round = 0; round < 4; round++) {
      to.replica.peers.confirm(from.device, heldNow(from.replica), to.context.disk);
      from.replica.peers.confirm(to.device, heldNow(to.replica), from.context.disk);
      const wraps = await share(from.replica, to.device);
      if (wraps.length > 0) await to.take({ ...emptyParcel, wraps: [...wraps] }, true);
      const theirs = heldNow(from.replica);
      const want = {
        request: 1,
        ops: true,
        heads: to.replica.charter.heads,
        records: theirs.records,
        chains: theirs.chains,
      };
      for (const piece of serve(from.replica, want, to.device)) await to.take(piece, from.device);
    }
  }

  /** Lets time pass; whoever is on hears at once what was sent, and does what is due when it is due. */
  async live(duration: number): Promise<void> {
    const end = this.clock.now() + duration;
    for (let turns = 0; ; turns++) {
      if (turns > 10_000) throw new Error('duties without end');
      await this.deliver();
      const on = this.members.filter(({ isOn }) => isOn);
      const next = on.map((member) => ({ member, at: member.duty.next() })).sort((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      await this.pass(Math.max(0, next.at - this.clock.now()));
      await next.member.perform();
    }
    await this.pass(Math.max(0, end - this.clock.now()));
  }

  async pass(time: number): Promise<void> {
    await this.clock.pass(time as Millis);
  }
}

/** What a welcome holds: the log, the keys of `everyone` now, the meeting secret. */
async function welcomeFrom(replica: Replica): Promise<Welcome> {
  const keys = [...replica.keys.held.values()].map(({ key }) => key).filter(({ scope }) => scope === 'everyone');
  const { space } = replica.identity;
  const ops = await verifiedOps(replica.context, opsOf(replica));
  return { space, relays: [], ops, keys: keys.slice(-1), rendezvous: replica.keys.rendezvous! };
}

function opsOf(replica: Replica): readonly Bytes[] {
  const all = { request: 0, ops: true, heads: [], records: [], chains: [] };
  return [...serve(replica, all, replica.identity.device)].flatMap((piece) => piece.ops);
}
