// What a decision message holds (SPEC.md §1): a question, a voice, or the end of the asking. A decision's id is the id of
// the message that asked.

import { hex, type Bytes } from '../bytes/bytes.ts';
import type { MessageId } from '../charter/ids.ts';
import type { Millis } from '../ports.ts';
import { decode, encode, type Encodable } from '../wire/cbor.ts';
import { fields, textField, uintOf, type Fields } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';

/**
 * How a group decides. `poll`: options are picked, most picks lead. `consent`: passes unless somebody objects.
 * `consensus`: passes when all who spoke agree or stand aside, and nobody blocks. `ranked`: options are put in order, and
 * the weakest drops out until one has a majority.
 */
export const METHODS = ['poll', 'consent', 'consensus', 'ranked'] as const;
export type Method = (typeof METHODS)[number];

/** An option by its place in the question's list. */
export type Option = number;

export const STANCES = ['agree', 'stand-aside', 'block'] as const;
/** In `consent` a block is an objection, and nobody stands aside. */
export type Stance = (typeof STANCES)[number];

export type DecisionAct = { readonly at: Millis } & (
  | {
      readonly act: 'ask';
      readonly method: Method;
      readonly question: string;
      /** For `poll` and `ranked`: at least two. */
      readonly options: readonly string[];
      /** In a `poll`: how many options one person may pick. */
      readonly picks: number;
      /** So many voices at least, or the decision comes to nothing. */
      readonly turnout: number;
      /** The day on which it is meant to end, counted from 1 January 1970. A reminder, not a rule: clocks differ. */
      readonly untilDay: number | undefined;
    }
  | {
      readonly act: 'voice';
      readonly decision: MessageId;
      readonly voice: Voice;
      /** Why somebody blocks or stands aside. */
      readonly note: string;
    }
  | { readonly act: 'hush'; readonly decision: MessageId }
  /** Ends it with these voices and no others, so that what was decided never changes. */
  | { readonly act: 'end'; readonly decision: MessageId; readonly counted: readonly MessageId[] }
);

export type Voice =
  | { readonly is: 'picks'; readonly options: readonly Option[] }
  | { readonly is: 'order'; readonly options: readonly Option[] }
  | { readonly is: 'stance'; readonly stance: Stance };

const ACTS = ['ask', 'voice', 'hush', 'end'] as const;

export const MAX_QUESTION_BYTES = 2_000;
export const MAX_OPTIONS = 50;
export const MAX_OPTION_BYTES = 300;
export const MAX_NOTE_BYTES = 2_000;
/** As many people as a group is made for, twice. */
export const MAX_COUNTED = 600;
const MAX_TURNOUT = MAX_COUNTED;
const MAX_DAY = 2_932_896;
const MAX_BODY_BYTES = 24_000;
const ID_BYTES = 32;
const VERSION = 1;

export function encodeDecisionAct(act: DecisionAct): Bytes {
  return encode({ v: VERSION, act: act.act, at: act.at, ...spell(act) });
}

/** Throws `WireError` only. */
export function decodeDecisionAct(bytes: Uint8Array): DecisionAct {
  const read = fields(decode(bytes, 'decision', MAX_BODY_BYTES), 'decision');
  read.version('v', VERSION);
  const kind = read.oneOf('act', ACTS);
  const at = read.uint('at') as Millis;
  const act = { at, ...takeAct(kind, read) };
  read.end();
  return act;
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function takeAct(kind: (typeof ACTS)[number], read: Fields): Without<DecisionAct, 'at'> {
  if (kind === 'ask') return takeQuestion(read);
  const decision = read.id<MessageId>('decision', ID_BYTES);
  if (kind === 'hush') return { act: kind, decision };
  if (kind === 'end') {
    const counted = read.ids<MessageId>('counted', ID_BYTES, { max: MAX_COUNTED });
    if (new Set(counted).size !== counted.length) throw new WireError('bad-field', 'decision');
    return { act: kind, decision, counted };
  }
  const note = read.has('note') ? read.text('note', MAX_NOTE_BYTES) : '';
  // One spelling only: no note is no field.
  if (read.has('note') && note === '') throw new WireError('bad-field', 'decision');
  return { act: kind, decision, voice: takeVoice(read), note };
}

function takeQuestion(read: Fields): Without<Extract<DecisionAct, { act: 'ask' }>, 'at'> {
  const method = read.oneOf('method', METHODS);
  const options = read.list('options', MAX_OPTIONS).map((one) => textField(one, 'decision', MAX_OPTION_BYTES));
  const picks = read.uint('picks', MAX_OPTIONS);
  const hasOptions = method === 'poll' || method === 'ranked';
  const areOptionsSound = hasOptions
    ? options.length >= 2 && new Set(options).size === options.length
    : options.length === 0;
  const arePicksSound = method === 'poll' ? picks >= 1 && picks <= options.length : picks === 0;
  if (!areOptionsSound || !arePicksSound) throw new WireError('bad-field', 'decision');
  return {
    act: 'ask',
    method,
    question: read.text('question', MAX_QUESTION_BYTES),
    options,
    picks,
    turnout: read.uint('turnout', MAX_TURNOUT),
    untilDay: read.has('until') ? read.uint('until', MAX_DAY) : undefined,
  };
}

function takeVoice(read: Fields): Voice {
  if (read.has('stance')) return { is: 'stance', stance: read.oneOf('stance', STANCES) };
  const is = read.has('order') ? 'order' : 'picks';
  const options = read.list(is, MAX_OPTIONS).map((one) => uintOf(one, 'decision', MAX_OPTIONS - 1));
  if (new Set(options).size !== options.length) throw new WireError('bad-field', 'decision');
  // Which ones are picked has no order, and so one spelling.
  const isAscending = options.every((option, i) => i === 0 || options[i - 1]! < option);
  if (is === 'picks' && !isAscending) throw new WireError('not-canonical', 'decision');
  return { is, options };
}

function spell(act: DecisionAct): Readonly<Record<string, Encodable>> {
  switch (act.act) {
    case 'ask': {
      const until = act.untilDay === undefined ? {} : { until: act.untilDay };
      const { method, question, options, picks, turnout } = act;
      return { method, question, options: [...options], picks, turnout, ...until };
    }
    case 'voice':
      return { decision: raw(act.decision), ...spellVoice(act.voice), ...(act.note === '' ? {} : { note: act.note }) };
    case 'hush':
      return { decision: raw(act.decision) };
    case 'end':
      return { decision: raw(act.decision), counted: act.counted.map(raw) };
  }
}

function spellVoice(voice: Voice): Readonly<Record<string, Encodable>> {
  if (voice.is === 'stance') return { stance: voice.stance };
  const options = [...voice.options];
  return voice.is === 'order' ? { order: options } : { picks: options.sort((a, b) => a - b) };
}

function raw(id: string): Bytes {
  const bytes = hex.decode(id);
  if (bytes === undefined) throw new Error('not an id');
  return bytes;
}
