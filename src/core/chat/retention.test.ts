// Which messages disappear and when: tests and a law over histories of rules.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OpId } from '#core/charter/ids.ts';
import type { Rules } from '#core/charter/rules.ts';
import { foundGroup, group, KIT_RULES, meet, type Founded } from '#tests/suites/group-kit.ts';
import { Replica } from '#tests/suites/space-kit.ts';
import type { Millis } from '../ports.ts';
import { encodeChatBody } from './body.ts';
import { Lives, saidAt } from './retention.ts';
import { CLOCK_TOLERANCE } from './timeline.ts';

const keeping = (retainDays: number): Rules => ({ ...KIT_RULES, history: { ...KIT_RULES.history, retainDays } });

async function found(retainDays: number): Promise<Founded> {
  return foundGroup({ ana: ['steward'], ben: ['steward'] }, { rules: keeping(retainDays) });
}

const livesIn = (replica: Replica) => new Lives(replica.charter, group(replica).charter);

async function change({ replica, founders }: Founded, retainDays: number, by = 0): Promise<OpId> {
  const op = await replica.write(founders[by]!.author, { type: 'charter', rules: keeping(retainDays), frontier: [] });
  return op.id;
}

test('what was said under a rule keeps its days when longer ones come, and what is said then has those', async () => {
  const founded = await found(1);
  const longer = await change(founded, 28);
  const lives = livesIn(founded.replica);
  expect(lives.daysUnder(founded.genesis.id as OpId)).toBe(1);
  expect(lives.daysUnder(longer)).toBe(28);
  expect(lives.daysNow).toBe(28);
});

test('shorter days count for what was said before, also when they were in force for a moment only', async () => {
  const founded = await found(0);
  const first = founded.genesis.id as OpId;
  expect(livesIn(founded.replica).daysUnder(first)).toBe(0);
  const short = await change(founded, 2);
  const off = await change(founded, 0);
  const lives = livesIn(founded.replica);
  expect([first, short, off].map((op) => lives.daysUnder(op))).toEqual([2, 2, 0]);
});

test('rules that were beaten by others at once never shorten what was said under those before', async () => {
  const founded = await found(28);
  const other = new Replica(founded.replica.charter.space);
  meet(other, founded.replica);
  const mine = await change(founded, 7);
  await change({ ...founded, replica: other }, 1, 1);
  meet(founded.replica, other);
  const inForce = group(founded.replica).charter;
  expect(inForce).toBe(mine);
  expect(livesIn(founded.replica).daysUnder(founded.genesis.id as OpId)).toBe(7);
});

test('nobody says anything later than it was heard, by a little more than clocks differ', () => {
  const body = (at: number) => encodeChatBody({ kind: 'chat', text: 'x', at: at as Millis, replyTo: undefined });
  expect(saidAt(body(500), 1_000 as Millis)).toBe(500);
  expect(saidAt(body(10 ** 12), 1_000 as Millis)).toBe(1_000 + CLOCK_TOLERANCE);
  expect(saidAt(new Uint8Array([1, 2, 3]), 1_000 as Millis)).toBe(1_000);
});

test('law: whatever becomes of the rules, nothing is ever kept longer than was said of it before', async () => {
  const days = fc.array(fc.constantFrom(0, 1, 7, 28), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(days, async ([first, ...later]) => {
      const founded = await found(first!);
      const ops = [founded.genesis.id as OpId];
      const span = (lives: Lives, op: OpId) => lives.daysUnder(op) || Infinity;
      let before = livesIn(founded.replica);
      for (const next of later) {
        const made = await change(founded, next);
        const lives = livesIn(founded.replica);
        for (const op of ops) expect(span(lives, op)).toBeLessThanOrEqual(span(before, op));
        expect(lives.daysUnder(made)).toBe(next);
        ops.push(made);
        before = lives;
      }
    }),
    { numRuns: 25 },
  );
});
