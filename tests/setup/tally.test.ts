// What a run says at its end is what happened in it: no failure is lost, and each is named.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { tally } from './tally.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'understory-tally-'));
afterAll(() => rmSync(folder, { recursive: true }));

function report(content: unknown): string {
  const file = path.join(folder, `${Math.random()}.json`);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

test('a failed and a skipped test of vitest are failures, each by its name, and so is a file that did not load', () => {
  const file = report({
    numPassedTests: 1,
    numFailedTests: 1,
    numPendingTests: 1,
    testResults: [
      {
        name: 'a.test.ts',
        status: 'failed',
        assertionResults: [
          { status: 'passed', fullName: 'it works' },
          { status: 'failed', fullName: 'it fails' },
          { status: 'pending', fullName: 'it waits' },
        ],
      },
      { name: 'broken.test.ts', status: 'failed', assertionResults: [] },
    ],
  });
  expect(tally({ count: 'vitest', report: file, output: '', ok: false })).toEqual({
    passed: 1,
    failed: 2,
    names: ['it fails', 'it waits', 'broken.test.ts'],
  });
});

test('a story that needed a second try has passed and is named, one that was skipped has failed', () => {
  const spec = (title: string, status: string): unknown => ({ title, file: 'a.e2e.ts', line: 3, tests: [{ status }] });
  const file = report({
    stats: { expected: 1, flaky: 1, unexpected: 1, skipped: 1 },
    suites: [
      { specs: [spec('good', 'expected')], suites: [{ specs: [spec('slow', 'flaky'), spec('bad', 'unexpected')] }] },
      { specs: [spec('left', 'skipped')] },
    ],
  });
  expect(tally({ count: 'playwright', report: file, output: '', ok: false })).toEqual({
    passed: 2,
    failed: 2,
    names: ['slow (a.e2e.ts:3), which passed at the second try only', 'bad (a.e2e.ts:3)', 'left (a.e2e.ts:3)'],
  });
});

test('rules are counted by their lines', () => {
  const output = '✓ lint\n✗ sizes\n  too large\n';
  expect(tally({ count: 'lines', report: '', output, ok: false })).toEqual({ passed: 1, failed: 1, names: ['sizes'] });
});

test.each(['vitest', 'playwright', 'lines', 'exit'])('a run by %s that left nothing to read has failed', (count) => {
  const { failed, names } = tally({ count, report: path.join(folder, 'none.json'), output: '', ok: false });
  expect(failed).toBe(1);
  expect(names).toHaveLength(1);
});

test('a run that broke off after all its tests had passed has failed', () => {
  const file = report({ numPassedTests: 2, numFailedTests: 0, numPendingTests: 0, testResults: [] });
  expect(tally({ count: 'vitest', report: file, output: '', ok: false }).failed).toBe(1);
});
