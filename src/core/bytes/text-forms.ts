// Text forms of byte strings (RFC 4648), strict on the way in: one text for each byte string, nothing else accepted.

interface TextForm {
  encode(bytes: Uint8Array): string;
  /** `undefined` where the text is not the form's only spelling of some bytes. */
  decode(text: string): Uint8Array<ArrayBuffer> | undefined;
}

/** A base-2^bits form without padding. */
function radix(alphabet: string, bits: number): TextForm {
  const values = new Int8Array(128).fill(-1);
  for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i;
  const mask = (1 << bits) - 1;
  return {
    encode(bytes) {
      let text = '';
      let carry = 0;
      let held = 0;
      for (const byte of bytes) {
        carry = (carry << 8) | byte;
        held += 8;
        while (held >= bits) {
          held -= bits;
          text += alphabet[(carry >>> held) & mask]!;
        }
        carry &= (1 << held) - 1;
      }
      if (held > 0) text += alphabet[(carry << (bits - held)) & mask]!;
      return text;
    },
    decode(text) {
      const bytes = new Uint8Array(Math.floor((text.length * bits) / 8));
      // A last character that adds no byte would be a second spelling.
      if (Math.ceil((bytes.length * 8) / bits) !== text.length) return undefined;
      let carry = 0;
      let held = 0;
      let at = 0;
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i);
        const value = code < 128 ? values[code]! : -1;
        if (value < 0) return undefined;
        carry = (carry << bits) | value;
        held += bits;
        if (held >= 8) {
          held -= 8;
          bytes[at++] = carry >>> held;
          carry &= (1 << held) - 1;
        }
      }
      return carry === 0 ? bytes : undefined;
    },
  };
}

const HEX_DIGITS = '0123456789abcdef';
/** Character codes of both digits of a byte. */
const HEX_HIGH = Uint8Array.from({ length: 256 }, (_, byte) => HEX_DIGITS.charCodeAt(byte >> 4));
const HEX_LOW = Uint8Array.from({ length: 256 }, (_, byte) => HEX_DIGITS.charCodeAt(byte & 15));
/** Longer byte strings are spelled in pieces. */
const PIECE = 64;
/** The digits of a piece of each length: a list of just so many, for all pieces of that length. */
const digits = Array.from({ length: PIECE + 1 }, (_, length) => new Array<number>(2 * length).fill(0));

function hexOfPiece(bytes: Uint8Array): string {
  const codes = digits[bytes.length]!;
  for (let i = 0; i < bytes.length; i++) {
    codes[2 * i] = HEX_HIGH[bytes[i]!]!;
    codes[2 * i + 1] = HEX_LOW[bytes[i]!]!;
  }
  // Made in one piece: a text joined from its digits costs as much again when it is first looked up.
  return Reflect.apply(String.fromCharCode, undefined, codes);
}

function spellHex(bytes: Uint8Array): string {
  if (bytes.length <= PIECE) return hexOfPiece(bytes);
  let text = '';
  for (let from = 0; from < bytes.length; from += PIECE) text += hexOfPiece(bytes.subarray(from, from + PIECE));
  return text;
}

/** Byte strings that spell themselves (ECMAScript 2026): five times as fast when a start has ten thousand ids to spell. */
type Spelling = Uint8Array & { readonly toHex?: () => string };
const isNative = (new Uint8Array() as Spelling).toHex !== undefined;

/** Value of a character code; 16 where it is no digit. */
const HEX_VALUES = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = HEX_DIGITS.indexOf(String.fromCharCode(code));
  return value < 0 ? 16 : value;
});

/**
 * Base 16, lower case. The form of ids in memory and in logs of tests. Written out, since ids are turned over by the
 * hundred thousand when messages are caught up.
 */
export const hex: TextForm = {
  encode: isNative ? (bytes: Spelling) => bytes.toHex!() : spellHex,
  decode(text) {
    if (text.length % 2 !== 0) return undefined;
    const bytes = new Uint8Array(text.length / 2);
    for (let i = 0; i < bytes.length; i++) {
      const high = HEX_VALUES[text.charCodeAt(2 * i)] ?? 16;
      const low = HEX_VALUES[text.charCodeAt(2 * i + 1)] ?? 16;
      if ((high | low) > 15) return undefined;
      bytes[i] = (high << 4) | low;
    }
    return bytes;
  },
};
/** Base 64 for links (RFC 4648 §5) without padding. */
export const base64urlnopad: TextForm = radix('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', 6);
