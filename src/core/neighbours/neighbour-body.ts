// What a message about other groups holds (SPEC.md §4): whom we trust with what, and the letters that came and went.

import { equal, hex, type Bytes } from '../bytes/bytes.ts';
import type { MessageId } from '../charter/ids.ts';
import { roleIdOf, type RoleId } from '../charter/rules.ts';
import type { CryptoSuite, Seed } from '../crypto/suite.ts';
import type { Millis } from '../ports.ts';
import { decode, encode, type Encodable } from '../wire/cbor.ts';
import { bytesOf, fields, type Fields } from '../wire/fields.ts';
import { MAX_NAME_BYTES } from '../wire/text.ts';
import { WireError } from '../wire/wire-error.ts';
import {
  decodeSignedLetter,
  encodeSignedLetter,
  MAX_SIGNED_LETTER_BYTES,
  proofOf,
  type Proof,
  type SignedLetter,
} from './order.ts';
import {
  decodeSignedCard,
  encodeSignedCard,
  isOutsideCardGenuine,
  MAX_SIGNED_CARD_BYTES,
  type SignedOutsideCard,
} from './outside-card.ts';

export type NeighbourAct = { readonly at: Millis } & (
  | {
      /** Another group's card, whose roles named here may send this scope tasks. None: it may no longer. */
      readonly act: 'approve';
      readonly card: SignedOutsideCard;
      /** What we call the group. */
      readonly name: string;
      readonly roles: readonly RoleId[];
    }
  | {
      /** Our own card and what belongs to it, for those who read this scope: they get what is sent to it. */
      readonly act: 'keep';
      readonly card: SignedOutsideCard;
      /** Signs our cards. The group is known by it, so it stays from card to card. */
      readonly outside: Seed;
      /** Opens what is sealed to the card. */
      readonly sealing: Seed;
    }
  /** A newer card that came with a letter or was shown to somebody. */
  | { readonly act: 'card'; readonly card: SignedOutsideCard }
  | {
      /** A letter that came on this day of its relay node, counted from 1 January 1970. */
      readonly act: 'came';
      readonly letter: SignedLetter;
      readonly day: number;
    }
  /** A letter of ours that leaves; an order may stand for a task of this scope. */
  | { readonly act: 'went'; readonly letter: SignedLetter; readonly task: MessageId | undefined }
);

const ACTS = ['approve', 'card', 'came', 'went', 'keep'] as const;
const MAX_ROLES = 16;
const MAX_DAY = 2_932_896;
const MAX_BODY_BYTES = MAX_SIGNED_LETTER_BYTES + 400;
const SEED_BYTES = 32;
const VERSION = 1;

export function encodeNeighbourAct(act: NeighbourAct): Bytes {
  return encode({ v: VERSION, act: act.act, at: act.at, ...spell(act) });
}

/** Throws `WireError` only. Nothing is said of signatures. */
export function decodeNeighbourAct(bytes: Uint8Array): NeighbourAct {
  const f = fields(decode(bytes, 'neighbour', MAX_BODY_BYTES), 'neighbour');
  f.version('v', VERSION);
  const act = { ...takeAct(f), at: f.uint('at') as Millis };
  f.end();
  return act;
}

/** What the signatures in an act say. Our own card must also be that of the keys it comes with. */
export async function proofOfAct(suite: CryptoSuite, act: NeighbourAct): Promise<Proof> {
  if ('letter' in act) return proofOf(suite, act.letter);
  if (!(await isOutsideCardGenuine(suite, act.card))) return 'forged';
  if (act.act !== 'keep') return 'genuine';
  const { key, card } = act.card;
  const isOurs = hex.encode(await suite.signingKeyOf(act.outside)) === (key as string);
  return isOurs && equal(await suite.sealingKeyOf(act.sealing, 2), card.sealingKey) ? 'genuine' : 'forged';
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function takeAct(f: Fields): Without<NeighbourAct, 'at'> {
  const act = f.oneOf('act', ACTS);
  switch (act) {
    case 'approve': {
      const roles = f.list('roles', MAX_ROLES).map(roleIdOf);
      if (new Set(roles).size !== roles.length) throw new WireError('bad-field', 'neighbour');
      return { act, card: takeCard(f), name: f.text('name', MAX_NAME_BYTES), roles };
    }
    case 'card':
      return { act, card: takeCard(f) };
    case 'keep':
      return {
        act,
        card: takeCard(f),
        outside: f.bytes('outside', SEED_BYTES) as Seed,
        sealing: f.bytes('seal', SEED_BYTES) as Seed,
      };
    case 'came':
      return { act, letter: takeLetter(f), day: f.uint('day', MAX_DAY) };
    case 'went':
      return { act, letter: takeLetter(f), task: f.has('task') ? f.id<MessageId>('task', 32) : undefined };
  }
}

function takeCard(f: Fields): SignedOutsideCard {
  return decodeSignedCard(bytesOf(f.value('card'), 'neighbour', { max: MAX_SIGNED_CARD_BYTES }));
}

function takeLetter(f: Fields): SignedLetter {
  return decodeSignedLetter(bytesOf(f.value('letter'), 'neighbour', { max: MAX_SIGNED_LETTER_BYTES }));
}

function spell(act: NeighbourAct): Readonly<Record<string, Encodable>> {
  switch (act.act) {
    case 'approve':
      return { card: encodeSignedCard(act.card), name: act.name, roles: [...act.roles] };
    case 'card':
      return { card: encodeSignedCard(act.card) };
    case 'keep':
      return { card: encodeSignedCard(act.card), outside: act.outside, seal: act.sealing };
    case 'came':
      return { letter: encodeSignedLetter(act.letter), day: act.day };
    case 'went':
      return {
        letter: encodeSignedLetter(act.letter),
        ...(act.task === undefined ? {} : { task: hex.decode(act.task)! }),
      };
  }
}
