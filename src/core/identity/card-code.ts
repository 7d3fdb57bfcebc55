// A card as text, for links and QR codes, made so that each way of being wrong can be told apart (SPEC.md §2).

import { base64urlnopad, concat, equal, textOf, utf8, type Bytes } from '../bytes/bytes.ts';
import { hash } from '../crypto/hash.ts';
import type { CryptoSuite } from '../crypto/suite.ts';
import { WireError } from '../wire/wire-error.ts';
import { decodeCard, encodeCard, isCardGenuine, MAX_CARD_BYTES, type SignedCard } from './card.ts';

/**
 * `cut`: shorter than it says. `damaged`: changed on the way. `newer-version`: whole, but made by a newer app.
 * `foreign`: not one of ours. `expired`: whole and genuine, but its last day is over by this device's clock.
 */
export type CardCodeProblem = 'cut' | 'damaged' | 'newer-version' | 'foreign' | 'expired';

export type CardCodeReading =
  | { readonly is: 'card'; readonly card: SignedCard }
  /** An expired card comes along, so that one's own can be told from somebody else's. */
  | { readonly is: 'expired'; readonly card: SignedCard }
  | { readonly is: Exclude<CardCodeProblem, 'expired'> };

// Frame: 'u' 's' ‖ version as an ASCII digit or letter ‖ body length (u16) ‖ body ‖ checksum. It stays for all
// versions, so that an old app can tell a whole newer code from a broken one.
const MAGIC = utf8('us');
const VERSION = 0x31; // '1'
const HEAD_BYTES = 5;
const CHECKSUM_BYTES = 4;
/** 'us' alone in base 64 leaves two bits of the third letter to the version. */
const MAGIC_TEXT = 'dXM';
/** Where a code begins inside a word; a piece shorter than the magic counts when nothing else is there. */
const CODE_START = /(?:^|[^A-Za-z0-9_-])(dXM.*|dX?)$/u;
/** Longest code text looked at; no version's code will exceed what a QR code holds. */
const MAX_CODE_CHARS = 4_000;

export function cardCode(card: SignedCard): string {
  return base64urlnopad.encode(frame(VERSION, encodeCard(card)));
}

/** Reads a code, or a link or a line of text that ends with one. `today` counts days since 1970 in UTC. */
export async function readCardCode(suite: CryptoSuite, text: string, today: number): Promise<CardCodeReading> {
  const found = decodeCardCode(text);
  if (typeof found === 'string') return { is: found };
  if (!(await isCardGenuine(suite, found))) return { is: 'damaged' };
  return { is: found.card.expiryDay < today ? 'expired' : 'card', card: found };
}

/** The card in a code text, or what is wrong with it; the signature is not checked. Never throws. */
export function decodeCardCode(text: string): SignedCard | Exclude<CardCodeProblem, 'expired'> {
  const code = codeIn(text);
  if (code === undefined) return 'foreign';
  if (code.length < MAGIC_TEXT.length + 1) return 'cut';
  const body = unframe(code);
  if (typeof body === 'string') return body;
  try {
    return decodeCard(body);
  } catch (fault) {
    if (!(fault instanceof WireError)) throw fault;
    return fault.fault === 'unknown-version' ? 'newer-version' : 'damaged';
  }
}

/** magic ‖ version ‖ length ‖ body ‖ checksum, the same for all versions to come. */
function frame(version: number, body: Uint8Array): Bytes {
  const head = concat(MAGIC, Uint8Array.of(version, body.length >>> 8, body.length & 0xff));
  return concat(head, body, checksum(head, body));
}

/** The code with its length and checksum made right, as an attacker would: for fuzzing what lies behind them. */
export function reframe(code: Uint8Array): Bytes {
  const text = textOf(code) ?? '';
  const bytes = base64urlnopad.decode(text) ?? new Uint8Array(0);
  if (bytes.length < HEAD_BYTES + CHECKSUM_BYTES) return new Uint8Array(code);
  return utf8(base64urlnopad.encode(frame(bytes[2]!, bytes.subarray(HEAD_BYTES, bytes.length - CHECKSUM_BYTES))));
}

/**
 * The code itself: links, mail programs and messengers put words and addresses before it, line breaks inside and
 * words or full stops behind. `undefined` where nothing of it is ours.
 */
function codeIn(text: string): string | undefined {
  if (text.length > MAX_CODE_CHARS) return undefined;
  const words = text.trim().split(/\s+/u);
  const first = words.findLastIndex((word) => CODE_START.test(word));
  let code = CODE_START.exec(words[first] ?? '')?.[1];
  if (code === undefined) return undefined;
  for (const next of words.slice(first + 1)) {
    if (code.length >= expectedChars(code)) break;
    code += next;
  }
  return code.replace(/[.,;:!?)>\]}"'»”]+$/u, '');
}

/** How long a code says it is, or more than it is while that cannot be read yet. */
function expectedChars(code: string): number {
  const head = base64urlnopad.decode(code.slice(0, 8));
  if (head === undefined || head.length < HEAD_BYTES) return code.length + 1;
  return Math.ceil(((HEAD_BYTES + ((head[3]! << 8) | head[4]!) + CHECKSUM_BYTES) * 4) / 3);
}

function unframe(code: string): Uint8Array | 'cut' | 'damaged' | 'newer-version' {
  if (!/^[A-Za-z0-9_-]*$/u.test(code)) return 'damaged';
  // Whole groups of four always decode, also of a text that was cut inside a group.
  const whole = base64urlnopad.decode(code.slice(0, code.length - (code.length % 4)))!;
  if (whole.length < HEAD_BYTES) return 'cut';
  const bodyLength = (whole[3]! << 8) | whole[4]!;
  const total = HEAD_BYTES + bodyLength + CHECKSUM_BYTES;
  if (code.length < expectedChars(code)) return bodyLength > MAX_CARD_BYTES && whole[2] === VERSION ? 'damaged' : 'cut';
  const bytes = base64urlnopad.decode(code);
  if (bytes?.length !== total) return 'damaged';
  const head = bytes.subarray(0, HEAD_BYTES);
  const body = bytes.subarray(HEAD_BYTES, HEAD_BYTES + bodyLength);
  if (!equal(checksum(head, body), bytes.subarray(HEAD_BYTES + bodyLength))) return 'damaged';
  return head[2] === VERSION ? body : 'newer-version';
}

function checksum(head: Uint8Array, body: Uint8Array): Uint8Array {
  return hash('cardCode', head, body).subarray(0, CHECKSUM_BYTES);
}
