// Leaves what was made here for a group at its relay nodes: one envelope for all readers of a scope, however many there
// are, and one to each device that gets keys (sync/SPEC.md §7.1).
//
// Invariants
// 1. Nothing is left at a relay node that is not on this disk.
// 2. A message counts as left only after the relay node said that it is on its disk.
// 3. Ops that lead to a key lie under the key before it too: nobody needs a key to learn of that key's rotation, and
//    whoever was removed learns of that.
// 4. What nobody confirmed is left again after a day (renewing.ts): a relay node may have lost its disk.

import type { Bytes } from '#core/bytes/bytes.ts';
import { isInPast, orderedOps } from '#core/charter/charter.ts';
import { EVERYONE, type DeviceId, type Kid, type OpId, type SpaceId } from '#core/charter/ids.ts';
import { encodeSignedOp } from '#core/charter/op.ts';
import { opSeqOf } from '#core/charter/write-op.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { encodeSignedRecord } from '#core/keys/device-record.ts';
import { sendingKey } from '#core/keys/rotation.ts';
import { topicSeedOf, type ScopeKey } from '#core/keys/scope-key.ts';
import type { MailboxClient } from '#core/mailbox/client.ts';
import { ENVELOPE_TTL_DAYS } from '#core/mailbox/limits.ts';
import { makeEnvelope, topicKeyOf } from '#core/mailbox/topic-key.ts';
import { SECOND, type Millis, type RelayAddress, type Rows } from '#core/ports.ts';
import { chainKey, type HeldChain, type Span } from '#core/sync/held.ts';
import { inboxTopicSeed, sealMail, USUAL_MAIL_BYTES } from '#core/sync/mail.ts';
import { emptyParcel, isEmptyParcel, splitParcel, type Parcel } from '#core/sync/parcel.ts';
import { sealScopeMail } from '#core/sync/scope-mail.ts';
import { addSpan, subtractSpans } from '#core/sync/spans.ts';
import type { Envelope } from '#core/wire/envelope.ts';
import { WireError } from '#core/wire/wire-error.ts';
import { depositOnceSaved } from './deposit.ts';
import { decodeLeft, encodeLeft, leftCollection, nothingLeft, type Left } from '../groups/group-rows.ts';
import { CONFIRM_WITHIN, type MailOutPorts } from './mail-out.ts';
import { noteOps, opsUpTo, ownComing, ownOpsUpTo, renewalDue, renewLeft, type Renewed } from './renewing.ts';
import { groupInbox, relaysOf } from './routes-of-mail.ts';
import { dormantDevices } from '../space/rotate.ts';
import { framesOf } from '../space/sealed-runs.ts';
import type { Replica } from '../space/replica.ts';

const RETRY_AFTER = (15 * SECOND) as Millis;
/** Keys under which the same ops lie. */
const MAX_FORMER = 8;

/** What is due at one relay node. */
interface Due {
  readonly ops: readonly OpId[];
  readonly opSeq: number;
  readonly record: number | undefined;
  readonly chains: readonly HeldChain[];
  readonly wraps: readonly string[];
}

interface Sealable {
  readonly seed: (day: number) => Seed;
  readonly seal: (topic: Envelope['topic']) => Bytes;
}

export class GroupMail {
  readonly #ports: MailOutPorts;
  readonly #left = new Map<SpaceId, Map<RelayAddress, Left>>();
  readonly #busy = new Set<string>();
  readonly #timers = new Map<SpaceId, () => void>();
  readonly #renewals = new Map<SpaceId, () => void>();

  constructor(ports: MailOutPorts) {
    this.#ports = ports;
  }

  async load(space: SpaceId, rows: Rows): Promise<void> {
    const left = new Map<RelayAddress, Left>();
    for (const row of await rows.list(leftCollection(space))) {
      try {
        const there = decodeLeft(row.value);
        noteOps(there, there.opSeq, this.#ports.clock.now());
        left.set(row.id as RelayAddress, there);
      } catch (cause) {
        // All of it is left once more, which harms nobody.
        if (!(cause instanceof WireError)) throw cause;
      }
    }
    this.#left.set(space, left);
  }

  forget(space: SpaceId): void {
    this.#left.delete(space);
    for (const timers of [this.#timers, this.#renewals]) {
      timers.get(space)?.();
      timers.delete(space);
    }
  }

  /** What lies of a chain at some relay node. */
  spans(space: SpaceId, chain: string): readonly Span[] {
    const all = [...(this.#left.get(space)?.values() ?? [])].map(({ chains }) => chains.get(chain)?.spans ?? []);
    return all.flat().reduce<Span[]>(addSpan, []);
  }

  /** Something was made or confirmed, or a relay node appeared: leaves what is due. Part of an event. */
  async consider(replica: Replica): Promise<void> {
    if (!this.#ports.mayMail(replica)) return;
    const dormant = dormantDevices(replica);
    const others = replica.others().filter(({ device }) => !dormant.has(device));
    const areAllHere = others.length > 0 && others.every(({ device }) => this.#ports.isLinked(replica, device));
    if (areAllHere) this.#later(replica, CONFIRM_WITHIN);
    else await this.#leaveAll(replica);
    this.#renewLater(replica);
  }

  close(): void {
    for (const timers of [this.#timers, this.#renewals]) {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    }
  }

  #later(replica: Replica, delay: Millis): void {
    const { space } = replica.identity;
    if (this.#timers.has(space)) return;
    const { clock, queue, mayMail } = this.#ports;
    const look = async (): Promise<void> => {
      this.#timers.delete(space);
      if (mayMail(replica)) await this.#leaveAll(replica);
    };
    this.#timers.set(
      space,
      clock.after(delay, () => void queue.run(look)),
    );
  }

  /** What lies there and nobody confirmed is looked at when it is time to leave it again. */
  #renewLater(replica: Replica): void {
    const { space } = replica.identity;
    const { clock, queue, mayMail, client } = this.#ports;
    this.#renewals.get(space)?.();
    this.#renewals.delete(space);
    const now = clock.now();
    const left = this.#left.get(space);
    // A relay node that is away now is looked at when it appears.
    const there = relaysOf(replica).flatMap((relay) => (client(relay) === undefined ? [] : (left?.get(relay) ?? [])));
    if (there.length === 0) return;
    const due = Math.min(...there.map((each) => renewalDue(each, now)));
    const look = async (): Promise<void> => {
      if (!mayMail(replica)) return;
      await this.#leaveAll(replica);
      this.#renewLater(replica);
    };
    const delay = Math.max(SECOND, due - now) as Millis;
    this.#renewals.set(
      space,
      clock.after(delay, () => void queue.run(look)),
    );
  }

  async #leaveAll(replica: Replica): Promise<void> {
    for (const relay of relaysOf(replica)) {
      const client = this.#ports.client(relay);
      const name = `${replica.identity.space}|${relay}`;
      if (client !== undefined && !this.#busy.has(name)) await this.#leave(replica, { relay, client, name });
    }
  }

  async #leave(
    replica: Replica,
    at: { readonly relay: RelayAddress; readonly client: MailboxClient; readonly name: string },
  ): Promise<void> {
    const { suite, disk, queue } = this.#ports;
    const left = this.#leftAt(replica, at.relay);
    const renewed = renewLeft(replica, left, this.#ports.clock.now());
    const due = dueAt(replica, left);
    const sealables = [...this.#forScopes(replica, due), ...this.#forDevices(replica, due, renewed)];
    if (sealables.length === 0) return;
    const envelopes: Envelope[] = [];
    for (const { seed, seal } of sealables) {
      const topic = await topicKeyOf(suite, seed(at.client.day));
      const expiryDay = at.client.day + ENVELOPE_TTL_DAYS;
      envelopes.push(await makeEnvelope(suite, topic, { blob: seal(topic.topic), expiryDay }));
    }
    this.#busy.add(at.name);
    depositOnceSaved({ disk, queue }, { client: at.client, envelopes }, async (isStored) => {
      this.#busy.delete(at.name);
      if (!this.#ports.mayMail(replica)) return;
      if (!isStored) {
        this.#later(replica, RETRY_AFTER);
        return;
      }
      this.#note(replica, at.relay, due);
      this.#ports.left(replica);
      await this.consider(replica);
    });
  }

  #leftAt(replica: Replica, relay: RelayAddress): Left {
    const { space } = replica.identity;
    let relays = this.#left.get(space);
    if (relays === undefined) this.#left.set(space, (relays = new Map()));
    let left = relays.get(relay);
    if (left === undefined) relays.set(relay, (left = nothingLeft()));
    return left;
  }

  #note(replica: Replica, relay: RelayAddress, due: Due): void {
    const left = this.#leftAt(replica, relay);
    const now = this.#ports.clock.now();
    left.since ??= now;
    if (due.ops.length > 0) noteOps(left, due.opSeq, now);
    left.opSeq = Math.max(left.opSeq, due.opSeq);
    if (due.record !== undefined) left.record = Math.max(left.record, due.record);
    for (const { chain, spans } of due.chains) {
      const key = chainKey(chain);
      let there = left.chains.get(key)?.spans ?? [];
      for (const span of spans) there = addSpan(there, span);
      left.chains.set(key, { chain, spans: there });
    }
    for (const wrap of due.wraps) left.wraps.add(wrap);
    for (const wrap of left.wraps) if (!replica.wraps.has(wrap)) left.wraps.delete(wrap);
    this.#ports.disk.put(leftCollection(replica.identity.space), relay, () => encodeLeft(left));
    this.#renewLater(replica);
  }

  *#forScopes(replica: Replica, due: Due): Iterable<Sealable> {
    const { charter, view, keys } = replica;
    const sending = sendingKey(view!, EVERYONE, keys.scopeKeys());
    const newest = sending?.key ?? formerKey(replica, undefined);
    const ops = due.ops.map((id) => encodeSignedOp(charter.ops.get(id)!.signed));
    const records = due.record === undefined ? [] : ownRecord(replica);
    const byScope = new Map<string, Bytes[]>([[EVERYONE, []]]);
    for (const { chain, spans } of due.chains) {
      const frames = byScope.get(chain.scope) ?? [];
      byScope.set(chain.scope, frames);
      for (const { frame } of framesOf(replica, { chain, spans })) frames.push(frame);
    }
    for (const [scope, frames] of byScope) {
      if (scope === EVERYONE && newest !== undefined) {
        yield* this.#sealed(replica, newest, { ...emptyParcel, ops, records, frames });
      } else {
        const key = sendingKey(view!, scope as never, keys.scopeKeys())?.key;
        if (key !== undefined) yield* this.#sealed(replica, key, { ...emptyParcel, frames });
      }
    }
    for (const former of formerKeys(replica, due.ops, sending?.rotation.op)) {
      yield* this.#sealed(replica, former, { ...emptyParcel, ops, records });
    }
  }

  *#sealed(replica: Replica, key: ScopeKey, parcel: Parcel): Iterable<Sealable> {
    if (isEmptyParcel(parcel)) return;
    const { suite, random } = this.#ports;
    const { space } = replica.identity;
    for (const piece of splitParcel(parcel, USUAL_MAIL_BYTES)) {
      yield {
        seed: (day) => topicSeedOf(space, key, day),
        seal: (topic) => sealScopeMail(suite, random, { space, key, topic, parcel: piece }),
      };
    }
  }

  /**
   * Keys, each with the rotation that made them; what led to it came under the key before, unless that was lost, or the
   * device lost that key: by whom it is stands with it, as long as that is little. And letters by which a newcomer becomes known.
   */
  *#forDevices(replica: Replica, due: Due, { hasWraps, strangers }: Renewed): Iterable<Sealable> {
    const own = ownRecord(replica);
    for (const name of due.wraps) {
      const [device, op] = name.split('/') as [DeviceId, OpId];
      const wrap = replica.wraps.get(name);
      if (wrap === undefined || !replica.charter.ops.has(op)) continue;
      const ops = hasWraps ? opsUpTo(replica, device, op) : ownOpsUpTo(replica, device, op);
      yield* this.#letters(replica, device, { ...emptyParcel, ops, records: ops.length > 1 ? own : [], wraps: [wrap] });
    }
    for (const device of strangers) {
      yield* this.#letters(replica, device, { ...emptyParcel, ops: ownComing(replica, device), records: own });
    }
  }

  *#letters(replica: Replica, device: DeviceId, parcel: Parcel): Iterable<Sealable> {
    const { suite, random } = this.#ports;
    const record = replica.records.get(device)?.record;
    if (record === undefined) return;
    const route = groupInbox(replica.identity.space, record.inboxSecret);
    for (const piece of splitParcel(parcel, USUAL_MAIL_BYTES)) {
      yield {
        seed: (day) => inboxTopicSeed(route, day),
        seal: (topic) => sealMail(suite, random, { route, topic, parcel: piece }),
      };
    }
  }
}

function ownRecord({ records, identity }: Replica): readonly Bytes[] {
  const own = records.get(identity.device);
  return own === undefined ? [] : [encodeSignedRecord(own)];
}

function dueAt(replica: Replica, left: Left): Due {
  const { charter, identity, durable } = replica;
  const opSeq = opSeqOf(charter, identity.device);
  const isDue = (op: { device: DeviceId; seq: number }): boolean =>
    op.device === identity.device && op.seq >= left.opSeq;
  const ops = opSeq <= left.opSeq ? [] : orderedOps(charter).filter(({ signed }) => isDue(signed.op));
  const number = replica.records.get(identity.device)?.record.number;
  const chains = durable.chains.flatMap(({ chain, spans }) => {
    if (chain.device !== identity.device || !canSend(replica, chain.scope)) return [];
    const key = chainKey(chain);
    const unleft = subtractSpans(spans, left.chains.get(key)?.spans ?? []);
    const missing = unleft.length === 0 ? unleft : subtractSpans(unleft, everybodyHas(replica, key));
    return missing.length === 0 ? [] : [{ chain, spans: missing }];
  });
  const wraps = [...replica.wraps.keys()].filter((name) => {
    const [device, op] = name.split('/') as [DeviceId, OpId];
    return !left.wraps.has(name) && !replica.peers.confirmedHeads(device).some((head) => isInPast(charter, op, head));
  });
  const record = number !== undefined && number > left.record ? number : undefined;
  return { ops: ops.map(({ id }) => id), opSeq, record, chains, wraps };
}

function canSend(replica: Replica, scope: HeldChain['chain']['scope']): boolean {
  return sendingKey(replica.view!, scope, replica.keys.scopeKeys()) !== undefined;
}

/** What every other device that is not dormant said to have on its disk. */
function everybodyHas(replica: Replica, chain: string): readonly Span[] {
  const dormant = dormantDevices(replica);
  const others = replica.others().filter(({ device }) => !dormant.has(device));
  const [first, ...rest] = others.map(({ device }) => replica.peers.confirmedSpans(device, chain));
  if (first === undefined) return [];
  return rest.reduce((common, spans) => subtractSpans(common, subtractSpans(common, spans)), first);
}

/**
 * The keys before those that ops lead to: before the one in use, and before each that is made by these ops, for nobody may
 * have any of them yet.
 */
function formerKeys(replica: Replica, ops: readonly OpId[], inUse: OpId | undefined): readonly ScopeKey[] {
  const { charter } = replica;
  const made = ops.filter((id) => charter.ops.get(id)?.signed.op.body.type === 'rotate');
  const isBefore = (rotation: OpId) => (id: OpId) => id === rotation || !isInPast(charter, rotation, id);
  const led = [...new Set([...(inUse === undefined ? [] : [inUse]), ...made])].filter((op) => ops.some(isBefore(op)));
  return [...new Set(led.flatMap((op) => formerKey(replica, op) ?? []))].slice(0, MAX_FORMER);
}

/** The newest held key before a rotation, or of all; safe or not: only ops are sealed under it. */
function formerKey(replica: Replica, before: OpId | undefined): ScopeKey | undefined {
  const rotations = replica.view?.rotations ?? [];
  const end = before === undefined ? rotations.length : rotations.findIndex(({ op }) => op === before);
  for (let i = end - 1; i >= 0; i--) {
    const kid: Kid | undefined = rotations[i]!.scopes.find(({ scope }) => scope === EVERYONE)?.kid;
    const key = kid === undefined ? undefined : replica.keys.held.get(kid)?.key;
    if (key !== undefined) return key;
  }
  return undefined;
}
