// What one group sends another: a task with the proof that an approved role sends it, and word of how it goes (SPEC.md §2).
// The proof is the sender's card, which names the role's key, and that key's signature. Both are checked offline.

import type { Brand } from '../bytes/brand.ts';
import { hex, type Bytes } from '../bytes/bytes.ts';
import type { DeviceId } from '../charter/ids.ts';
import { roleIdOf, type RoleId } from '../charter/rules.ts';
import type { CryptoSuite, Seed, Signature } from '../crypto/suite.ts';
import type { Millis } from '../ports.ts';
import { decode, encode } from '../wire/cbor.ts';
import { bytesOf, fields, tuple, type Fields } from '../wire/fields.ts';
import {
  decodeSignedCard,
  encodeSignedCard,
  isOutsideCardGenuine,
  MAX_SIGNED_CARD_BYTES,
  type SignedOutsideCard,
} from './outside-card.ts';

/** Drawn by the sender; names a task between two groups, and nothing else in either. */
export type OrderId = Brand<string, 'OrderId'>;

/** How an order goes on. `split`: made into several tasks. `returned`: it is not taken on, or no longer. */
export const ORDER_STATES = ['accepted', 'split', 'done', 'returned'] as const;
export type OrderState = (typeof ORDER_STATES)[number];

interface Addressed {
  /** Outside keys of the two groups. */
  readonly from: DeviceId;
  readonly to: DeviceId;
  /** The role of the sending group that signs. */
  readonly role: RoleId;
  readonly order: OrderId;
  readonly at: Millis;
}

export interface Order extends Addressed {
  readonly is: 'order';
  readonly title: string;
  readonly text: string;
  /** Calendar day, counted from 1 January 1970. */
  readonly due: number | undefined;
}

export interface Report extends Addressed {
  readonly is: 'report';
  /** Of several the one with the highest number holds. */
  readonly number: number;
  readonly state: OrderState;
  /** Tasks it was made into, and how many of them are done. */
  readonly parts: { readonly all: number; readonly done: number };
  readonly note: string;
}

export type Letter = Order | Report;

export interface SignedLetter<L extends Letter = Letter> {
  readonly letter: L;
  readonly bytes: Bytes;
  /** By the key of `letter.role` in the card. */
  readonly signature: Signature;
  readonly card: SignedOutsideCard;
}

const VERSION = 1;
export const MAX_ORDER_TITLE_BYTES = 500;
export const MAX_ORDER_TEXT_BYTES = 8_000;
const MAX_NOTE_BYTES = 2_000;
const MAX_PARTS = 200;
const MAX_DUE_DAY = 2_932_896;
const MAX_LETTER_BYTES = 9_400;
export const MAX_SIGNED_LETTER_BYTES = MAX_LETTER_BYTES + MAX_SIGNED_CARD_BYTES + 80;
const ORDER_ID_BYTES = 16;

export async function signLetter<L extends Letter>(
  suite: CryptoSuite,
  letter: L,
  by: { readonly card: SignedOutsideCard; readonly seed: Seed },
): Promise<SignedLetter<L>> {
  const bytes = encodeLetter(letter);
  const signed = { letter, bytes, signature: await suite.sign(letter.is, bytes, by.seed), card: by.card };
  decodeSignedLetter(encodeSignedLetter(signed)); // what nobody would take must not be sent
  return signed;
}

/** What is signed. */
export function encodeLetter(letter: Letter): Bytes {
  const { from, to, role, order, at } = letter;
  const common = { v: VERSION, is: letter.is, from: raw(from), to: raw(to), role, order: raw(order), at };
  if (letter.is === 'order') {
    const due = letter.due === undefined ? {} : { due: letter.due };
    return encode({ ...common, title: letter.title, text: letter.text, ...due });
  }
  const { number, state, parts, note } = letter;
  return encode({ ...common, number, state, all: parts.all, done: parts.done, note });
}

/** CBOR [card, letter, signature]. */
export function encodeSignedLetter(signed: SignedLetter): Bytes {
  return encode([encodeSignedCard(signed.card), signed.bytes, signed.signature]);
}

/** Throws `WireError` only. Who signed what is checked by `proofOf`. */
export function decodeSignedLetter(bytes: Uint8Array): SignedLetter {
  const name = 'letter';
  const [card, letter, signature] = tuple(decode(bytes, name, MAX_SIGNED_LETTER_BYTES), name, 3);
  const signed = bytesOf(letter, name, { max: MAX_LETTER_BYTES });
  return {
    letter: decodeLetter(signed),
    bytes: signed,
    signature: bytesOf(signature, name, 64) as Signature,
    card: decodeSignedCard(bytesOf(card, name, { max: MAX_SIGNED_CARD_BYTES })),
  };
}

/** Throws `WireError` only. */
export function decodeLetter(bytes: Uint8Array): Letter {
  const f = fields(decode(bytes, 'letter', MAX_LETTER_BYTES), 'letter');
  f.version('v', VERSION);
  const is = f.oneOf('is', ['order', 'report']);
  const common = {
    from: f.id<DeviceId>('from', 32),
    to: f.id<DeviceId>('to', 32),
    role: roleIdOf(f.value('role')),
    order: f.id<OrderId>('order', ORDER_ID_BYTES),
    at: f.uint('at') as Millis,
  };
  const letter = is === 'order' ? { ...common, ...takeOrder(f) } : { ...common, ...takeReport(f) };
  f.end();
  return letter;
}

function takeOrder(f: Fields): Omit<Order, keyof Addressed> {
  return {
    is: 'order',
    title: f.text('title', MAX_ORDER_TITLE_BYTES),
    text: f.text('text', MAX_ORDER_TEXT_BYTES),
    due: f.has('due') ? f.uint('due', MAX_DUE_DAY) : undefined,
  };
}

function takeReport(f: Fields): Omit<Report, keyof Addressed> {
  const all = f.uint('all', MAX_PARTS);
  return {
    is: 'report',
    number: f.uint('number'),
    state: f.oneOf('state', ORDER_STATES),
    parts: { all, done: f.uint('done', all) },
    note: f.text('note', MAX_NOTE_BYTES),
  };
}

/** What signatures alone say; the same for everybody at all times. */
export type Proof = 'genuine' | 'forged';

/** Whether the card is the sending group's and the role it names signed the letter. */
export async function proofOf(suite: CryptoSuite, { letter, bytes, signature, card }: SignedLetter): Promise<Proof> {
  const role = card.card.roles.find(({ id }) => id === letter.role);
  if (card.key !== letter.from || role === undefined || !(await isOutsideCardGenuine(suite, card))) return 'forged';
  return (await suite.verify(letter.is, bytes, signature, role.key)) ? 'genuine' : 'forged';
}

function raw(id: string): Bytes {
  const bytes = hex.decode(id);
  if (bytes === undefined) throw new Error('not an id');
  return bytes;
}
