// Long work in small steps gives way; short work does not wait.

import { expect, test } from 'vitest';
import { breather } from './breather.ts';

const work = (ms: number): void => {
  const begun = performance.now();
  while (performance.now() - begun < ms);
};

test('steps that go on for long without a break wait until others had their turn', async () => {
  const breathe = breather();
  let turns = 0;
  const others = setInterval(() => turns++, 1);
  try {
    let waited = 0;
    for (let i = 0; i < 20; i++) {
      work(10);
      const breath = breathe();
      if (breath === undefined) continue;
      waited++;
      await breath;
    }
    expect(waited).toBeGreaterThanOrEqual(4);
    expect(turns).toBeGreaterThan(0);
  } finally {
    clearInterval(others);
  }
});

test('a step now and then never waits, however long the page was still before', async () => {
  const breathe = breather();
  for (let i = 0; i < 5; i++) {
    expect(breathe()).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
});

test('several that wait at the same time all go on', async () => {
  const breathe = breather();
  breathe();
  work(20);
  const breaths = [breathe(), breathe(), breathe()];
  expect(breaths.every((breath) => breath !== undefined)).toBe(true);
  await Promise.all(breaths);
});
