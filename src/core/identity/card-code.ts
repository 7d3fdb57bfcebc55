// A card as text, for links and QR codes, made so that each way of being wrong can be told apart (SPEC.md §2).

import type { Bytes } from '../bytes/bytes.ts';
import type { CryptoSuite } from '../crypto/suite.ts';
import { decodeCard, encodeCard, isCardGenuine, MAX_CARD_BYTES, type SignedCard } from './card.ts';
import { readCode, reframeCode, spellCode, type CodeKind, type FrameProblem } from './code-text.ts';

/** Whole and genuine, or what is wrong with it (code-text.ts). `expired`: its last day is over by this device's clock. */
export type CardCodeReading =
  | { readonly is: 'card'; readonly card: SignedCard }
  /** An expired card comes along, so that one's own can be told from somebody else's. */
  | { readonly is: 'expired'; readonly card: SignedCard }
  | { readonly is: FrameProblem };

const KIND: CodeKind = { magic: 'us', version: '1', label: 'cardCode', maxBodyBytes: MAX_CARD_BYTES };

export function cardCode(card: SignedCard): string {
  return spellCode(KIND, encodeCard(card));
}

/** Reads a code, or a link or a line of text that ends with one. `today` counts days since 1970 in UTC. */
export async function readCardCode(suite: CryptoSuite, text: string, today: number): Promise<CardCodeReading> {
  const found = decodeCardCode(text);
  if (typeof found === 'string') return { is: found };
  if (!(await isCardGenuine(suite, found))) return { is: 'damaged' };
  return { is: found.card.expiryDay < today ? 'expired' : 'card', card: found };
}

/** The card in a code text, or what is wrong with it; the signature is not checked. Never throws. */
export function decodeCardCode(text: string): SignedCard | FrameProblem {
  return readCode(KIND, text, decodeCard);
}

/** The code with its length and checksum made right, as an attacker would: for fuzzing what lies behind them. */
export function reframe(code: Uint8Array): Bytes {
  return reframeCode(KIND, code);
}
