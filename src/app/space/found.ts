// How spaces begin: answering somebody's card, taking in the answer to an own card, the own self space.

import { equal, hex, type Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, GrantId, Incarnation, OpId, SpaceId } from '#core/charter/ids.ts';
import { decodeSignedOp, encodeSignedOp, grantIdOf, type VerifiedOp } from '#core/charter/op.ts';
import { verifyOp } from '#core/charter/verify-op.ts';
import { addDeviceBody, pairGenesis, selfGenesis, type Author } from '#core/charter/write-op.ts';
import type { Seed } from '#core/crypto/suite.ts';
import type { RoleId, Rules } from '#core/charter/rules.ts';
import { groupGenesis, writeJoin } from '#core/charter/write-group.ts';
import { sealAnswer, type Answer } from '#core/identity/answer.ts';
import type { SignedCard } from '#core/identity/card.ts';
import { encodeSignedRecord, sealingKeyIdOf } from '#core/keys/device-record.ts';
import { newLeaf, type Leaf } from '#core/keys/leaf.ts';
import { DAY, type Millis } from '#core/ports.ts';
import type { ScopeKey } from '#core/keys/scope-key.ts';
import { emptyParcel, type Parcel } from '#core/sync/parcel.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { OwnCard } from '../card-rows.ts';
import { freshLeafKey, publishRecord } from './author.ts';
import { authorOf, writeOwnOp } from './own-ops.ts';
import { rotate } from './rotate.ts';
import type { PairCard, SpaceIdentity } from './identity-row.ts';
import { takeParcel } from './intake.ts';
import { Replica, type SpaceContext } from './replica.ts';
import { takeWelcomeKeys } from './take-wraps.ts';

/** How much longer than the card itself its sealing key opens late mail. */
const LATE_MAIL = (30 * DAY) as Millis;

export function drawIncarnation(context: SpaceContext): Incarnation {
  return hex.encode(context.random.bytes(8)) as Incarnation;
}

interface FreshDevice extends Author {
  readonly inboxSecret: Bytes;
}

/** Keys of a device in one space: made for this space and used nowhere else. */
export async function freshDevice({ random, suite }: SpaceContext): Promise<FreshDevice> {
  const seed = random.bytes(32) as Seed;
  return { device: hex.encode(await suite.signingKeyOf(seed)) as DeviceId, seed, inboxSecret: random.bytes(32) };
}

async function freshReplica(
  context: SpaceContext,
  own: Omit<SpaceIdentity, 'device' | 'seed' | 'inboxSecret'> & {
    readonly fresh: FreshDevice;
    readonly former?: Leaf['former'];
  },
): Promise<Replica> {
  const { fresh, former, ...rest } = own;
  const { device, seed, inboxSecret } = fresh;
  const leaf = newLeaf(await freshLeafKey(context.suite, context.random));
  const identity: SpaceIdentity = { ...rest, device, seed, inboxSecret };
  const incarnation = drawIncarnation(context);
  return new Replica(context, { identity, leaf: { ...leaf, former: former ?? leaf.former }, incarnation });
}

/** Makes the pair space of an answered card; `blob` is to be left at the card's topic. */
export async function foundPair(
  context: SpaceContext,
  signed: SignedCard,
  myName: string,
): Promise<{ readonly replica: Replica; readonly blob: Bytes }> {
  const fresh = await freshDevice(context);
  const { card } = signed;
  const cardDevice = hex.encode(card.signingKey) as DeviceId;
  const named = await context.nameRecovery?.(fresh.device);
  const offered = { cardKey: cardDevice, card: signed.bytes, consent: signed.signature, recovery: named?.key };
  const genesis = await pairGenesis(fresh, offered, context.suite);
  const space = genesis.id as string as SpaceId;
  named?.keep(space);
  const pairCard = pairCardOf(signed, 'answerer');
  const replica = await freshReplica(context, { space, kind: 'pair', relays: card.relays, card: pairCard, fresh });
  replica.addOps([genesis]);
  await publishRecord(replica);
  const made = await rotate(replica);
  replica.putIdentity();
  replica.save();
  const answer: Answer = {
    genesis: encodeSignedOp(genesis),
    ops: made.ops,
    wraps: made.wraps,
    record: encodeSignedRecord(replica.records.get(fresh.device)!),
    name: myName,
  };
  return { replica, blob: await sealAnswer(context.suite, signed, { answer, coins: context.random.bytes(64) }) };
}

function pairCardOf(signed: SignedCard, role: PairCard['role']): PairCard {
  const { signingKey, secret, sealingKey } = signed.card;
  return { role, id: signed.id, device: hex.encode(signingKey) as DeviceId, secret, sealingKey };
}

/** The genesis in an answer, if it was made from this card and by its rules. */
export async function genesisOf(
  context: SpaceContext,
  card: SignedCard,
  answer: Answer,
): Promise<VerifiedOp | undefined> {
  try {
    const signed = decodeSignedOp(answer.genesis);
    const body = signed.op.body;
    if (body.type !== 'genesis' || body.kind !== 'pair' || !equal(body.card, card.bytes)) return undefined;
    return await verifyOp(signed, context.suite);
  } catch (cause) {
    if (cause instanceof WireError) return undefined;
    throw cause;
  }
}

/** The inviter's side: joins the pair the answerer made, and replaces the card's keys by fresh ones at once. */
export async function joinPair(
  context: SpaceContext,
  own: OwnCard,
  answered: { readonly genesis: VerifiedOp; readonly answer: Answer },
): Promise<Replica> {
  const { signed, secrets } = own;
  if (secrets === undefined) throw new Error('the card was erased');
  const fresh = await freshDevice(context);
  const space = answered.genesis.id as string as SpaceId;
  const sealing = { id: sealingKeyIdOf(signed.card.sealingKey), seed: secrets.sealingSeed, suite: 2 as const };
  const former = [{ ...sealing, eraseAt: (own.expiresAt + LATE_MAIL) as Millis }];
  const card = pairCardOf(signed, 'inviter');
  const replica = await freshReplica(context, { space, kind: 'pair', relays: signed.card.relays, card, fresh, former });
  replica.addOps([answered.genesis]);
  const { ops, wraps, record } = answered.answer;
  await takeParcel(replica, { ...emptyParcel, ops, wraps, records: [record] }, false);
  const cardAuthor: Author = { device: card.device, seed: secrets.signingSeed };
  const principal = grantIdOf(answered.genesis.id, 0) as GrantId;
  const named = await context.nameRecovery?.(fresh.device);
  named?.keep(space);
  const binding = { space, principal, recovery: named?.key };
  await writeOwnOp(replica, await addDeviceBody(fresh, binding, context.suite), cardAuthor);
  const end = { type: 'device', act: 'end', device: card.device, binding: principal, frontier: [] } as const;
  await writeOwnOp(replica, end, cardAuthor);
  await publishRecord(replica);
  await rotate(replica);
  replica.putIdentity();
  replica.save();
  return replica;
}

/** Tells in a pair that its card was answered twice. Signed by the card's key or the device that took its place. */
export async function voidPair(replica: Replica, other: Bytes, author?: Author): Promise<void> {
  await writeOwnOp(replica, { type: 'void', other }, author);
  replica.save();
}

export interface GroupFounding {
  readonly name: string;
  readonly rules: Rules;
  /** The roles the founder begins with. */
  readonly roles: readonly RoleId[];
  readonly relays: readonly string[];
  readonly recovery: DeviceId | undefined;
}

/** A group of oneself; others come by invitation. Its first keys are those of all scopes its founder reads. */
export async function foundGroup(context: SpaceContext, founding: GroupFounding): Promise<Replica> {
  const fresh = await freshDevice(context);
  const { name, rules, roles, relays } = founding;
  const named = founding.recovery === undefined ? await context.nameRecovery?.(fresh.device) : undefined;
  const founder = { author: fresh, recovery: founding.recovery ?? named?.key, roles };
  const genesis = await groupGenesis({ name, rules, founders: [founder] }, context.suite);
  const space = genesis.id as string as SpaceId;
  named?.keep(space);
  const replica = await freshReplica(context, { space, kind: 'group', relays, card: undefined, fresh });
  replica.addOps([genesis]);
  await publishRecord(replica);
  await rotate(replica, replica.scopes());
  replica.putIdentity();
  replica.save();
  return replica;
}

/** What an invitation and the welcome it opens hold, as far as a replica needs it. */
export interface Welcome {
  readonly space: SpaceId;
  readonly relays: readonly string[];
  /** The whole charter log: parents before children. */
  readonly ops: readonly Bytes[];
  readonly keys: readonly ScopeKey[];
  readonly rendezvous: Bytes;
}

/**
 * A group as whoever was invited finds it: verified from its genesis, with fresh keys of one's own. `undefined`: what
 * came is not the log of this space. Nothing was written yet: `joinGroup` does.
 */
export async function enterGroup(context: SpaceContext, welcome: Welcome): Promise<Replica | undefined> {
  const { space, relays } = welcome;
  const fresh = await freshDevice(context);
  const replica = await freshReplica(context, { space, kind: 'group', relays, card: undefined, fresh });
  await takeParcel(replica, { ...emptyParcel, ops: welcome.ops }, false);
  return replica.view?.group === undefined ? undefined : replica;
}

/** Makes oneself a member by an invitation; gives what the members are to get. */
export async function joinGroup(
  replica: Replica,
  by: { readonly invite: OpId; readonly secret: Bytes; readonly recovery: DeviceId | undefined },
  welcome: Pick<Welcome, 'keys' | 'rendezvous'>,
): Promise<Parcel> {
  const { context, keys, charter } = replica;
  const { device, space } = replica.identity;
  const named = by.recovery === undefined ? await context.nameRecovery?.(device) : undefined;
  const recovery = by.recovery ?? named?.key;
  const join = await writeJoin(charter, authorOf(replica), { ...by, recovery }, context.suite);
  named?.keep(space);
  replica.addOps([join]);
  await publishRecord(replica);
  takeWelcomeKeys(replica, welcome);
  replica.putIdentity();
  replica.save();
  keys.saveAll(context.disk);
  const record = encodeSignedRecord(replica.records.get(replica.identity.device)!);
  return { ...emptyParcel, ops: [encodeSignedOp(join)], records: [record] };
}

/** The space of one person's own devices. */
export async function foundSelf(context: SpaceContext): Promise<Replica> {
  const fresh = await freshDevice(context);
  const named = await context.nameRecovery?.(fresh.device);
  const genesis = await selfGenesis(fresh, named?.key, context.suite);
  const space = genesis.id as string as SpaceId;
  named?.keep(space);
  const replica = await freshReplica(context, { space, kind: 'self', relays: [], card: undefined, fresh });
  replica.addOps([genesis]);
  await publishRecord(replica);
  await rotate(replica);
  replica.putIdentity();
  replica.save();
  return replica;
}
