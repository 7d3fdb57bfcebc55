// `npm run prove:charter`: the scenarios, 100,000 random histories on all cores, and every planted mistake. The last line
// is the sum as JSON; the exit code is 0 only if nothing failed and every mistake was caught.
// `--histories N --real N --seed S --jobs N` run fewer, `--seed S --histories 1 --real 0` one again.

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { runHistory, type HistoryResult } from './history-run.ts';
import { catchMutants } from './mutant-run.ts';
import type { Mutant } from './mutants.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** Histories a worker plays before it says how it went: messages cost more than histories. */
const BATCH = 50;

interface Sum {
  scenarios: number;
  histories: number;
  mutants: number;
  caught: number;
  failed: number;
}

/** Seeds `first` up to `first + count`; `isReal` with the primitives that ship. */
interface Batch {
  readonly first: number;
  readonly count: number;
  readonly isReal: boolean;
}

interface BatchResult {
  readonly batch: Batch;
  readonly counts: Readonly<Record<string, number>>;
  readonly failures: readonly HistoryResult[];
}

const argument = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};

if (isMainThread) await main();
else work();

async function main(): Promise<void> {
  const sum: Sum = { scenarios: 0, histories: 0, mutants: 0, caught: 0, failed: 0 };
  const jobs = argument('jobs', availableParallelism());
  await playScenarios(sum);
  await playHistories(sum, jobs);
  await plantMutants(sum, jobs);
  console.log(JSON.stringify(sum));
  process.exitCode = sum.failed === 0 && sum.caught === sum.mutants && sum.scenarios > 0 && sum.histories > 0 ? 0 : 1;
}

/** All tests of this folder but the laws, which follow in greater number. */
async function playScenarios(sum: Sum): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'understory-scenarios-'));
  const report = path.join(folder, 'report.json');
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts') && name !== 'laws.test.ts');
  const args = ['run', '--project', 'core', ...files.map((name) => `tests/charter/${name}`)];
  try {
    const code = await command('vitest', [...args, '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`]);
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'));
    sum.scenarios = numPassedTests + numFailedTests;
    const failed = numFailedTests + numPendingTests;
    sum.failed += code !== 0 && failed === 0 ? 1 : failed;
  } catch {
    sum.failed++;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say(`${sum.scenarios} scenarios, ${sum.failed} failed`);
}

function command(program: string, args: readonly string[]): Promise<number> {
  const env = { ...process.env, PATH: `${path.join(root, 'node_modules/.bin')}:${process.env['PATH']}`, NO_COLOR: '1' };
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

async function playHistories(sum: Sum, jobs: number): Promise<void> {
  const count = argument('histories', 100_000);
  // One in fifty with the primitives that ship.
  const real = Math.min(count, argument('real', Math.ceil(count / 50)));
  const batches = batchesOf(argument('seed', 1), { count, real });
  const counts: Record<string, number> = {};
  let next = 0;
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb: 64 } });
      const more = (): void => worker.postMessage(batches[next++]);
      worker.on('message', (result: BatchResult) => {
        tell(sum, counts, result);
        more();
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve());
      more();
    });
  await Promise.all(Array.from({ length: Math.min(jobs, batches.length) }, run));
  say(`${sum.histories} histories: ${JSON.stringify(counts)}`);
}

function batchesOf(first: number, { count, real }: { readonly count: number; readonly real: number }): Batch[] {
  const batches: Batch[] = [];
  for (let at = 0; at < count;) {
    const isReal = at < real;
    const size = Math.min(BATCH, (isReal ? real : count) - at);
    batches.push({ first: first + at, count: size, isReal });
    at += size;
  }
  return batches;
}

function tell(sum: Sum, counts: Record<string, number>, { batch, failures, ...result }: BatchResult): void {
  const before = sum.histories;
  sum.histories += batch.count;
  sum.failed += failures.length;
  for (const [name, count] of Object.entries(result.counts)) counts[name] = (counts[name] ?? 0) + count;
  for (const { seed, failures: why } of failures.slice(0, 5)) {
    const again = `node tests/charter/prove.ts --histories 1 --seed ${seed} --real ${batch.isReal ? 1 : 0}`;
    say(`seed ${seed}: ${why.slice(0, 3).join('; ')}. Again: ${again}`);
  }
  if (Math.floor(before / 10_000) < Math.floor(sum.histories / 10_000)) {
    say(`${sum.histories} histories after ${Math.round(process.uptime())} s`);
  }
}

function work(): void {
  const port = parentPort!;
  port.on('message', async (batch: Batch | undefined) => {
    if (batch === undefined) {
      port.close();
      return;
    }
    const counts: Record<string, number> = {};
    const failures: HistoryResult[] = [];
    for (let seed = batch.first; seed < batch.first + batch.count; seed++) {
      const result = await runHistory(seed, { isReal: batch.isReal });
      for (const [name, count] of Object.entries(result.counts)) counts[name] = (counts[name] ?? 0) + count;
      if (result.failures.length > 0) failures.push(result);
    }
    port.postMessage({ batch, counts, failures } satisfies BatchResult);
  });
}

async function plantMutants(sum: Sum, jobs: number): Promise<void> {
  const findings = await catchMutants(jobs, ({ name }: Mutant, verdict: string) => say(`${verdict}: ${name}`));
  sum.mutants = findings.length;
  sum.caught = findings.filter(({ isCaught }) => isCaught).length;
}

function say(line: string): void {
  console.log(line);
}
