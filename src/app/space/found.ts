// How spaces begin: answering somebody's card, taking in the answer to an own card, the own self space.

import { equal, hex, type Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, GrantId, Incarnation, SpaceId } from '#core/charter/ids.ts';
import { decodeSignedOp, encodeSignedOp, grantIdOf, type VerifiedOp } from '#core/charter/op.ts';
import { verifyOp } from '#core/charter/verify-op.ts';
import { addDeviceBody, pairGenesis, selfGenesis, type Author } from '#core/charter/write-op.ts';
import type { Seed } from '#core/crypto/suite.ts';
import { sealAnswer, type Answer } from '#core/identity/answer.ts';
import type { SignedCard } from '#core/identity/card.ts';
import { encodeSignedRecord, sealingKeyIdOf } from '#core/keys/device-record.ts';
import { newLeaf, type Leaf } from '#core/keys/leaf.ts';
import { DAY, type Millis } from '#core/ports.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { OwnCard } from '../people/card-rows.ts';
import { freshLeafKey, publishRecord } from './author.ts';
import { writeOwnOp } from './own-ops.ts';
import { rotate } from './rotate.ts';
import type { PairCard, SpaceIdentity } from './identity-row.ts';
import { takeParcel } from './intake.ts';
import { Replica, type SpaceContext } from './replica.ts';

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

/** A replica of a space that begins here. */
export async function freshReplica(
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
