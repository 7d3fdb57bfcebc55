// How many tests of a check passed and failed, and which failed: read from what the check wrote.
import { readFileSync } from 'node:fs';

/** What a check left: a report in JSON (vitest, playwright), lines with ✓ and ✗, or its exit code alone. */
export function tally({ count, report, output, ok }) {
  let counted;
  try {
    counted = READERS[count]({ report, output });
  } catch {
    counted = undefined;
  }
  counted ??= { passed: ok ? 1 : 0, failed: 0, names: [] };
  // A runner that fails without naming a failed test has still failed, and one that ran nothing proved nothing.
  if ((!ok && counted.failed === 0) || counted.passed + counted.failed === 0) {
    counted.failed += 1;
    counted.names.push('the run itself');
  }
  return counted;
}

const READERS = { vitest: ofVitest, playwright: ofPlaywright, lines: ofLines, exit: () => undefined };

function ofVitest({ report }) {
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const names = testResults.flatMap(({ assertionResults, status, name }) => {
    const bad = assertionResults.filter((test) => test.status !== 'passed').map(({ fullName }) => fullName);
    return bad.length === 0 && status === 'failed' ? [name] : bad;
  });
  return { passed: numPassedTests, failed: numFailedTests + numPendingTests, names };
}

function ofPlaywright({ report }) {
  const { stats, suites } = JSON.parse(readFileSync(report, 'utf8'));
  const names = [];
  const look = (suite) => {
    for (const { title, file, line, tests } of suite.specs ?? []) {
      for (const { status } of tests) {
        if (status === 'flaky') names.push(`${title} (${file}:${line}), which passed at the second try only`);
        else if (status !== 'expected') names.push(`${title} (${file}:${line})`);
      }
    }
    (suite.suites ?? []).forEach(look);
  };
  suites.forEach(look);
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected + stats.skipped, names };
}

function ofLines({ output }) {
  const names = [...output.matchAll(/^✗ (.*)$/gm)].map(([, name]) => name);
  return { passed: (output.match(/^✓ /gm) ?? []).length, failed: names.length, names };
}
