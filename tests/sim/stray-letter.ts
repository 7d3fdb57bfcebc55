// Letters that somebody leaves for a group who has its card and no right to: anybody can who knows the card.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import { cardBytes } from '#core/charter/proofs.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { COINS_BYTES, type CryptoSuite, type Seed } from '#core/crypto/suite.ts';
import { openMailbox } from '#core/mailbox/client.ts';
import { ENVELOPE_TTL_DAYS } from '#core/mailbox/limits.ts';
import { makeEnvelope, topicKeyOf } from '#core/mailbox/topic-key.ts';
import { neighbourTopicSeed, sealLetter } from '#core/neighbours/neighbour-mail.ts';
import { signLetter, type Order, type OrderId, type SignedLetter } from '#core/neighbours/order.ts';
import { encodeOutsideCard, type SignedOutsideCard } from '#core/neighbours/outside-card.ts';
import { DAY, type Millis, type PeerId } from '#core/ports.ts';
import { Dice } from './dice.ts';
import { SimNetwork, type Roads } from './sim-network.ts';
import type { World } from './world.ts';

/** A key that no card names. */
export const FORGER = new Uint8Array(32).fill(66) as Seed;

export interface Street {
  readonly world: World;
  readonly roads: Roads;
  readonly suite: CryptoSuite;
}

/** At the topic of a card, at the first of its relay nodes; whether it lies there. */
export async function leaveLetter(
  { world, roads, suite }: Street,
  to: SignedOutsideCard,
  letter: SignedLetter,
): Promise<boolean> {
  const coins = new Dice(7, `letter ${letter.letter.at}`);
  const network = new SimNetwork(roads, 'mallory', hex.encode(coins.bytes(8)) as PeerId);
  const link = await network.openMailbox(to.card.relays[0]!, new AbortController().signal);
  const client = await openMailbox(link, { clock: world.clock(() => 0), random: coins, suite });
  const topic = await topicKeyOf(suite, neighbourTopicSeed(to, client.day));
  const blob: Bytes = await sealLetter(suite, to, { letter, coins: coins.bytes(COINS_BYTES) });
  const envelope = await makeEnvelope(suite, topic, { blob, expiryDay: client.day + ENVELOPE_TTL_DAYS });
  const answer = await client.deposit(envelope);
  client.close();
  return answer === 'stored';
}

export type Pretence = 'forged' | 'expired' | 'revoked';

export interface Posing {
  /** The group somebody poses as, and its outside key: they were of it once. */
  readonly as: SignedOutsideCard;
  readonly outside: Seed;
  readonly to: SignedOutsideCard;
  readonly role: RoleId;
  readonly title: string;
  /** Drawn by whoever sends it. */
  readonly order: OrderId;
}

/** What has to be refused for this reason, and would be taken but for it. */
export async function strayLetter({ world, suite }: Street, why: Pretence, posing: Posing): Promise<SignedLetter> {
  const { as, to, role, title, order: id } = posing;
  const order: Order = {
    ...{ is: 'order', from: as.key, to: to.key, role, order: id },
    ...{ at: world.now as Millis, title, text: '', due: undefined },
  };
  if (why === 'forged') return signLetter(suite, order, { card: as, seed: FORGER });
  const card = { ...as.card, roles: [{ id: role, label: role, key: await suite.signingKeyOf(FORGER) }] };
  const bytes = encodeOutsideCard(card);
  const today = Math.floor(world.now / DAY);
  // Older than any card there is, or over since yesterday.
  const [number, expires] = why === 'revoked' ? [0, as.expires] : [as.number, today - 1];
  const signature = await suite.sign('groupCard', cardBytes({ number, expires, card: bytes }), posing.outside);
  return signLetter(suite, order, { card: { ...as, card, bytes, number, expires, signature }, seed: FORGER });
}
