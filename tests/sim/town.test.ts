// A group in a simulated world: after the storm everybody who is in has the same people, history, halls and messages.
import { expect, test } from 'vitest';
import { runTown } from './run-town.ts';

test('J4 six people who come, speak, give roles and vote in a storm agree after it, and lost nothing', async () => {
  const { findings, operations } = await runTown(4);
  expect(operations).toBe(360);
  expect(findings).toEqual({ lost: [], diverged: [], illegal: [] });
}, 60_000);
