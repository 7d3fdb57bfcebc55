// Keeps the keys of a group as they should be, whether or not anybody writes: makes new ones when it is this device's turn
// (core/keys/duty.ts), completes revocations and new rules, erases what is not needed any more.

import type { Bytes } from '#core/bytes/bytes.ts';
import { EVERYONE, type DeviceId, type OpId, type Scope } from '#core/charter/ids.ts';
import { grantIdOf } from '#core/charter/op.ts';
import {
  aroundIn,
  keyState,
  rankOf,
  rotateEvery,
  whenDue,
  type Cause,
  type DutyGround,
  type KeyState,
} from '#core/keys/duty.ts';
import { isDormant } from '#core/keys/dormant.ts';
import { mayHaveKey } from '#core/keys/entitled.ts';
import type { RotationFacts } from '#core/charter/view.ts';
import { joinsToAdmit } from '#core/keys/plan.ts';
import { HOUR, SECOND, type Clock, type Millis } from '#core/ports.ts';
import { emptyParcel, isEmptyParcel, type Parcel } from '#core/sync/parcel.ts';
import { ownRecord, renewRecord, writeProblem, type Written } from './author.ts';
import { Completions } from './completing.ts';
import { refreshDueAt } from './leaf-refresh.ts';
import { writeOwnOp } from './own-ops.ts';
import type { Replica } from './replica.ts';
import { forgetKeys, rotate, shareKeys } from './rotate.ts';

/** Erasing has no moment of its own; and a clock that was set must not stop everything. */
const LOOK_AT_LEAST_EVERY = (6 * HOUR) as Millis;

const REST = SECOND;

interface Noticed {
  readonly cause: Cause;
  readonly newest: OpId;
  readonly from: Millis;
  readonly random: number;
  /** How far the records of those left out were: a new one shows that somebody gave them a key. */
  readonly records: ReadonlyMap<DeviceId, number>;
}

interface Due {
  readonly scope: Scope;
  readonly cause: Cause;
  readonly newest: RotationFacts;
  readonly lacking: readonly DeviceId[];
  readonly at: Millis;
}

/** The duties of this device in one group, from unlocking to locking. */
export class KeyDuty {
  readonly #replica: Replica;
  readonly #upSince: Millis;
  readonly #noticed = new Map<Scope, Noticed>();
  /** `device/record number`: nothing can be sealed to it. */
  readonly #unsealable = new Set<string>();
  /** `device/kid`: what this device shared. */
  readonly #shared = new Set<string>();
  #lookAt: Millis;
  #performedAt: Millis | undefined;
  /** When the first of the keys in use will be old. */
  #oldAt: Millis | undefined;
  readonly #completions: Completions;
  #incompleteSince: Millis | undefined;

  constructor(replica: Replica) {
    this.#replica = replica;
    this.#completions = new Completions(replica);
    this.#upSince = replica.context.clock.now();
    this.#lookAt = this.#upSince;
  }

  /** When to look next, if nothing happens before. */
  next(): Millis {
    const due = this.#due().map(({ at }) => at);
    // Whatever could not be done now is not tried again at once.
    const now = this.#replica.context.clock.now();
    const rested = this.#performedAt === undefined ? 0 : Math.min(this.#performedAt, now) + REST;
    // A clock that was set back must not put anything off for years.
    this.#lookAt = Math.min(this.#lookAt, now + LOOK_AT_LEAST_EVERY) as Millis;
    const times = [this.#lookAt, this.#completeAt(), this.#oldAt, refreshDueAt(this.#replica), ...due];
    return Math.max(rested, Math.min(...times.filter((at) => at !== undefined))) as Millis;
  }

  /** Does what is due by now; what it made is to be sent. Part of an event. */
  async perform(): Promise<Written | undefined> {
    const replica = this.#replica;
    const now = replica.context.clock.now();
    this.#performedAt = now;
    this.#lookAt = (now + LOOK_AT_LEAST_EVERY) as Millis;
    replica.keys.eraseFormer(undefined, now);
    forgetKeys(replica, []);
    replica.keys.forgetFormerMeetings(now);
    let parcel = emptyParcel;
    if (replica.view?.group !== undefined && writeProblem(replica) === undefined) {
      const ops: Bytes[] = [];
      const isTurn = (this.#completeAt() ?? Infinity) <= now;
      for (const body of isTurn ? this.#completions.due() : []) ops.push(await writeOwnOp(replica, body));
      const made = await this.#makeKeys(now);
      const shared = await this.#shareKeys(now);
      const records = await this.#renewLeaf(now);
      parcel = { ...made, records, ops: [...ops, ...made.ops], wraps: [...made.wraps, ...shared] };
    }
    replica.save();
    return isEmptyParcel(parcel) ? undefined : { parcel, hasOps: true };
  }

  async #renewLeaf(now: Millis): Promise<readonly Bytes[]> {
    if ((refreshDueAt(this.#replica) ?? Infinity) > now) return [];
    await renewRecord(this.#replica);
    return ownRecord(this.#replica).records;
  }

  async #makeKeys(now: Millis): Promise<Parcel> {
    const due = this.#due().filter(({ cause }) => cause !== 'lacking');
    if (!due.some(({ at }) => at <= now)) return emptyParcel;
    // What others would do a little later goes with it: one op instead of two.
    const parcel = await rotate(
      this.#replica,
      due.map(({ scope }) => scope),
    );
    // Who is left out all the same has a sealing key that is none.
    for (const { lacking } of this.#due()) for (const device of lacking) this.#unsealable.add(this.#nameOf(device));
    return parcel;
  }

  async #shareKeys(now: Millis): Promise<readonly Bytes[]> {
    const wraps: Bytes[] = [];
    for (const { scope, newest, lacking, at, cause } of this.#due()) {
      if (cause !== 'lacking' || at > now) continue;
      const { kid } = newest.scopes.find((rotated) => rotated.scope === scope)!;
      for (const device of lacking.filter((other) => !this.#shared.has(`${other}/${kid}`))) {
        this.#shared.add(`${device}/${kid}`);
        for (const wrap of await shareKeys(this.#replica, device, [kid])) {
          this.#replica.putWrap(`${device}/${newest.op}`, wrap);
          wraps.push(wrap);
        }
      }
    }
    return wraps;
  }

  /** Anybody who reads the scope may say how far a chain stands; all of them at once need not. */
  #completeAt(): Millis | undefined {
    const { context, view, heard, identity } = this.#replica;
    const mayWrite = view?.group !== undefined && writeProblem(this.#replica) === undefined;
    const [first] = mayWrite ? this.#completions.due() : [];
    if (first === undefined) {
      this.#incompleteSince = undefined;
      return undefined;
    }
    const now = context.clock.now();
    this.#incompleteSince = Math.min(this.#incompleteSince ?? now, now) as Millis;
    const around = aroundIn(view!, first.frontier[0]!.scope, (device) => heard.at(device), now);
    const rank = rankOf(identity.device, around, first.revoke);
    const turn = { cause: 'unsafe', from: this.#incompleteSince, since: undefined, rank, random: 0 } as const;
    return whenDue({ ...turn, upSince: earlier(this.#upSince, now)! });
  }

  #nameOf(device: DeviceId): string {
    return `${device}/${this.#replica.records.get(device)?.record.number ?? -1}`;
  }

  #due(): readonly Due[] {
    const replica = this.#replica;
    this.#oldAt = undefined;
    if (replica.view?.group === undefined || writeProblem(replica) !== undefined) return [];
    const due: Due[] = [];
    const grounds = groundsOf(replica, (device) => this.#unsealable.has(this.#nameOf(device)));
    for (const scope of replica.scopes()) {
      const hasJoins = grounds.joins && scope === EVERYONE;
      const state = keyState({ ...grounds, scope, since: sinceOf(replica, scope), hasJoins });
      const { cause, newest, lacking } = state;
      const at = this.#whenOf(state);
      if (cause === undefined) this.#oldAt = earlier(this.#oldAt, state.oldAt);
      if (at !== undefined) due.push({ scope, cause: cause!, newest: newest!, lacking, at });
    }
    return due;
  }

  #whenOf({ scope, cause, newest, lacking }: Omit<KeyState, 'oldAt'>): Millis | undefined {
    const replica = this.#replica;
    if (cause === undefined || newest === undefined) {
      this.#noticed.delete(scope);
      return undefined;
    }
    const { context, heard, identity } = replica;
    const now = context.clock.now();
    const noticed = this.#notice(scope, { cause, newest, lacking }, now);
    if (cause === 'lacking' && lacking.every((device) => this.#hasKey(device, scope, noticed))) return undefined;
    // Whoever ended somebody is there and knows it first.
    if (cause === 'unsafe' && endedByMe(replica)) return noticed.from;
    const around = aroundIn(replica.view!, scope, (device) => heard.at(device), now);
    const rank = rankOf(identity.device, around, newest.op) + 1;
    const { from, random } = noticed;
    const [upSince, since] = [earlier(this.#upSince, now)!, sinceOf(replica, scope)];
    return whenDue({ cause, from, upSince, since: since === undefined ? since : earlier(since, now), rank, random });
  }

  #notice(scope: Scope, { cause, newest, lacking }: Pick<Due, 'cause' | 'newest' | 'lacking'>, now: Millis): Noticed {
    const known = this.#noticed.get(scope);
    if (known?.cause === cause && known.newest === newest.op && known.from <= now) return known;
    const { context, records, view } = this.#replica;
    const [high, low] = context.random.bytes(2);
    const since = sinceOf(this.#replica, scope);
    const from = cause === 'old' && since !== undefined && since <= now ? since + rotateEvery(view!) : now;
    const noticed = {
      cause,
      newest: newest.op,
      from: from as Millis,
      random: (high! * 256 + low!) / 65_536,
      records: new Map(lacking.map((device) => [device, records.get(device)?.record.number ?? -1])),
    };
    this.#noticed.set(scope, noticed);
    return noticed;
  }

  /** It was shared from here; or a new record shows that the device opened something since. */
  #hasKey(device: DeviceId, scope: Scope, noticed: Noticed): boolean {
    const kid = this.#replica.view?.rotations
      .find(({ op }) => op === noticed.newest)
      ?.scopes.find((rotated) => rotated.scope === scope)?.kid;
    if (this.#shared.has(`${device}/${kid}`)) return true;
    const number = this.#replica.records.get(device)?.record.number ?? -1;
    return number > (noticed.records.get(device) ?? number);
  }
}

function earlier(a: Millis | undefined, b: Millis | undefined): Millis | undefined {
  return a === undefined || b === undefined ? (a ?? b) : (Math.min(a, b) as Millis);
}

type Grounds = Pick<DutyGround, 'view' | 'now' | 'unreachable' | 'mayHave'> & { readonly joins: boolean };

function groundsOf(replica: Replica, isServed: (device: DeviceId) => boolean): Grounds {
  const { context, records, heard, charter } = replica;
  const view = replica.view!;
  const now = context.clock.now();
  const others = replica.others().map(({ device }) => device);
  const isAway = (device: DeviceId): boolean => !records.has(device) || isDormant(heard.at(device), now);
  const unreachable = new Set(others.filter((device) => isAway(device) || isServed(device)));
  // A newcomer whose record did not come yet cannot be given anything.
  const joins = joinsToAdmit(replica.charter).some((join) => {
    const joined = view.group!.members.get(grantIdOf(join, 0));
    const theirs = view.principals.find(({ id }) => id === joined?.id)?.devices ?? [];
    return theirs.some(({ device }) => device === replica.identity.device || !unreachable.has(device));
  });
  return { view, now, unreachable, mayHave: (device, kid) => mayHaveKey(charter, device, kid), joins };
}

/** When the key in use of a scope came. */
function sinceOf(replica: Replica, scope: Scope): Millis | undefined {
  const times = [...replica.keys.held.values()].filter(({ key }) => key.scope === scope).map(({ since }) => since);
  return times.length === 0 ? undefined : (Math.max(...times) as Millis);
}

/** The last op of this device ended somebody, or a role. */
function endedByMe(replica: Replica): boolean {
  const { device } = replica.identity;
  return replica.charter.heads.some((head) => {
    const op = replica.charter.ops.get(head)?.signed.op;
    return op?.device === device && ENDS.has(op.body.type);
  });
}

const ENDS: ReadonlySet<string> = new Set(['revoke', 'device', 'equivocation', 'charter', 'endorse']);

export interface KeyDutiesPorts {
  readonly clock: Clock;
  /** Runs work as an event of the session. */
  readonly run: (work: () => Promise<void>) => Promise<void>;
  /** What was made is in the replica and on its way to the disk: send it. */
  readonly made: (replica: Replica, written: Written) => void;
}

/** Looks after the keys of all groups of a session. */
export class KeyDuties {
  readonly #ports: KeyDutiesPorts;
  readonly #duties = new Map<Replica, KeyDuty>();
  readonly #timers = new Map<Replica, { readonly at: Millis; readonly cancel: () => void }>();
  #isClosed = false;

  constructor(ports: KeyDutiesPorts) {
    this.#ports = ports;
  }

  /** Something changed in a space, or it was just opened. Cheap for spaces that are no groups. */
  consider(replica: Replica): void {
    if (this.#isClosed || replica.view?.group === undefined) return;
    let duty = this.#duties.get(replica);
    if (duty === undefined) this.#duties.set(replica, (duty = new KeyDuty(replica)));
    const at = duty.next();
    const timer = this.#timers.get(replica);
    if (timer?.at === at) return;
    timer?.cancel();
    const { clock } = this.#ports;
    const delay = Math.max(1, at - clock.now()) as Millis;
    this.#timers.set(replica, { at, cancel: clock.after(delay, () => this.#perform(replica, duty)) });
  }

  /** The space is no more on this device. */
  forget(replica: Replica): void {
    this.#timers.get(replica)?.cancel();
    this.#timers.delete(replica);
    this.#duties.delete(replica);
  }

  close(): void {
    this.#isClosed = true;
    for (const { cancel } of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #perform(replica: Replica, duty: KeyDuty): void {
    this.#timers.delete(replica);
    void this.#ports.run(async () => {
      if (this.#isClosed) return;
      const written = await duty.perform();
      if (written !== undefined) this.#ports.made(replica, written);
      this.consider(replica);
    });
  }
}
