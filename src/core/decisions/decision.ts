// One decision as the acts on it make it, in content order (SPEC.md §2).
//
// Invariants
// 1. The state is a function of the set of acts and of what the charter says of their authors.
// 2. Each person has one voice: their last one that nobody's end came before.
// 3. What was decided is never decided otherwise: the end names the voices that count.

import { comparePlaces, type Place } from '../chain/place.ts';
import type { MessageId, PrincipalId } from '../charter/ids.ts';
import type { Millis } from '../ports.ts';
import type { DecisionAct, Method, Voice } from './decision-body.ts';
import { resultOf, type Result, type Spoken } from './result.ts';

/** What the charter, as the act's author knew it, says of them. */
export interface Speaker {
  readonly principal: PrincipalId;
  /** The right `decisions`: to ask, and to end what others asked. */
  readonly mayDecide: boolean;
  /** The right `post`: to speak. */
  readonly mayPost: boolean;
}

export interface ToldDecision extends Place {
  readonly speaker: Speaker;
  readonly act: DecisionAct;
}

export type VoiceRefusal =
  | 'not-allowed'
  | 'ended'
  | 'before-the-question'
  /** Not a voice by the method of the question. */
  | 'other-method'
  /** The end counts a voice that is not one. */
  | 'miscounted';

export interface Decision {
  readonly id: MessageId;
  readonly by: PrincipalId;
  readonly at: Millis;
  readonly method: Method;
  readonly question: string;
  readonly options: readonly string[];
  readonly picks: number;
  readonly turnout: number;
  readonly untilDay: number | undefined;
  /** Everybody's voice as it stands, in the order of the people's ids. */
  readonly voices: readonly Spoken[];
  /** What they come to now; the final result once it ended. */
  readonly result: Result;
  readonly end: DecisionEnd | undefined;
  readonly refused: readonly { readonly id: MessageId; readonly why: VoiceRefusal }[];
}

export interface DecisionEnd {
  readonly id: MessageId;
  readonly by: PrincipalId;
  /** Voices that stood when it ended, as far as anybody knows now, and that were not counted. */
  readonly left: readonly Spoken[];
}

type Asking = ToldDecision & { readonly act: Extract<DecisionAct, { act: 'ask' }> };

/** Folds the acts on one decision, given in any order. `undefined`: nobody who might asked it, or it is not here. */
export function foldDecision(id: MessageId, told: readonly ToldDecision[]): Decision | undefined {
  const asked = told.find((one): one is Asking => one.id === id && one.act.act === 'ask');
  if (asked === undefined || !asked.speaker.mayDecide) return undefined;
  const hearing = new Hearing(asked);
  for (const one of told.filter((other) => other !== asked).sort(comparePlaces)) hearing.take(one);
  return hearing.decision();
}

class Hearing {
  readonly #asked: Asking;
  readonly #voices = new Map<PrincipalId, Spoken>();
  /** Every sound voice ever heard, for ends to count. */
  readonly #heard = new Map<MessageId, Spoken>();
  readonly #refused: { id: MessageId; why: VoiceRefusal }[] = [];
  #end: { readonly told: ToldDecision; readonly counted: readonly Spoken[] } | undefined;

  constructor(asked: Asking) {
    this.#asked = asked;
  }

  take(told: ToldDecision): void {
    const why = this.#refusalOf(told);
    if (why !== undefined) {
      this.#refused.push({ id: told.id, why });
      return;
    }
    const { id, speaker, act } = told;
    if (act.act === 'voice') {
      const spoken = { id, by: speaker.principal, voice: act.voice, note: act.note };
      this.#voices.set(speaker.principal, spoken);
      this.#heard.set(id, spoken);
    } else if (act.act === 'hush') this.#voices.delete(speaker.principal);
    else if (act.act === 'end') this.#end = { told, counted: act.counted.map((one) => this.#heard.get(one)!) };
  }

  decision(): Decision {
    const { id, speaker, act } = this.#asked;
    const voices = this.#end?.counted ?? [...this.#voices.values()];
    const inOrder = [...voices].sort((a, b) => (a.by < b.by ? -1 : 1));
    const { at, method, question, options, picks, turnout, untilDay } = act;
    const asked = { at, method, question, options, picks, turnout, untilDay };
    const result = resultOf(act, inOrder);
    return { id, by: speaker.principal, ...asked, voices: inOrder, result, end: this.#ended(), refused: this.#refused };
  }

  #ended(): DecisionEnd | undefined {
    if (this.#end === undefined) return undefined;
    const { told, counted } = this.#end;
    const names = new Set(counted.map((one) => one.id));
    const left = [...this.#voices.values()].filter((one) => !names.has(one.id));
    return { id: told.id, by: told.speaker.principal, left };
  }

  #refusalOf({ id, lamport, speaker, act }: ToldDecision): VoiceRefusal | undefined {
    if (comparePlaces({ id, lamport }, this.#asked) < 0) return 'before-the-question';
    if (this.#end !== undefined) return 'ended';
    switch (act.act) {
      case 'ask':
        return 'not-allowed';
      case 'hush':
        return this.#voices.has(speaker.principal) ? undefined : 'not-allowed';
      case 'voice':
        if (!speaker.mayPost && !speaker.mayDecide) return 'not-allowed';
        return isOfMethod(act.voice, this.#asked.act) ? undefined : 'other-method';
      case 'end':
        if (!speaker.mayDecide && speaker.principal !== this.#asked.speaker.principal) return 'not-allowed';
        return this.#isCounted(act.counted) ? undefined : 'miscounted';
    }
  }

  /** Known voices, one for each person. */
  #isCounted(counted: readonly MessageId[]): boolean {
    const people = counted.map((id) => this.#heard.get(id)?.by);
    return people.every((by) => by !== undefined) && new Set(people).size === people.length;
  }
}

function isOfMethod(voice: Voice, asked: Asking['act']): boolean {
  const isKnown = voice.is === 'stance' || voice.options.every((option) => option < asked.options.length);
  switch (asked.method) {
    case 'poll':
      return voice.is === 'picks' && isKnown && voice.options.length <= asked.picks;
    case 'ranked':
      return voice.is === 'order' && isKnown;
    case 'consent':
      return voice.is === 'stance' && voice.stance !== 'stand-aside';
    case 'consensus':
      return voice.is === 'stance';
  }
}

/** The voices an end made now would count. */
export function countable(decision: Decision): readonly MessageId[] {
  return decision.voices.map((one) => one.id);
}
