// The rules of decisions: whose voice counts, what it comes to by each method, and that nothing decided changes.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageId, PrincipalId } from '../charter/ids.ts';
import type { Millis } from '../ports.ts';
import { decodeDecisionAct, encodeDecisionAct, type DecisionAct, type Voice } from './decision-body.ts';
import { countable, foldDecision, type Decision, type Speaker, type ToldDecision } from './decision.ts';
import { resultOf, type Result, type Spoken } from './result.ts';

const id = (name: number): MessageId => name.toString(16).padStart(64, '0') as MessageId;
const person = (name: number): PrincipalId => name.toString(16).padStart(66, '0') as PrincipalId;
const at = 5 as Millis;
const ASKED = id(1);
const chair: Speaker = { principal: person(1), mayDecide: true, mayPost: true };
const member = (name: number): Speaker => ({ principal: person(name), mayDecide: false, mayPost: true });
const onlooker = (name: number): Speaker => ({ principal: person(name), mayDecide: false, mayPost: false });

type Ask = Extract<DecisionAct, { act: 'ask' }>;
const ask = (over: Partial<Ask>): ToldDecision => ({
  id: ASKED,
  lamport: 1,
  speaker: chair,
  act: {
    ...{ act: 'ask', at, method: 'poll', question: 'Where?', options: ['Hall', 'Park', 'Kitchen'], picks: 1 },
    ...{ turnout: 0, untilDay: undefined },
    ...over,
  } as Ask,
});
const voice = (number: number, speaker: Speaker, voiced: Voice, note = ''): ToldDecision => ({
  id: id(number),
  lamport: number,
  speaker,
  act: { act: 'voice', at, decision: ASKED, voice: voiced, note },
});
const pick = (...options: number[]): Voice => ({ is: 'picks', options });
const order = (...options: number[]): Voice => ({ is: 'order', options });
const stance = (is: 'agree' | 'stand-aside' | 'block'): Voice => ({ is: 'stance', stance: is });
const end = (number: number, speaker: Speaker, counted: readonly MessageId[]): ToldDecision => ({
  id: id(number),
  lamport: number,
  speaker,
  act: { act: 'end', at, decision: ASKED, counted },
});
const hush = (number: number, speaker: Speaker): ToldDecision => ({
  id: id(number),
  lamport: number,
  speaker,
  act: { act: 'hush', at, decision: ASKED },
});

function fold(...told: readonly ToldDecision[]): Decision {
  const decision = foldDecision(ASKED, told);
  if (decision === undefined) throw new Error('no decision');
  return decision;
}

const consent = ask({ method: 'consent', options: [], picks: 0 });
const consensus = ask({ method: 'consensus', options: [], picks: 0 });
const ranked = ask({ method: 'ranked', picks: 0 });

describe('a decision', () => {
  it('has one voice for each person: their last one', () => {
    const decision = fold(
      ask({}),
      voice(2, member(2), pick(0)),
      voice(3, member(3), pick(0)),
      voice(4, member(2), pick(1)),
    );
    expect(decision.result).toEqual({ is: 'picked', tally: [1, 1, 0], leading: [0, 1] });
    expect(fold(ask({}), voice(2, member(2), pick(0)), hush(3, member(2))).voices).toEqual([]);
  });

  it('is not asked, swayed or ended by who has no right to (P33)', () => {
    expect(foldDecision(ASKED, [{ ...ask({}), speaker: member(2) }])).toBeUndefined();
    const decision = fold(
      ask({}),
      voice(2, onlooker(2), pick(0)),
      end(3, member(3), []),
      voice(4, member(3), pick(0, 1)),
      voice(5, member(4), stance('agree')),
      hush(6, member(5)),
    );
    expect(decision.refused.map(({ why }) => why)).toEqual([
      'not-allowed',
      'not-allowed',
      'other-method',
      'other-method',
      'not-allowed',
    ]);
    expect(decision.voices).toEqual([]);
  });

  it('that ended counts the voices its end names, whatever comes after or was left out', () => {
    const before = [ask({}), voice(2, member(2), pick(0)), voice(3, member(3), pick(1))];
    const counted = countable(fold(...before));
    const late = voice(4, member(4), pick(1));
    const decision = fold(...before, late, end(5, chair, counted), voice(6, member(2), pick(1)));
    expect(decision.result).toEqual({ is: 'picked', tally: [1, 1, 0], leading: [0, 1] });
    expect(decision.end?.left.map((one) => one.id)).toEqual([id(4)]);
    expect(decision.refused).toEqual([{ id: id(6), why: 'ended' }]);
  });

  it('is not ended by a count of voices nobody heard, or of one person twice', () => {
    const told = [ask({}), voice(2, member(2), pick(0)), voice(3, member(2), pick(1))];
    const decision = fold(...told, end(4, chair, [id(2), id(3)]), end(5, chair, [id(9)]));
    expect(decision.refused.map(({ why }) => why)).toEqual(['miscounted', 'miscounted']);
    expect(decision.end).toBeUndefined();
  });

  it('comes to nothing while too few speak', () => {
    const asked = ask({ turnout: 2 });
    expect(fold(asked, voice(2, member(2), pick(0))).result).toEqual({ is: 'nothing', spoke: 1, needed: 2 });
    expect(fold(asked, voice(2, member(2), pick(0)), voice(3, member(3), pick(0))).result.is).toBe('picked');
  });

  it('by consent passes unless somebody objects, and nobody stands aside', () => {
    const agreed = [consent, voice(2, member(2), stance('agree'))];
    expect(fold(...agreed).result.is).toBe('passed');
    expect(fold(...agreed, voice(3, member(3), stance('block'), 'Too loud')).result.is).toBe('blocked');
    expect(fold(...agreed, voice(3, member(3), stance('stand-aside'))).refused).toEqual([
      { id: id(3), why: 'other-method' },
    ]);
  });

  it('by consensus takes those who stand aside along, and stops at one block', () => {
    const told = [consensus, voice(2, member(2), stance('agree')), voice(3, member(3), stance('stand-aside'))];
    expect(fold(...told).result).toEqual({ is: 'passed', tally: { agree: 1, 'stand-aside': 1, block: 0 } });
    expect(fold(...told, voice(4, member(4), stance('block'))).result.is).toBe('blocked');
    expect(fold(consensus, voice(2, member(2), stance('stand-aside'))).result.is).toBe('blocked');
  });

  it('by ranking lets the weakest drop out until one has a majority', () => {
    const decision = fold(
      ranked,
      voice(2, member(2), order(0, 2)),
      voice(3, member(3), order(0)),
      voice(4, member(4), order(1, 2)),
      voice(5, member(5), order(1)),
      voice(6, member(6), order(2, 1)),
    );
    expect(decision.result).toMatchObject({ is: 'ranked', winner: 1 });
    expect(decision.result.is === 'ranked' && decision.result.rounds.map(({ drops }) => drops)).toEqual([2, undefined]);
  });
});

const speakers = fc.integer({ min: 1, max: 5 }).map((n) => (n === 1 ? chair : n === 5 ? onlooker(5) : member(n)));
const voices = fc.oneof(
  fc.subarray([0, 1, 2, 3]).map((options): Voice => pick(...options)),
  fc.shuffledSubarray([0, 1, 2]).map((options): Voice => order(...options)),
  fc.constantFrom('agree' as const, 'stand-aside' as const, 'block' as const).map(stance),
);
const questions = fc.constantFrom(ask({}), ask({ picks: 2 }), consent, consensus, ranked, ask({ turnout: 3 }));
const steps = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(speakers, voices).map(
      ([who, what]) =>
        (n: number) =>
          voice(n, who, what),
    ),
  },
  { weight: 1, arbitrary: speakers.map((who) => (n: number) => hush(n, who)) },
  {
    weight: 1,
    arbitrary: fc.tuple(speakers, fc.uniqueArray(fc.integer({ min: 2, max: 9 }), { maxLength: 4 })).map(
      ([who, counted]) =>
        (n: number) =>
          end(n, who, counted.map(id)),
    ),
  },
);
const histories = fc
  .tuple(questions, fc.array(steps, { maxLength: 10 }))
  .map(([asked, made]) => [asked, ...made.map((make, i) => make(i + 2))]);

describe('any history of a decision', () => {
  it('comes to one thing, in whatever order it is heard', () => {
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat()), (told, dice) => {
        const shuffled = told
          .map((one) => ({ one, dice: dice.next().value ?? 0 }))
          .sort((a, b) => a.dice - b.dice)
          .map(({ one }) => one);
        expect(foldDecision(ASKED, shuffled)).toEqual(foldDecision(ASKED, told));
      }),
    );
  });

  it('is never decided otherwise once it ended', () => {
    fc.assert(
      fc.property(histories, fc.array(steps, { maxLength: 5 }), (told, more) => {
        const decided = fold(...told);
        fc.pre(decided.end !== undefined);
        const later = fold(...told, ...more.map((make, i) => make(i + 50)));
        expect(later.result).toEqual(decided.result);
        expect(later.voices).toEqual(decided.voices);
      }),
    );
  });

  it('is spelled in one way only', () => {
    fc.assert(
      fc.property(histories, (told) => {
        for (const { act } of told) expect(decodeDecisionAct(encodeDecisionAct(act))).toEqual(act);
      }),
    );
  });
});

describe('a ranked result', () => {
  const orders = fc.array(fc.shuffledSubarray([0, 1, 2, 3]), { minLength: 1, maxLength: 9 });
  const asked = { method: 'ranked', options: ['a', 'b', 'c', 'd'], turnout: 0 } as const;
  const spoken = (ranks: readonly number[][]): Spoken[] =>
    ranks.map((options, i) => ({ id: id(i + 2), by: person(i + 2), voice: order(...options), note: '' }));
  const winnerOf = (result: Result) => (result.is === 'ranked' ? result.winner : undefined);

  it('is whoever more than half put first, and does not depend on who spoke when', () => {
    fc.assert(
      fc.property(orders, (ranks) => {
        const result = resultOf(asked, spoken(ranks));
        expect(resultOf(asked, spoken(ranks).reverse())).toEqual(result);
        const firsts = ranks.flatMap(([first]) => (first === undefined ? [] : [first]));
        const favourite = [0, 1, 2, 3].find(
          (option) => 2 * firsts.filter((one) => one === option).length > firsts.length,
        );
        if (favourite !== undefined) expect(winnerOf(result)).toBe(favourite);
        if (firsts.length > 0) expect(winnerOf(result)).toBeDefined();
      }),
    );
  });
});
