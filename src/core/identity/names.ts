// Names and texts that others chose, made safe to show: nothing invisible, nothing that reorders what stands beside
// it (SPEC.md §5). After Unicode's security mechanisms (UTS #39), as far as names in a chat need them.

import { MAX_NAME_BYTES, shortened } from '../wire/text.ts';

/**
 * What looks like something unseen but carries meaning: joiners inside emoji, after an Indic virama and between Arabic
 * letters; variation selectors after emoji, Han and Mongolian letters; the tags that spell three flags; Arabic signs
 * that enclose numbers.
 */
const MEANT = [
  '(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f])\\u200d(?=\\p{Extended_Pictographic})',
  '(?<=[\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d4d\\u0dca])[\\u200c\\u200d]',
  '(?<=\\p{Script=Arabic})\\u200c(?=\\p{Script=Arabic})',
  '(?<=[\\p{Extended_Pictographic}0-9#*])[\\ufe0e\\ufe0f]',
  '(?<=\\p{Script=Han})[\\u{e0100}-\\u{e01ef}]',
  '(?<=[\\u1820-\\u18aa])[\\u180b-\\u180d\\u180f]',
  '(?<=\\u{1f3f4})[\\u{e0061}-\\u{e007a}]{2,6}\\u{e007f}',
  '[\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2]',
];
/** In running text also lines, tabs, and marks that steer neutral signs only: honest right-to-left texts hold them. */
const MEANT_IN_TEXTS = '[\\n\\t\\u061c\\u200e\\u200f]';
/**
 * Controls, format characters (bidi controls and zero widths among them), lone surrogates, private use, unassigned, line
 * separators; then letters and marks that look like nothing.
 */
const UNSEEN = [
  '[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Cn}\\p{Zl}\\p{Zp}]',
  '[\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u2800\\u3164\\uffa0\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]',
];
// One pass: the first alternatives are captured and stay, the rest goes.
const unseenInNames = new RegExp(`(${MEANT.join('|')})|${UNSEEN.join('|')}`, 'gu');
const unseenInTexts = new RegExp(`(${[...MEANT, MEANT_IN_TEXTS].join('|')})|${UNSEEN.join('|')}`, 'gu');
/** What most texts are made of, and nothing of it is unseen or composed: they need not be looked through. */
const PLAIN = /^[\n\t -~]*$/u;
/** Marks piled on one letter: Vietnamese, Hebrew and Arabic need up to three; more paint over the neighbours. */
const PILED_MARKS = /(\p{M}{3})\p{M}+/gu;

/**
 * A name as it may be shown: composed, one line, at most 200 bytes. Empty when nothing visible is left: the screen
 * then says so in its own words.
 */
export function safeName(name: string): string {
  const seen = withoutUnseen(name.slice(0, 4 * MAX_NAME_BYTES).replace(/\s+/gu, ' '), unseenInNames);
  return shortened(seen.replace(/\s+/gu, ' ').trim(), MAX_NAME_BYTES).trim();
}

/** A message or a title as it may be shown: as a name, but line breaks, tabs and bidi marks stay. */
export function safeText(text: string): string {
  return withoutUnseen(text.replace(/\r\n?|[\u2028\u2029\u0085\v\f]/gu, '\n'), unseenInTexts);
}

function withoutUnseen(text: string, unseen: RegExp): string {
  if (PLAIN.test(text)) return text;
  const seen = text.replace(unseen, (_unseen, kept: string | undefined) => kept ?? '');
  // Composed last: what stood apart because of something invisible may belong together now.
  return seen.normalize('NFC').replace(PILED_MARKS, '$1');
}
