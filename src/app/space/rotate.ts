// Makes new scope keys and gives away those that others lack.

import type { Bytes } from '#core/bytes/bytes.ts';
import { EVERYONE, type DeviceId, type Kid, type Scope } from '#core/charter/ids.ts';
import { decodeSignedOp } from '#core/charter/op.ts';
import { encodeSignedRecord, sealingKeyIdOf } from '#core/keys/device-record.ts';
import { isDormant } from '#core/keys/dormant.ts';
import { mayHaveKey } from '#core/keys/entitled.ts';
import { inOps, joinsToAdmit } from '#core/keys/plan.ts';
import { readersOf } from '#core/keys/readers.ts';
import { meetingAnchor, rendezvousFrom } from '#core/keys/rendezvous.ts';
import {
  lackingDevices,
  makeRotation,
  makeShare,
  ROTATE_AFTER,
  rotationDuty,
  sendingKey,
  type RotationUse,
  type SendingKey,
} from '#core/keys/rotation.ts';
import type { ScopeKey } from '#core/keys/scope-key.ts';
import { encodeWrap, type WrapRecipient } from '#core/keys/wrap.ts';
import type { Millis } from '#core/ports.ts';
import { emptyParcel, type Parcel } from '#core/sync/parcel.ts';
import { writeOwnOp } from './own-ops.ts';
import type { Replica } from './replica.ts';
import { settleMeeting } from './take-wraps.ts';

/** A new scope key where one is due; what it made is to be sent with the next message. */
export async function rotateIfDue(replica: Replica, scope: Scope): Promise<Parcel> {
  const { context, keys } = replica;
  const view = replica.view!;
  const sending = sendingKey(view, scope, keys.scopeKeys());
  // With it all others that may not be used any more: one removal is one op.
  if (sending === undefined) return rotate(replica, unsafeScopes(replica));
  // In groups the rest is done by whoever's turn it is (duty.ts), whether or not anybody writes.
  if (view.group !== undefined) return emptyParcel;
  const duty = rotationDuty(sending, rotationUse(replica, sending), context.clock.now());
  if (duty !== 'none' && isWorthRotating(replica, sending)) return rotate(replica);
  const lacking = lackingDevices(view, sending.rotation, EVERYONE, dormantDevices(replica));
  return lacking.some((device) => replica.records.has(device)) ? rotate(replica) : emptyParcel;
}

/** Scopes this device reads and holds no key of that it may send under. */
export function unsafeScopes(replica: Replica): readonly Scope[] {
  const held = replica.keys.scopeKeys();
  return replica.scopes().filter((scope) => sendingKey(replica.view!, scope, held) === undefined);
}

/**
 * A fresh key wrapped for the same sealing keys would fall into the same hands as the last one, and cost everybody an op:
 * whoever writes a hundred messages to somebody who is away rotates once, and again when the other has renewed theirs.
 */
function isWorthRotating(replica: Replica, { rotation, key }: SendingKey): boolean {
  const since = replica.keys.held.get(key.kid)?.since ?? 0;
  if (Math.abs(replica.context.clock.now() - since) >= ROTATE_AFTER) return true;
  const recipients = rotation.scopes.find(({ scope }) => scope === EVERYONE)?.recipients ?? [];
  const before = new Map(recipients.map((recipient) => [recipient.device, recipient.sealingKey]));
  return [...replica.records.values()].some(({ record }) => {
    const known = before.get(record.device);
    return known !== undefined && !replica.isMine(record.device) && known !== sealingKeyIdOf(record.sealingKey);
  });
}

function rotationUse({ keys }: Replica, sending: SendingKey): RotationUse | undefined {
  const held = keys.held.get(sending.key.kid);
  if (held === undefined) return undefined;
  return { since: held.since, messages: held.messages, hasTurnChanged: keys.otherSpoke };
}

/**
 * Devices nobody heard of yet (spares in backups), while another of the same person was heard: they get keys when they
 * speak up, so that a person who makes many backups does not make every message longer. In groups: those not heard for
 * long.
 */
export function dormantDevices(replica: Replica): ReadonlySet<DeviceId> {
  const { view, context } = replica;
  if (view?.group !== undefined) return dormantIn(replica, context.clock.now());
  const dormant = new Set<DeviceId>();
  for (const principal of view?.principals ?? []) {
    const isHeard = (device: DeviceId): boolean => device === replica.identity.device || replica.peers.isHeard(device);
    const live = principal.devices.filter((facts) => facts.isLive);
    if (!live.some((facts) => isHeard(facts.device))) continue;
    for (const { device } of live) if (!isHeard(device)) dormant.add(device);
  }
  return dormant;
}

function dormantIn(replica: Replica, now: Millis): ReadonlySet<DeviceId> {
  const others = replica.others().map(({ device }) => device);
  return new Set(others.filter((device) => isDormant(replica.heard.at(device), now)));
}

/** Makes fresh keys of scopes this device reads, for all readers that can be reached. */
export async function rotate(replica: Replica, scopes: readonly Scope[] = [EVERYONE]): Promise<Parcel> {
  let parcel = emptyParcel;
  for (const some of inOps(replica.view!, scopes)) {
    const { ops, wraps } = await rotateTogether(replica, some);
    parcel = { ...parcel, ops: [...parcel.ops, ...ops], wraps: [...parcel.wraps, ...wraps] };
  }
  const record = replica.records.get(replica.identity.device);
  return { ...parcel, records: record === undefined ? [] : [encodeSignedRecord(record)] };
}

async function rotateTogether(replica: Replica, scopes: readonly Scope[]): Promise<Pick<Parcel, 'ops' | 'wraps'>> {
  const { context, keys, identity, charter } = replica;
  const view = replica.view!;
  const dormant = dormantDevices(replica);
  const recipients = [...view.devices.values()]
    .filter((facts) => facts.isLive && !dormant.has(facts.device))
    .flatMap((facts) => recipientOf(replica, facts.device));
  const made = await makeRotation(
    view,
    {
      scopes,
      recipients,
      readers: (scope) => readersOf(view, scope),
      rendezvous: rendezvousFor(replica),
      admits: scopes.includes(EVERYONE) ? joinsToAdmit(charter) : [],
    },
    context.agreement,
    context.random,
  );
  const op = await writeOwnOp(replica, made.body);
  // Not just any head: a flood may leave several.
  const { id } = decodeSignedOp(op);
  for (const key of made.keys) keys.add(key, context.clock.now());
  keys.noteTurn(false);
  settleMeeting(replica);
  const wraps: Bytes[] = [];
  for (const wrap of made.wraps) {
    if (wrap.device === identity.device) continue;
    const encoded = encodeWrap(wrap);
    replica.putWrap(`${wrap.device}/${id}`, encoded);
    wraps.push(encoded);
  }
  forgetKeys(
    replica,
    made.keys.map((key) => key.kid),
  );
  dropOldWraps(replica);
  return { ops: [op], wraps };
}

/** Own rotations of a group whose wraps are kept for each device: what is older is shared on request. */
const WRAPS_KEPT = 3;

function dropOldWraps(replica: Replica): void {
  if (replica.view?.group === undefined) return;
  const places = new Map<string, number>(replica.view.rotations.map(({ op }, place) => [op, place]));
  const byDevice = new Map<string, { readonly id: string; readonly place: number }[]>();
  for (const id of replica.wraps.keys()) {
    const [device, op] = id.split('/') as [string, string];
    const place = places.get(op);
    // Shares stand under no rotation: each is dropped where it was left.
    if (place === undefined) continue;
    byDevice.set(device, [...(byDevice.get(device) ?? []), { id, place }]);
  }
  for (const wraps of byDevice.values()) {
    const old = wraps.sort((a, b) => b.place - a.place).slice(WRAPS_KEPT);
    for (const { id } of old) replica.dropWrap(id);
  }
}

/** Of two people whoever begins draws it; in a group it follows from a key, this one's if there is no other. */
function rendezvousFor(replica: Replica): Bytes | ((keys: readonly ScopeKey[]) => Bytes) {
  const { context, keys, identity, view } = replica;
  if (view?.group === undefined) {
    const rendezvous = keys.rendezvous ?? context.random.bytes(32);
    if (keys.rendezvous === undefined) keys.setRendezvous(rendezvous, context.clock.now());
    return rendezvous;
  }
  const known = meetingAnchor(view) === undefined ? undefined : keys.rendezvous;
  return (made) => {
    const everyones = made.find(({ scope }) => scope === EVERYONE);
    const fresh = everyones === undefined ? undefined : rendezvousFrom(identity.space, everyones);
    return known ?? fresh ?? keys.rendezvous ?? context.random.bytes(32);
  };
}

/** Keys that are not sent under any more are forgotten in time. */
export function forgetKeys(replica: Replica, current: readonly Kid[]): void {
  const { keys, context, view } = replica;
  const now = context.clock.now();
  if (view?.group === undefined) {
    keys.forgetOld(new Set(current), now);
    return;
  }
  const held = keys.scopeKeys();
  const sending = replica.scopes().flatMap((scope) => sendingKey(view, scope, held)?.key.kid ?? []);
  keys.forgetReplaced(new Set([...current, ...sending]), now);
}

function recipientOf(replica: Replica, device: DeviceId): WrapRecipient[] {
  const record = replica.records.get(device);
  if (record !== undefined) return [{ device, sealingKey: record.record.sealingKey }];
  const { card } = replica.identity;
  // The inviter's first device publishes no record: its sealing key stands on the card.
  return card?.device === device ? [{ device, sealingKey: card.sealingKey }] : [];
}

/** Keys another device says it lacks, wrapped for it, as far as this one holds them and the other may have them. */
export function share(replica: Replica, device: DeviceId): Promise<readonly Bytes[]> {
  return shareKeys(replica, device, replica.peers.lacks(device));
}

export async function shareKeys(replica: Replica, device: DeviceId, kids: readonly Kid[]): Promise<readonly Bytes[]> {
  const { context, keys, view, charter } = replica;
  const [recipient] = recipientOf(replica, device);
  const isAllowed = view?.devices.get(device)?.isLive === true;
  if (view === undefined || recipient === undefined || keys.rendezvous === undefined || !isAllowed) return [];
  const allowed = kids.filter((kid) => mayHaveKey(charter, device, kid));
  const wanted = allowed.flatMap((kid) => keys.held.get(kid)?.key ?? []);
  if (wanted.length === 0) return [];
  const wraps = await makeShare(view, [recipient], { keys: wanted, rendezvous: keys.rendezvous }, context.agreement);
  return wraps.map(encodeWrap);
}
