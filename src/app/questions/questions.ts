// The questions of one group as the screens use them: folded from the acts that stand, and answered.

import { utf8 } from '#core/bytes/bytes.ts';
import {
  MAX_NOTE_BYTES,
  MAX_OPTION_BYTES,
  MAX_OPTIONS,
  MAX_QUESTION_BYTES,
  type DecisionAct,
  type Voice,
} from '#core/decisions/decision-body.ts';
import { countable, foldDecision, type Decision, type Speaker, type ToldDecision } from '#core/decisions/decision.ts';
import { safeText } from '#core/identity/names.ts';
import type { Clock } from '#core/ports.ts';
import { LiveValue } from '../live-value.ts';
import type { Asking, Question, QuestionAnswer, QuestionId, Questions } from './question-api.ts';
import { personOf } from '../tasks/task-names.ts';
import type { Readers } from '../tasks/task-api.ts';

/** An act that stands, in the scope of those who can read it. */
export interface HeardQuestion {
  readonly readers: Readers;
  readonly told: ToldDecision;
}

/** Where the questions get their acts from and leave their own: the replica of the group, or a double of it. */
export interface QuestionLog {
  told(): readonly HeardQuestion[];
  /** Called when acts came, or what they come to may be other. */
  listen(changed: () => void): void;
  readable(): readonly Readers[];
  /** What the group's rules say of oneself in a scope now; `undefined` where one may write nothing. */
  me(readers: Readers): Speaker | undefined;
  write(readers: Readers, act: DecisionAct): Promise<QuestionAnswer>;
}

export class GroupQuestions implements Questions {
  readonly list = new LiveValue<readonly Question[]>([]);
  readonly mayAsk = new LiveValue<readonly Readers[]>([]);
  readonly #log: QuestionLog;
  readonly #clock: Clock;
  readonly #decisions = new Map<QuestionId, { readonly readers: Readers; readonly decision: Decision }>();
  #shown = '';

  constructor(log: QuestionLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
    log.listen(() => this.#draw());
    this.#draw();
  }

  async ask(asking: Asking): Promise<QuestionAnswer> {
    const { readers, method, picks, turnout } = asking;
    if (this.#log.me(readers)?.mayDecide !== true) return 'not-allowed';
    const question = safeText(asking.question).trim();
    const hasOptions = method === 'poll' || method === 'ranked';
    const options = hasOptions ? tidied(asking.options) : [];
    if (question === '' || (hasOptions && options.length < 2)) return 'empty';
    const isLong = options.some((option) => isTooLong(option, MAX_OPTION_BYTES)) || options.length > MAX_OPTIONS;
    if (isLong || isTooLong(question, MAX_QUESTION_BYTES)) return 'too-long';
    return this.#log.write(readers, {
      ...{ act: 'ask', at: this.#clock.now(), method, question, options },
      picks: method === 'poll' ? Math.max(1, Math.min(picks, options.length)) : 0,
      turnout: Math.max(0, turnout),
      untilDay: asking.until,
    });
  }

  speak(question: QuestionId, voice: Voice, note: string): Promise<QuestionAnswer> {
    const said = safeText(note).trim();
    if (isTooLong(said, MAX_NOTE_BYTES)) return Promise.resolve('too-long');
    return this.#on(question, (known) => {
      return known.maySpeak ? { act: 'voice', decision: question, voice, note: said } : undefined;
    });
  }

  hush(question: QuestionId): Promise<QuestionAnswer> {
    return this.#on(question, ({ mine, endedBy }) => {
      return mine !== undefined && endedBy === undefined ? { act: 'hush', decision: question } : undefined;
    });
  }

  end(question: QuestionId): Promise<QuestionAnswer> {
    return this.#on(question, ({ mayEnd }, decision) => {
      return mayEnd ? { act: 'end', decision: question, counted: countable(decision) } : undefined;
    });
  }

  async #on(
    id: QuestionId,
    act: (question: Question, decision: Decision) => Unsaid | undefined,
  ): Promise<QuestionAnswer> {
    const known = this.#decisions.get(id);
    const shown = this.list.current.find((question) => question.id === id);
    if (known === undefined || shown === undefined) return 'gone';
    const unsaid = act(shown, known.decision);
    if (unsaid === undefined) return 'not-allowed';
    return this.#log.write(known.readers, { ...unsaid, at: this.#clock.now() });
  }

  #draw(): void {
    const asked = new Map<QuestionId, { readonly readers: Readers; readonly told: ToldDecision[] }>();
    for (const { readers, told } of this.#log.told()) {
      const id = told.act.act === 'ask' ? told.id : told.act.decision;
      const known = asked.get(id) ?? { readers, told: [] };
      // Who reads one scope takes no part in a question of another.
      if (known.readers === readers) known.told.push(told);
      asked.set(id, known);
    }
    this.#decisions.clear();
    for (const [id, { readers, told }] of asked) {
      const decision = foldDecision(id, told);
      if (decision !== undefined) this.#decisions.set(id, { readers, decision });
    }
    const list = [...this.#decisions.values()].map(({ readers, decision }) => this.#shownOf(readers, decision));
    list.sort((a, b) => Number(a.endedBy !== undefined) - Number(b.endedBy !== undefined) || b.at - a.at);
    const mayAsk = this.#log.readable().filter((readers) => this.#log.me(readers)?.mayDecide === true);
    const spelled = JSON.stringify([list, mayAsk]);
    if (spelled === this.#shown) return;
    this.#shown = spelled;
    this.mayAsk.set(mayAsk);
    this.list.set(list);
  }

  #shownOf(readers: Readers, decision: Decision): Question {
    const { id, by, at, method, picks, turnout, untilDay: until, result, end } = decision;
    const me = this.#log.me(readers);
    const voices = decision.voices.map(({ by: who, voice, note }) => ({ by: who, voice, note: safeText(note) }));
    const mine = voices.find((voice) => voice.by === me?.principal);
    const isOpen = end === undefined && me !== undefined;
    return {
      ...{ id, readers, by: personOf(by), at, method, picks, turnout, until, result },
      question: safeText(decision.question),
      options: decision.options.map(safeText),
      voices: voices.map((voice) => ({ ...voice, by: personOf(voice.by) })),
      endedBy: end && personOf(end.by),
      left: end?.left.map((voice) => personOf(voice.by)) ?? [],
      mine: mine && { voice: mine.voice, note: mine.note },
      maySpeak: isOpen && (me.mayPost || me.mayDecide),
      mayEnd: isOpen && (me.mayDecide || me.principal === by),
    };
  }
}

type Unsaid = DecisionAct extends infer Act ? (Act extends unknown ? Omit<Act, 'at'> : never) : never;

function tidied(options: readonly string[]): readonly string[] {
  const texts = options.map((option) => safeText(option).trim()).filter((option) => option !== '');
  return [...new Set(texts)];
}

function isTooLong(text: string, most: number): boolean {
  return utf8(text).length > most;
}
