// Byte strings for the mutators.
import type { Dice } from './dice.ts';

const EDGE_BYTES = [0, 1, 2, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x3b, 0x40, 0x5f, 0x60, 0x7f, 0x80, 0x9b, 0x9f, 0xa0, 0xbf];
const MORE_EDGE_BYTES = [0xc2, 0xd8, 0xe0, 0xf4, 0xf6, 0xf7, 0xf9, 0xfb, 0xff];
/** Bytes at which decoders decide something: CBOR heads, lengths, signs. */
export const EDGES = [...EDGE_BYTES, ...MORE_EDGE_BYTES];

export function randomBytes(count: number, dice: Dice): Uint8Array {
  return Uint8Array.from({ length: count }, () => dice.below(256));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}
