// Spells values in CBOR, each in its one way (SPEC.md §1), into one buffer that is used again for the next.

import { compare, utf8, type Bytes } from '../bytes/bytes.ts';
import { ARRAY, BYTES, MAP, MAX_DEPTH, NEGATIVE, TEXT, UINT } from './cbor-scan.ts';

/** What may travel: no floats, no tags, no `undefined`, whole numbers of at most 53 bits. */
export type Encodable =
  null | boolean | number | string | Uint8Array | readonly Encodable[] | { readonly [key: string]: Encodable };

const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const HEAD_BYTES = 9;
const FIRST_ROOM = 16_384;
/** Names of fields whose spelling is remembered; our structures have some hundred. */
const REMEMBERED = 1_024;

const spelledKeys = new Map<string, Bytes>();

let room = new Uint8Array(FIRST_ROOM);
let at = 0;

/** The one spelling of a value. Throws a plain `Error` for what may not travel. */
export function spell(value: Encodable): Bytes {
  at = 0;
  try {
    put(value, 0);
    return room.slice(0, at);
  } finally {
    // Secrets are spelled too, and must not outlive their use here.
    room.fill(0, 0, at);
  }
}

function put(value: Encodable, depth: number): void {
  if (depth > MAX_DEPTH) throw new Error('cbor: nested too deeply to encode');
  if (typeof value === 'string') putText(value);
  else if (typeof value === 'number') putNumber(value);
  else if (typeof value === 'boolean') putByte(value ? TRUE : FALSE);
  else if (value === null) putByte(NULL);
  else if (typeof value !== 'object') throw new Error(`cbor: ${typeof value} does not travel`);
  else if (value instanceof Uint8Array) putBytes(BYTES, value);
  else if (isList(value)) {
    putHead(ARRAY, value.length);
    for (const item of value) put(item, depth + 1);
  } else putMap(value, depth);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function putNumber(value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new Error('cbor: not a whole number of 53 bits');
  if (value < 0) putHead(NEGATIVE, -1 - value);
  else putHead(UINT, value);
}

function putMap(map: { readonly [key: string]: Encodable }, depth: number): void {
  const fields = Object.keys(map).map((key) => ({ key, spelled: spelledKey(key) }));
  // A spelling begins with its length, so the order of spellings is length first, then bytes.
  fields.sort((a, b) => compare(a.spelled, b.spelled));
  putHead(MAP, fields.length);
  for (const { key, spelled } of fields) {
    putRaw(spelled);
    put(map[key]!, depth + 1);
  }
}

function spelledKey(key: string): Bytes {
  let spelled = spelledKeys.get(key);
  if (spelled === undefined) {
    if (key === '__proto__' || key === '' || key === '/' || wireText(key) !== key) {
      throw new Error('cbor: this map key does not travel');
    }
    const [start, bytes] = [at, utf8(key)];
    putBytes(TEXT, bytes);
    spelled = room.slice(start, at);
    at = start;
    if (spelledKeys.size < REMEMBERED) spelledKeys.set(key, spelled);
  }
  return spelled;
}

function putText(text: string): void {
  const start = at;
  need(HEAD_BYTES + text.length);
  putHead(TEXT, text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) {
      at = start;
      putBytes(TEXT, utf8(wireText(text)));
      return;
    }
    room[at++] = code;
  }
}

/**
 * A text in the only form that survives a UTF-8 decoder: a person may paste half an emoji or a byte order mark, and
 * must not end up with a message that nobody accepts.
 */
function wireText(text: string): string {
  return text.replace(/^\uFEFF+/, '').toWellFormed();
}

function putBytes(major: number, bytes: Uint8Array): void {
  putHead(major, bytes.length);
  putRaw(bytes);
}

function putRaw(bytes: Uint8Array): void {
  need(bytes.length);
  room.set(bytes, at);
  at += bytes.length;
}

function putByte(byte: number): void {
  need(1);
  room[at++] = byte;
}

/** A head (RFC 8949 §3) in its shortest form. */
function putHead(major: number, argument: number): void {
  need(HEAD_BYTES);
  const type = major << 5;
  if (argument < 24) {
    room[at++] = type | argument;
    return;
  }
  const power = argument < 0x100 ? 0 : argument < 0x10000 ? 1 : argument < 0x100000000 ? 2 : 3;
  room[at++] = type | (24 + power);
  const end = at + (1 << power);
  for (let i = end - 1; i >= at; i--) {
    room[i] = argument % 256;
    argument = Math.floor(argument / 256);
  }
  at = end;
}

function need(bytes: number): void {
  if (at + bytes <= room.length) return;
  const wider = new Uint8Array(Math.max(2 * room.length, at + bytes));
  wider.set(room.subarray(0, at));
  room.fill(0, 0, at);
  room = wider;
}
