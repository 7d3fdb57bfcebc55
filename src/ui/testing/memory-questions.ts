// Questions of a group in memory, folded by the very rules of core/decisions.

import type { GroupState } from '#app/groups/group-api.ts';
import type { QuestionAnswer, Questions } from '#app/questions/question-api.ts';
import { GroupQuestions, type HeardQuestion, type QuestionLog } from '#app/questions/questions.ts';
import type { Live, PersonId } from '#app/talk/talk-api.ts';
import type { Readers } from '#app/tasks/task-api.ts';
import { principalOf } from '#app/tasks/task-names.ts';
import type { MessageId } from '#core/charter/ids.ts';
import type { Right } from '#core/charter/rules.ts';
import type { DecisionAct } from '#core/decisions/decision-body.ts';
import type { Speaker } from '#core/decisions/decision.ts';
import type { Millis } from '#core/ports.ts';

/** An act by somebody, in the order in which they are given. */
export interface SeedVoice {
  readonly by: PersonId;
  readonly act: DecisionAct;
}

const clock = { now: () => Date.now() as Millis, after: () => () => undefined };

export function seedQuestion(place: number): MessageId {
  return place.toString(16).padStart(64, '0') as MessageId;
}

export function memoryQuestions(group: Live<GroupState>, seeds: readonly SeedVoice[]): Questions {
  return new GroupQuestions(new MemoryQuestionLog(group, seeds), clock);
}

class MemoryQuestionLog implements QuestionLog {
  readonly #group: Live<GroupState>;
  readonly #told: HeardQuestion[];
  #changed: () => void = () => undefined;

  constructor(group: Live<GroupState>, seeds: readonly SeedVoice[]) {
    this.#group = group;
    this.#told = seeds.map(({ by, act }, at) => this.#heard('everyone', at, by, act));
  }

  told(): readonly HeardQuestion[] {
    return this.#told;
  }

  listen(changed: () => void): void {
    this.#changed = changed;
  }

  readable(): readonly Readers[] {
    return ['everyone', ...this.#group.current.roles.filter(({ mine }) => mine).map(({ id }) => id)];
  }

  me(readers: Readers): Speaker | undefined {
    const { me, standing } = this.#group.current;
    return me === undefined || standing !== 'in' || !this.readable().includes(readers) ? undefined : this.#speaker(me);
  }

  write(readers: Readers, act: DecisionAct): Promise<QuestionAnswer> {
    this.#told.push(this.#heard(readers, this.#told.length, this.#group.current.me!, act));
    this.#changed();
    return Promise.resolve('done');
  }

  #heard(readers: Readers, at: number, by: PersonId, act: DecisionAct): HeardQuestion {
    return { readers, told: { id: seedQuestion(at), lamport: at, speaker: this.#speaker(by), act } };
  }

  #speaker(id: PersonId): Speaker {
    const { rules, people } = this.#group.current;
    const held = people.find((person) => person.id === id)?.roles.map(({ role }) => role) ?? [];
    const can = rules.roles.filter((role) => held.includes(role.id)).flatMap((role) => role.can as readonly Right[]);
    const has = (right: Right): boolean => can.includes(right) || (rules.members as readonly Right[]).includes(right);
    return { principal: principalOf(id), mayDecide: has('decisions'), mayPost: has('post') };
  }
}
