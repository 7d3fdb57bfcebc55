// Writes as this device: messages, evidence, its own record.

import type { Bytes } from '#core/bytes/bytes.ts';
import { EVERYONE, type Scope } from '#core/charter/ids.ts';
import { accusations } from '#core/chain/evidence.ts';
import { citationFor } from '#core/chain/citing.ts';
import { sealRun } from '#core/chain/frame.ts';
import { writeMessage, type Message } from '#core/chain/message.ts';
import type { CryptoSuite, SealingKey, Seed } from '#core/crypto/suite.ts';
import { encodeSignedRecord, sealingKeyIdOf, signRecord } from '#core/keys/device-record.ts';
import type { LeafKey } from '#core/keys/leaf.ts';
import { sendingKey } from '#core/keys/rotation.ts';
import type { ScopeKey } from '#core/keys/scope-key.ts';
import type { Random } from '#core/ports.ts';
import type { OpenMessage } from '#core/sync/open-run.ts';
import { emptyParcel, type Parcel } from '#core/sync/parcel.ts';
import { adopt } from './intake.ts';
import { writeOwnOp } from './own-ops.ts';
import type { Replica } from './replica.ts';
import { rotateIfDue } from './rotate.ts';

/** What is said, and to which readers: all members where no scope is named. */
export interface Said {
  readonly scope?: Scope;
  readonly kind: string;
  readonly body: Bytes;
}

/** Why nothing can be written here now. `shut`: also in a scope this device does not read. */
export type WriteProblem = 'newer' | 'shut';

/** What live devices should get at once (`pushFor`). Ops in it must be on disk before (`hasOps`). */
export interface Written {
  readonly parcel: Parcel;
  readonly hasOps: boolean;
  /** Of its frames; `everyone` where absent. */
  readonly scope?: Scope;
}

/** Bodies that stay readable as long as the scope key is kept; all others are sealed by the chain's ratchet. */
const UNDER_DOCUMENT_KEY = new Set(['doc.update', 'doc.move', 'doc.checkpoint', 'attest', 'task', 'neighbour']);

/** Of keys made since the start: making one out again costs as much as making it. */
const publicHalves = new WeakMap<LeafKey, SealingKey>();

export async function freshLeafKey(suite: CryptoSuite, random: Random): Promise<LeafKey> {
  const seed = random.bytes(32) as Seed;
  const sealingKey = await suite.sealingKeyOf(seed, 1);
  const key: LeafKey = { id: sealingKeyIdOf(sealingKey), seed, suite: 1 };
  publicHalves.set(key, sealingKey);
  return key;
}

export async function publicHalf(suite: CryptoSuite, key: LeafKey): Promise<SealingKey> {
  return publicHalves.get(key) ?? suite.sealingKeyOf(key.seed, key.suite);
}

export function writeProblem(replica: Replica, scope: Scope = EVERYONE): WriteProblem | undefined {
  const { view, me } = replica;
  if (view === undefined || view.isVoid || me?.isLive !== true || !replica.reads(scope)) return 'shut';
  return view.needsNewerVersion ? 'newer' : undefined;
}

/**
 * Makes a message, gives it to `leave` to be pushed, and takes it into the own replica. In that order: whoever types at
 * the other end of a link need not wait for what we do with it here.
 */
export async function write(
  replica: Replica,
  said: Said,
  leave: (written: Written) => void,
): Promise<WriteProblem | undefined> {
  const scope = said.scope ?? EVERYONE;
  const problem = writeProblem(replica, scope);
  if (problem !== undefined) return problem;
  const rotated = await rotateIfDue(replica, scope);
  const key = sendingKey(replica.view!, scope, replica.keys.scopeKeys())?.key;
  if (key === undefined) return 'shut';
  const own = await signMessage(replica, key, said);
  if (own === undefined) return 'shut';
  const frames = [frameOf(replica, [own.message])].filter((frame) => frame !== undefined);
  leave({ parcel: { ...rotated, frames }, hasOps: rotated.ops.length > 0, scope });
  adopt(replica, [own]);
  replica.save();
  const { id } = own.message;
  if (replica.log.get(id) === undefined && !replica.pending.has(id)) throw new Error('an own message was refused');
  return undefined;
}

async function signMessage(replica: Replica, key: ScopeKey, said: Said): Promise<OpenMessage | undefined> {
  const { context, identity, incarnation, keys, charter } = replica;
  const chain = { device: identity.device, scope: key.scope, incarnation };
  const citation = citationFor(charter, identity.device, key.scope);
  if (citation === undefined) return undefined;
  const { seq, own, seen, lamport } = replica.chainsOf(key.scope).next(identity.device, incarnation);
  const header = {
    space: identity.space,
    ...chain,
    kid: key.kid,
    seq,
    n: UNDER_DOCUMENT_KEY.has(said.kind) ? undefined : keys.nextIndex(key, chain),
    lamport,
    own,
    seen,
    ...citation,
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

/**
 * States of each device that contradicted itself that it did, with evidence that freezes it for everybody. `undefined`
 * when there is nothing to state, or this device may not write.
 */
export async function accuse(replica: Replica): Promise<Parcel | undefined> {
  if (writeProblem(replica) !== undefined) return undefined;
  const ops: Bytes[] = [];
  for (const body of accusations(replica.chainSets(), replica.charter)) {
    if (body.device !== replica.identity.device) ops.push(await writeOwnOp(replica, body));
  }
  return ops.length === 0 ? undefined : { ...emptyParcel, ops };
}

/** A fresh own sealing key and the record that publishes it; the record is to be sent. */
export async function renewRecord(replica: Replica): Promise<void> {
  const { context, keys } = replica;
  const fresh = await freshLeafKey(context.suite, context.random);
  keys.refreshLeaf(fresh, context.clock.now());
  await publishRecord(replica);
}

/** The own record, to be sent. */
export function ownRecord({ records, identity }: Replica): Parcel {
  return { ...emptyParcel, records: [encodeSignedRecord(records.get(identity.device)!)] };
}

/** Signs the record of the current sealing key. */
export async function publishRecord(replica: Replica): Promise<void> {
  const { context, identity, keys } = replica;
  const sealingKey = await publicHalf(context.suite, keys.leaf.current);
  const { space, device, inboxSecret, seed } = identity;
  const record = { space, device, number: keys.leaf.number, sealingKey, inboxSecret };
  replica.putRecord(await signRecord(record, seed, context.suite));
  replica.save();
}
