// Writes as this device: messages, ops, new scope keys, its own record.

import type { Bytes } from '#core/bytes/bytes.ts';
import { EVERYONE, type DeviceId, type OpId } from '#core/charter/ids.ts';
import { decodeSignedOp, encodeSignedOp } from '#core/charter/op.ts';
import { citedHeads, opSeqOf, writeOp, type Author, type Writable } from '#core/charter/write-op.ts';
import { accusations } from '#core/chain/evidence.ts';
import { sealRun } from '#core/chain/frame.ts';
import { writeMessage, type Message } from '#core/chain/message.ts';
import type { CryptoSuite, Seed } from '#core/crypto/suite.ts';
import { encodeSignedRecord, sealingKeyIdOf, signRecord } from '#core/keys/device-record.ts';
import type { LeafKey } from '#core/keys/leaf.ts';
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
import type { Random } from '#core/ports.ts';
import type { OpenMessage } from '#core/sync/open-run.ts';
import type { Parcel } from '#core/sync/parcel.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { adopt } from './intake.ts';
import type { Replica } from './replica.ts';

export type WritableOp = Writable;

/** Why nothing can be written here now. */
export type WriteProblem = 'newer' | 'shut';

/** What live devices should get at once. Ops in it must be on disk before (`hasOps`). */
export interface Written {
  readonly parcel: Parcel;
  readonly hasOps: boolean;
}

/** Bodies that stay readable as long as the scope key is kept; all others are sealed by the chain's ratchet. */
const UNDER_DOCUMENT_KEY = new Set(['doc.update']);

export async function freshLeafKey(suite: CryptoSuite, random: Random): Promise<LeafKey> {
  const seed = random.bytes(32) as Seed;
  return { id: sealingKeyIdOf(await suite.sealingKeyOf(seed, 1)), seed, suite: 1 };
}

export function authorOf(replica: Replica): Author {
  return { device: replica.identity.device, seed: replica.identity.seed };
}

export function writeProblem(replica: Replica): WriteProblem | undefined {
  const { view, me } = replica;
  if (view === undefined || view.isVoid || me?.isLive !== true) return 'shut';
  return view.needsNewerVersion ? 'newer' : undefined;
}

/**
 * Makes a message, gives it to `leave` to be pushed, and takes it into the own replica. In that order: whoever types at
 * the other end of a link need not wait for what we do with it here.
 */
export async function write(
  replica: Replica,
  said: { readonly kind: string; readonly body: Bytes },
  leave: (written: Written) => void,
): Promise<WriteProblem | undefined> {
  const problem = writeProblem(replica);
  if (problem !== undefined) return problem;
  const rotated = await rotateIfDue(replica);
  const key = sendingKey(replica.view!, EVERYONE, replica.keys.scopeKeys())?.key;
  if (key === undefined) return 'shut';
  const own = await signMessage(replica, key, said);
  const { id } = own.message;
  const frames = [frameOf(replica, [own.message])].filter((frame) => frame !== undefined);
  leave({ parcel: { ...rotated, frames }, hasOps: rotated.ops.length > 0 });
  adopt(replica, [own]);
  replica.save();
  if (replica.log.get(id) === undefined && !replica.pending.has(id)) throw new Error('an own message was refused');
  return undefined;
}

async function signMessage(
  replica: Replica,
  key: ScopeKey,
  said: { readonly kind: string; readonly body: Bytes },
): Promise<OpenMessage> {
  const { context, identity, incarnation, keys, charter } = replica;
  const chain = { device: identity.device, scope: EVERYONE, incarnation };
  const { seq, own, seen, lamport } = replica.chains.next(identity.device, incarnation);
  const me = replica.me!;
  const header = {
    space: identity.space,
    ...chain,
    kid: key.kid,
    seq,
    n: UNDER_DOCUMENT_KEY.has(said.kind) ? undefined : keys.nextIndex(key, chain),
    lamport,
    own,
    seen,
    charter: citedHeads(charter, identity.device),
    opSeq: opSeqOf(charter, identity.device),
    // Pair and self spaces keep the rules of their genesis.
    under: identity.space as string as OpId,
    auth: [me.principal, me.binding],
    kind: said.kind,
  };
  const draft = { ...header, bodyHash: new Uint8Array(32), bodyLength: said.body.length };
  const bodyKey = keys.takeBodyKey(draft, context.clock.now());
  if (bodyKey === undefined) throw new Error('no key for an own message');
  const open = { salt: context.random.bytes(32), body: said.body };
  return { message: await writeMessage(header, { ...open, bodyKey }, identity.seed, context.suite), open };
}

/** Messages of one chain and one key, sealed for the road; `undefined` where a key or a sealed body is gone. */
export function frameOf(replica: Replica, messages: readonly Message[]): Bytes | undefined {
  const kid = messages[0]?.header.kid;
  const headerKey = kid === undefined ? undefined : replica.keys.headerKey(kid);
  if (headerKey === undefined) return undefined;
  return sealRun(messages, headerKey, replica.context.random, replica.context.suite);
}

/** Signs an op into the own replica. It must not be sent before it is on disk. */
export async function writeOwnOp(replica: Replica, body: WritableOp, author = authorOf(replica)): Promise<Bytes> {
  const op = await writeOp(replica.charter, author, body, replica.context.suite);
  replica.addOps([op]);
  return encodeSignedOp(op);
}

/**
 * States of each device that contradicted itself that it did, with evidence that freezes it for everybody. `undefined`
 * when there is nothing to state, or this device may not write.
 */
export async function accuse(replica: Replica): Promise<Parcel | undefined> {
  if (writeProblem(replica) !== undefined) return undefined;
  const ops: Bytes[] = [];
  for (const body of accusations(replica.chains, replica.charter)) {
    if (body.device !== replica.identity.device) ops.push(await writeOwnOp(replica, body));
  }
  return ops.length === 0 ? undefined : { ...emptyParcel, ops };
}

/** A new scope key where one is due; what it made is to be sent with the next message. */
async function rotateIfDue(replica: Replica): Promise<Parcel> {
  const { context, keys } = replica;
  const view = replica.view!;
  const sending = sendingKey(view, EVERYONE, keys.scopeKeys());
  if (sending === undefined) return rotate(replica);
  const duty = rotationDuty(sending, rotationUse(replica, sending), context.clock.now());
  if (duty !== 'none' && isWorthRotating(replica, sending)) return rotate(replica);
  const lacking = lackingDevices(view, sending.rotation, EVERYONE, dormantDevices(replica));
  return lacking.some((device) => replica.records.has(device)) ? rotate(replica) : emptyParcel;
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
 * speak up, so that a person who makes many backups does not make every message longer.
 */
export function dormantDevices(replica: Replica): ReadonlySet<DeviceId> {
  const dormant = new Set<DeviceId>();
  for (const principal of replica.view?.principals ?? []) {
    const isHeard = (device: DeviceId): boolean => device === replica.identity.device || replica.peers.isHeard(device);
    const live = principal.devices.filter((facts) => facts.isLive);
    if (!live.some((facts) => isHeard(facts.device))) continue;
    for (const { device } of live) if (!isHeard(device)) dormant.add(device);
  }
  return dormant;
}

/** Makes a fresh key for all devices that can be reached. */
export async function rotate(replica: Replica): Promise<Parcel> {
  const { context, keys, identity } = replica;
  const view = replica.view!;
  const dormant = dormantDevices(replica);
  const recipients = [...view.devices.values()]
    .filter((facts) => facts.isLive && !dormant.has(facts.device))
    .flatMap((facts) => recipientOf(replica, facts.device));
  const rendezvous = keys.rendezvous ?? context.random.bytes(32);
  if (keys.rendezvous === undefined) keys.setRendezvous(rendezvous);
  const made = await makeRotation(
    view,
    { scopes: [EVERYONE], recipients, rendezvous },
    context.agreement,
    context.random,
  );
  const op = await writeOwnOp(replica, made.body);
  // Not just any head: a flood may leave several.
  const { id } = decodeSignedOp(op);
  for (const key of made.keys) keys.add(key, context.clock.now());
  keys.noteTurn(false);
  const wraps: Bytes[] = [];
  for (const wrap of made.wraps) {
    if (wrap.device === identity.device) continue;
    const encoded = encodeWrap(wrap);
    replica.putWrap(`${wrap.device}/${id}`, encoded);
    wraps.push(encoded);
  }
  keys.forgetOld(new Set(made.keys.map((key) => key.kid)), context.clock.now());
  const record = replica.records.get(identity.device);
  return { ...emptyParcel, ops: [op], wraps, records: record === undefined ? [] : [encodeSignedRecord(record)] };
}

function recipientOf(replica: Replica, device: DeviceId): WrapRecipient[] {
  const record = replica.records.get(device);
  if (record !== undefined) return [{ device, sealingKey: record.record.sealingKey }];
  const { card } = replica.identity;
  // The inviter's first device publishes no record: its sealing key stands on the card.
  return card?.device === device ? [{ device, sealingKey: card.sealingKey }] : [];
}

/** Keys another device says it lacks, wrapped for it, as far as this one holds them. */
export async function share(replica: Replica, device: DeviceId): Promise<readonly Bytes[]> {
  const { context, keys, view, peers } = replica;
  const [recipient] = recipientOf(replica, device);
  const wanted = peers.lacks(device).flatMap((kid) => keys.held.get(kid)?.key ?? []);
  const isAllowed = view?.devices.get(device)?.isLive === true;
  if (view === undefined || recipient === undefined || keys.rendezvous === undefined || !isAllowed) return [];
  if (wanted.length === 0) return [];
  const wraps = await makeShare(view, [recipient], { keys: wanted, rendezvous: keys.rendezvous }, context.agreement);
  return wraps.map(encodeWrap);
}

/** A fresh own sealing key and the record that publishes it; the record is to be sent. */
export async function renewRecord(replica: Replica): Promise<void> {
  const { context, keys } = replica;
  const fresh = await freshLeafKey(context.suite, context.random);
  keys.refreshLeaf(fresh, context.clock.now());
  await publishRecord(replica);
}

/** Signs the record of the current sealing key. */
export async function publishRecord(replica: Replica): Promise<void> {
  const { context, identity, keys } = replica;
  const sealingKey = await context.suite.sealingKeyOf(keys.leaf.current.seed, keys.leaf.current.suite);
  const { space, device, inboxSecret, seed } = identity;
  const record = { space, device, number: keys.leaf.number, sealingKey, inboxSecret };
  replica.putRecord(await signRecord(record, seed, context.suite));
  replica.save();
}
