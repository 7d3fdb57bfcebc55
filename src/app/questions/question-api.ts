// Asking the readers of a channel what they want, as the interface between the screens and the session (see api.ts): polls,
// consent, consensus, ranking. Voices are open: everybody who is asked sees who said what (core/decisions/SPEC.md).

import type { MessageId } from '#core/charter/ids.ts';
import type { Method, Stance, Voice } from '#core/decisions/decision-body.ts';
import type { Result } from '#core/decisions/result.ts';
import type { Millis } from '#core/ports.ts';
import type { Live, PersonId } from '../talk/talk-api.ts';
import type { Readers } from '../tasks/task-api.ts';

export type { Method, Stance, Voice } from '#core/decisions/decision-body.ts';
export type { Result, Round } from '#core/decisions/result.ts';

export type QuestionId = MessageId;

export interface Questions {
  /** Of all scopes one reads; open ones first, newest first. */
  readonly list: Live<readonly Question[]>;
  /** Whom one may ask. */
  readonly mayAsk: Live<readonly Readers[]>;
  ask(asking: Asking): Promise<QuestionAnswer>;
  /** What one wants; said again it takes the place of what one said before. */
  speak(question: QuestionId, voice: Voice, note: string): Promise<QuestionAnswer>;
  /** Takes one's voice back. */
  hush(question: QuestionId): Promise<QuestionAnswer>;
  /** What was said until now decides. */
  end(question: QuestionId): Promise<QuestionAnswer>;
}

export type QuestionAnswer = 'done' | 'not-allowed' | 'empty' | 'too-long' | 'gone' | 'no-room' | 'newer-version';

export interface Asking {
  readonly readers: Readers;
  readonly method: Method;
  readonly question: string;
  /** For polls and rankings: two or more. */
  readonly options: readonly string[];
  /** In a poll: how many one may pick. */
  readonly picks: number;
  /** So many voices at least, or it comes to nothing. */
  readonly turnout: number;
  /** The last calendar day for answers (tasks/SPEC.md). A reminder: no clock ends anything. */
  readonly until?: number | undefined;
}

export interface Question {
  readonly id: QuestionId;
  readonly readers: Readers;
  readonly by: PersonId;
  readonly at: Millis;
  readonly method: Method;
  readonly question: string;
  readonly options: readonly string[];
  readonly picks: number;
  readonly turnout: number;
  readonly until: number | undefined;
  readonly voices: readonly ShownVoice[];
  readonly result: Result;
  readonly endedBy: PersonId | undefined;
  /** Said in time and not counted: whoever ended it had not heard them, or left them out. */
  readonly left: readonly PersonId[];
  readonly mine: { readonly voice: Voice; readonly note: string } | undefined;
  readonly maySpeak: boolean;
  readonly mayEnd: boolean;
}

export interface ShownVoice {
  readonly by: PersonId;
  readonly voice: Voice;
  readonly note: string;
}

/** What a stance is called depends on the method: in consent a block is an objection, and nobody stands aside. */
export const STANCES_OF: Readonly<Record<'consent' | 'consensus', readonly Stance[]>> = {
  consent: ['agree', 'block'],
  consensus: ['agree', 'stand-aside', 'block'],
};
