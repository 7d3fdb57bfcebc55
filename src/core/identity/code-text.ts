// How codes for links and QR codes are spelled, whatever they hold: a magic of two letters says for what a code is, so
// that none can pass for another, and each way of being wrong can be told apart (SPEC.md §2, §7).

import { base64urlnopad, concat, equal, textOf, utf8, type Bytes } from '../bytes/bytes.ts';
import { hash } from '../crypto/hash.ts';
import type { Label } from '../crypto/labels.ts';
import { WireError } from '../wire/wire-error.ts';

/** One kind of code. */
export interface CodeKind {
  /** Two ASCII letters; every kind has its own. */
  readonly magic: string;
  /** An ASCII digit or letter. */
  readonly version: string;
  readonly label: Label;
  readonly maxBodyBytes: number;
}

/**
 * `cut`: shorter than it says. `damaged`: changed on the way. `newer-version`: whole, but made by a newer app.
 * `foreign`: not one of this kind.
 */
export type FrameProblem = 'cut' | 'damaged' | 'newer-version' | 'foreign';

// Frame: magic ‖ version as an ASCII digit or letter ‖ body length (u16) ‖ body ‖ checksum. It stays for all versions
// and kinds, so that an old app can tell a whole newer code from a broken one.
const HEAD_BYTES = 5;
const CHECKSUM_BYTES = 4;
const MAGIC_CHARS = 3;
/** Longest code text looked at; no version's code will exceed what a QR code holds. */
const MAX_CODE_CHARS = 4_000;

export function spellCode(kind: CodeKind, body: Uint8Array): string {
  return base64urlnopad.encode(frame(kind, kind.version.charCodeAt(0), body));
}

/** The body of the code in a text, a link or a line that ends with one. Never throws. */
export function bodyOfCode(kind: CodeKind, text: string): Uint8Array | FrameProblem {
  const code = codeIn(kind, text);
  if (code === undefined) return 'foreign';
  return code.length < MAGIC_CHARS + 1 ? 'cut' : unframe(kind, code);
}

/** What stands in the code in a text, read by the decoder of its kind, or what is wrong with it. Never throws. */
export function readCode<T extends object>(
  kind: CodeKind,
  text: string,
  decodeBody: (body: Uint8Array) => T,
): T | FrameProblem {
  const body = bodyOfCode(kind, text);
  if (typeof body === 'string') return body;
  try {
    return decodeBody(body);
  } catch (fault) {
    if (!(fault instanceof WireError)) throw fault;
    return fault.fault === 'unknown-version' ? 'newer-version' : 'damaged';
  }
}

/** The code with its length and checksum made right, as an attacker would: for fuzzing what lies behind them. */
export function reframeCode(kind: CodeKind, code: Uint8Array): Bytes {
  const text = textOf(code) ?? '';
  const bytes = base64urlnopad.decode(text) ?? new Uint8Array(0);
  if (bytes.length < HEAD_BYTES + CHECKSUM_BYTES) return new Uint8Array(code);
  const body = bytes.subarray(HEAD_BYTES, bytes.length - CHECKSUM_BYTES);
  return utf8(base64urlnopad.encode(frame(kind, bytes[2]!, body)));
}

/** magic ‖ version ‖ length ‖ body ‖ checksum, the same for all versions to come. */
function frame(kind: CodeKind, version: number, body: Uint8Array): Bytes {
  const head = concat(utf8(kind.magic), Uint8Array.of(version, body.length >>> 8, body.length & 0xff));
  return concat(head, body, checksum(kind, head, body));
}

/**
 * The code itself: links, mail programs and messengers put words and addresses before it, line breaks inside and
 * words or full stops behind. `undefined` where nothing of it is ours.
 */
function codeIn(kind: CodeKind, text: string): string | undefined {
  if (text.length > MAX_CODE_CHARS) return undefined;
  const start = startOf(kind);
  const words = text.trim().split(/\s+/u);
  const first = words.findLastIndex((word) => start.test(word));
  let code = start.exec(words[first] ?? '')?.[1];
  if (code === undefined) return undefined;
  for (const next of words.slice(first + 1)) {
    if (code.length >= expectedChars(code)) break;
    code += next;
  }
  return code.replace(/[.,;:!?)>\]}"'»”]+$/u, '');
}

/** Where a code begins inside a word; a piece shorter than the magic counts when nothing else is there. */
function startOf({ magic, version }: CodeKind): RegExp {
  // The magic alone leaves two bits of the third letter to the version, which ASCII digits begin alike.
  const text = base64urlnopad.encode(utf8(magic + version)).slice(0, MAGIC_CHARS);
  return new RegExp(`(?:^|[^A-Za-z0-9_-])(${text}.*|${text[0]!}${text[1]!}?)$`, 'u');
}

/** How long a code says it is, or more than it is while that cannot be read yet. */
function expectedChars(code: string): number {
  const head = base64urlnopad.decode(code.slice(0, 8));
  if (head === undefined || head.length < HEAD_BYTES) return code.length + 1;
  return Math.ceil(((HEAD_BYTES + ((head[3]! << 8) | head[4]!) + CHECKSUM_BYTES) * 4) / 3);
}

function unframe(kind: CodeKind, code: string): Uint8Array | FrameProblem {
  if (!/^[A-Za-z0-9_-]*$/u.test(code)) return 'damaged';
  const version = kind.version.charCodeAt(0);
  // Whole groups of four always decode, also of a text that was cut inside a group.
  const whole = base64urlnopad.decode(code.slice(0, code.length - (code.length % 4)))!;
  if (whole.length < HEAD_BYTES) return 'cut';
  const bodyLength = (whole[3]! << 8) | whole[4]!;
  const total = HEAD_BYTES + bodyLength + CHECKSUM_BYTES;
  const isTooLong = bodyLength > kind.maxBodyBytes && whole[2] === version;
  if (code.length < expectedChars(code)) return isTooLong ? 'damaged' : 'cut';
  const bytes = base64urlnopad.decode(code);
  if (bytes?.length !== total) return 'damaged';
  const head = bytes.subarray(0, HEAD_BYTES);
  const body = bytes.subarray(HEAD_BYTES, HEAD_BYTES + bodyLength);
  if (!equal(checksum(kind, head, body), bytes.subarray(HEAD_BYTES + bodyLength))) return 'damaged';
  return head[2] === version ? body : 'newer-version';
}

function checksum(kind: CodeKind, head: Uint8Array, body: Uint8Array): Uint8Array {
  return hash(kind.label, head, body).subarray(0, CHECKSUM_BYTES);
}
