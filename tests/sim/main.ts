// `node tests/sim/main.ts --seeds 500` runs that many worlds on all cores; `--seed 17` runs one and tells its story.
// The last line is the sum as JSON; the exit code is 0 only if nothing was lost, nobody differs, nothing illegal passed.

import { availableParallelism } from 'node:os';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { FAULT_KINDS, type FaultKind } from './faults.ts';
import { runSeed, type SeedResult } from './run-seed.ts';

interface Sum {
  seeds: number;
  operations: number;
  faults: Record<FaultKind, number>;
  lost: number;
  diverged: number;
  illegalAccepted: number;
}

const argument = (name: string): number | undefined => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : Number(process.argv[at + 1]);
};

if (isMainThread) await main();
else await work();

async function main(): Promise<void> {
  const sum: Sum = {
    seeds: 0,
    operations: 0,
    faults: Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>,
    lost: 0,
    diverged: 0,
    illegalAccepted: 0,
  };
  const single = argument('seed');
  if (single !== undefined) tell(sum, await runSeed(single), true);
  else await runMany(sum, { first: argument('first') ?? 1, count: argument('seeds') ?? 100 });
  console.log(JSON.stringify(sum));
  process.exitCode = sum.seeds > 0 && sum.lost + sum.diverged + sum.illegalAccepted === 0 ? 0 : 1;
}

async function runMany(sum: Sum, seeds: { readonly first: number; readonly count: number }): Promise<void> {
  let next = seeds.first;
  const jobs = Math.min(argument('jobs') ?? availableParallelism(), seeds.count);
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), {
        workerData: { isWorker: true },
        // A world makes much that lives briefly; a larger nursery halves the time spent on sweeping it.
        resourceLimits: { maxYoungGenerationSizeMb: 64 },
      });
      const more = (): void => {
        if (next < seeds.first + seeds.count) worker.postMessage(next++);
        else worker.postMessage(undefined);
      };
      worker.on('message', (result: SeedResult) => {
        tell(sum, result, false);
        more();
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve());
      more();
    });
  await Promise.all(Array.from({ length: jobs }, run));
}

async function work(): Promise<void> {
  if ((workerData as { isWorker?: boolean }).isWorker !== true) return;
  const port = parentPort!;
  for await (const seed of messages(port)) port.postMessage(await runSeed(seed));
  port.close();
}

async function* messages(port: NonNullable<typeof parentPort>): AsyncGenerator<number> {
  const waiting: unknown[] = [];
  let wake: (() => void) | undefined;
  port.on('message', (message: unknown) => {
    waiting.push(message);
    wake?.();
  });
  for (;;) {
    while (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    const message = waiting.shift();
    if (typeof message !== 'number') return;
    yield message;
  }
}

function tell(sum: Sum, result: SeedResult, whole: boolean): void {
  const { seed, operations, faults, findings } = result;
  sum.seeds++;
  sum.operations += operations;
  for (const kind of FAULT_KINDS) sum.faults[kind] += faults[kind];
  sum.lost += findings.lost.length;
  sum.diverged += findings.diverged.length;
  sum.illegalAccepted += findings.illegal.length;
  if (sum.seeds % 50 === 0) console.log(`${sum.seeds} worlds after ${Math.round(process.uptime())} s`);
  const isBad = findings.lost.length + findings.diverged.length + findings.illegal.length > 0;
  if (whole) console.log(JSON.stringify(result, undefined, 2));
  else if (isBad) {
    const first = [...findings.illegal, ...findings.lost, ...findings.diverged].slice(0, 3);
    console.log(`seed ${seed}: ${first.join('; ')}. Again: node tests/sim/main.ts --seed ${seed}`);
  }
}
