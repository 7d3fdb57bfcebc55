// Byte strings: joining, comparing, and text forms.

import { base64urlnopad, hex } from './text-forms.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Short plain texts are read here: a decoder takes as long for them as for a page. */
const SHORT = 128;

function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 0x7f) return false;
  return true;
}

/** UTF-8 bytes of a text. */
export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

/** Text of UTF-8 bytes, or `undefined` where they are not UTF-8 (overlong forms and lone surrogates included). */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length <= SHORT && isAscii(bytes)) return Reflect.apply(String.fromCharCode, undefined, bytes);
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** One byte string made of several. */
export function concat(...parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether two byte strings are the same. Looks at every byte, so that the time does not tell where they differ. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** Whether a byte string stands anywhere in another. */
export function holds(bytes: Uint8Array, part: Uint8Array): boolean {
  for (let from = bytes.indexOf(part[0]!); from >= 0; from = bytes.indexOf(part[0]!, from + 1)) {
    let same = 0;
    while (same < part.length && bytes[from + same] === part[same]) same++;
    if (same === part.length) return true;
  }
  return part.length === 0;
}

/** Byte-wise order: negative when `a` comes first. A shorter string comes before one it begins. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Overwrites a secret that is no longer needed. JavaScript cannot promise that no copy remains. */
export function wipe(secret: Uint8Array): void {
  secret.fill(0);
}

export { base64urlnopad, hex };
