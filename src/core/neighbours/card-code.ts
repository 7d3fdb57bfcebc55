// A group's card as text, for links, QR codes and files (SPEC.md §1.1): other groups take it in. A code of its own kind, so
// that it passes neither for an invitation nor for the card of a person.

import type { Bytes } from '../bytes/bytes.ts';
import type { CryptoSuite } from '../crypto/suite.ts';
import { readCode, reframeCode, spellCode, type CodeKind, type FrameProblem } from '../identity/code-text.ts';
import { decodeSignedCard, encodeSignedCard, isOutsideCardGenuine, type SignedOutsideCard } from './outside-card.ts';

/** `expired`: its last day is over. It comes along, so that a group known already can be told from others. */
export type OutsideCardReading =
  { readonly is: 'card' | 'expired'; readonly card: SignedOutsideCard } | { readonly is: FrameProblem };

/** As much as the largest QR code holds. A card with many roles and long questions does not fit. */
export const MAX_CARD_CODE_BODY_BYTES = 2_150;
const KIND: CodeKind = {
  magic: 'uc',
  version: '1',
  label: 'outsideCardCode',
  maxBodyBytes: MAX_CARD_CODE_BODY_BYTES,
};

/** `undefined`: too much stands in the card for a code. */
export function outsideCardCode(card: SignedOutsideCard): string | undefined {
  const body = encodeSignedCard(card);
  return body.length > MAX_CARD_CODE_BODY_BYTES ? undefined : spellCode(KIND, body);
}

/** The card in a code, or in a link or a line of text that ends with one. `today` counts days since 1970 in UTC. */
export async function readOutsideCardCode(
  suite: CryptoSuite,
  text: string,
  today: number,
): Promise<OutsideCardReading> {
  const card = decodeOutsideCardCode(text);
  if (typeof card === 'string') return { is: card };
  if (!(await isOutsideCardGenuine(suite, card))) return { is: 'damaged' };
  return { is: card.expires < today ? 'expired' : 'card', card };
}

/** The card in a code text, or what is wrong with it; the signature is not checked. Never throws. */
export function decodeOutsideCardCode(text: string): SignedOutsideCard | FrameProblem {
  return readCode(KIND, text, decodeSignedCard);
}

/** The code with its length and checksum made right, for fuzzing what lies behind them. */
export function reframeOutsideCardCode(code: Uint8Array): Bytes {
  return reframeCode(KIND, code);
}
