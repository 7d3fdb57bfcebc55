// `node tests/sim/main.ts --seeds 500` runs that many worlds of pairs and as many towns on all cores; `--seeds 100 --towns
// 12` fewer towns in their stead. `--seed 17` runs one world of pairs, `--town 17` one town, and tells how it went; with
// `--trace` all that happened too. The last line is the sum as JSON; the exit code is 0 only if nothing was lost, nobody
// differs, nothing illegal passed, no relay node saw what it must not, and every kind of fault struck.

import { availableParallelism } from 'node:os';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { FAULT_KINDS, floorOf, type FaultKind } from './faults.ts';
import { runSeed } from './run-seed.ts';
import { runTown } from './run-town.ts';
import { countOf, type RunResult } from './run-world.ts';
import { isCity } from './town.ts';
import { tellTo } from './world.ts';

interface Job {
  readonly kind: 'pairs' | 'town';
  readonly seed: number;
}

interface Sum {
  pairWorlds: number;
  towns: number;
  operations: number;
  faults: Record<FaultKind, number>;
  /** Kinds that struck less often than a run of this length must show. */
  tooRare: readonly FaultKind[];
  lost: number;
  diverged: number;
  illegalAccepted: number;
  leaked: number;
}

const argument = (name: string): number | undefined => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : Number(process.argv[at + 1]);
};

if (isMainThread) await main();
else await work();

async function main(): Promise<void> {
  const sum: Sum = {
    ...{ pairWorlds: 0, towns: 0, operations: 0 },
    faults: Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>,
    tooRare: [],
    ...{ lost: 0, diverged: 0, illegalAccepted: 0, leaked: 0 },
  };
  const single = singleJob();
  if (single !== undefined) await tellOne(sum, single);
  else {
    await runMany(sum, jobs());
    sum.tooRare = FAULT_KINDS.filter((kind) => sum.faults[kind] < floorOf(kind, sum));
  }
  console.log(JSON.stringify(sum));
  const findings = sum.lost + sum.diverged + sum.illegalAccepted + sum.leaked;
  process.exitCode = sum.pairWorlds + sum.towns > 0 && findings + sum.tooRare.length === 0 ? 0 : 1;
}

function singleJob(): Job | undefined {
  const seed = argument('seed');
  if (seed !== undefined) return { kind: 'pairs', seed };
  const town = argument('town');
  return town === undefined ? undefined : { kind: 'town', seed: town };
}

async function tellOne(sum: Sum, job: Job): Promise<void> {
  if (process.argv.includes('--trace')) tellTo((line) => process.stdout.write(line));
  const result = await run(job);
  add(sum, job, result);
  console.log(JSON.stringify(result, undefined, 2));
}

/** What takes longest first: no core is to wait for a city at the end. */
function jobs(): readonly Job[] {
  const [first, seeds] = [argument('first') ?? 1, argument('seeds') ?? 100];
  const towns = argument('towns');
  const of = (kind: Job['kind'], count: number): Job[] =>
    Array.from({ length: count }, (_, i) => ({ kind, seed: first + i }));
  const all = of('town', towns ?? seeds);
  const cities = all.filter(({ seed }) => isCity(seed));
  const others = all.filter(({ seed }) => !isCity(seed));
  return [...cities, ...others, ...of('pairs', towns === undefined ? seeds : seeds - towns)];
}

async function runMany(sum: Sum, all: readonly Job[]): Promise<void> {
  const waiting = [...all];
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), {
        workerData: { isWorker: true },
        // A world makes much that lives briefly; a larger nursery halves the time spent on sweeping it.
        resourceLimits: { maxYoungGenerationSizeMb: 64 },
      });
      let job: Job | undefined;
      const more = (): void => {
        job = waiting.shift();
        worker.postMessage(job);
      };
      worker.on('message', (result: RunResult) => {
        add(sum, job!, result);
        tellIfBad(job!, result);
        if ((sum.pairWorlds + sum.towns) % 50 === 0) tellProgress(sum);
        more();
      });
      worker.on('error', (cause) => reject(new Error(`${job?.kind} ${job?.seed} broke`, { cause })));
      worker.on('exit', () => resolve());
      more();
    });
  const hands = Math.min(argument('jobs') ?? availableParallelism(), all.length);
  await Promise.all(Array.from({ length: hands }, run));
}

async function work(): Promise<void> {
  if ((workerData as { isWorker?: boolean }).isWorker !== true) return;
  const port = parentPort!;
  for await (const job of messages(port)) port.postMessage(await run(job));
  port.close();
}

function run({ kind, seed }: Job): Promise<RunResult> {
  return kind === 'town' ? runTown(seed) : runSeed(seed);
}

async function* messages(port: NonNullable<typeof parentPort>): AsyncGenerator<Job> {
  const waiting: (Job | undefined)[] = [];
  let wake: (() => void) | undefined;
  port.on('message', (message: Job | undefined) => {
    waiting.push(message);
    wake?.();
  });
  for (;;) {
    while (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    const message = waiting.shift();
    if (message === undefined) return;
    yield message;
  }
}

function add(sum: Sum, { kind }: Job, { operations, faults, findings }: RunResult): void {
  if (kind === 'town') sum.towns++;
  else sum.pairWorlds++;
  sum.operations += operations;
  for (const fault of FAULT_KINDS) sum.faults[fault] += faults[fault];
  sum.lost += findings.lost.length;
  sum.diverged += findings.diverged.length;
  sum.illegalAccepted += findings.illegal.length;
  sum.leaked += findings.leaked.length;
}

function tellProgress({ pairWorlds, towns }: Sum): void {
  console.log(`${towns} towns and ${pairWorlds} worlds of pairs after ${Math.round(process.uptime())} s`);
}

function tellIfBad({ kind, seed }: Job, { findings }: RunResult): void {
  if (countOf(findings) === 0) return;
  const { illegal, leaked, lost, diverged } = findings;
  const first = [...illegal, ...leaked, ...lost, ...diverged].slice(0, 3);
  const again = `node tests/sim/main.ts --${kind === 'town' ? 'town' : 'seed'} ${seed}`;
  console.log(`${kind} ${seed}: ${first.join('; ')}. Again: ${again}`);
}
