// How fast a group's log is decoded, placed and read: `node tests/bench/charter-speed.ts [ops]` prints JSON. The engine
// alone, in a process that wrote the log and so is warm: no rows are opened here, and nothing is a first time. What a
// start takes in a browser, with sealed rows from its disk: `npm run bench -- charter`.

import { performance } from 'node:perf_hooks';
import { addOp, addOps, emptyCharter, orderedOps } from '#core/charter/charter.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import { decodeSignedOp, encodeSignedOp, type VerifiedOp } from '#core/charter/op.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { placeSliced } from '#core/charter/place-sliced.ts';
import { readStoredOp, verifyOp } from '#core/charter/verify-op.ts';
import { viewOf } from '#core/charter/view.ts';
import { writeOp, type Writable } from '#core/charter/write-op.ts';
import { hash } from '#core/crypto/hash.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import { ItemReader } from '#core/wire/item-reader.ts';
import { quickSuite } from '../suites/space-kit.ts';
import { longCharter, type World } from './long-charter.ts';

/** `cpuMs` besides: on a machine that is busy with other things it still says what the work costs. */
function timed<T>(run: () => T): { readonly ms: number; readonly cpuMs: number; readonly result: T } {
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  const result = run();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - from, cpuMs: (user + system) / 1_000, result };
}

interface Timed {
  readonly ms: number;
  readonly cpuMs: number;
}

function medians(all: readonly Timed[]): { readonly ms: number; readonly cpuMs: number; readonly worstMs: number } {
  const median = (of: (one: Timed) => number) => all.map(of).sort((a, b) => a - b)[Math.floor(all.length / 2)]!;
  return {
    ms: median(({ ms }) => ms),
    cpuMs: median(({ cpuMs }) => cpuMs),
    worstMs: Math.max(...all.map(({ ms }) => ms)),
  };
}

async function oneMore(world: World): Promise<{ readonly onTop: Timed[]; readonly concurrent: Timed[] }> {
  const onTop: Timed[] = [];
  const concurrent: Timed[] = [];
  const lead = world.people[0]!.author;
  for (let i = 0; i < 30; i++) {
    const before = world.charter;
    const person = world.people[1 + i]!;
    const role = 'helper' as RoleId;
    const bodies: Writable[] = [
      { type: 'grant', act: 'role', on: person.principal, role },
      { type: 'relays', relays: [`wss://${i}.example`] },
    ];
    const op = await writeOp(before, lead, bodies[i % 2]!, world.suite);
    const rotate = {
      type: 'rotate',
      scopes: [{ scope: 'everyone', commitment: hash('op', new Uint8Array([i, 7, 9])), recipients: [] }],
      root: hash('op', new Uint8Array(1)),
      admits: [],
    } as never;
    const beside = await writeOp(before, person.author, rotate, world.suite);
    const first = timed(() => {
      const { charter } = addOp(before, op);
      viewOf(charter);
      return charter;
    });
    onTop.push(first);
    const second = timed(() => {
      const { charter } = addOp(first.result, beside);
      viewOf(charter);
      return charter;
    });
    concurrent.push(second);
    world.charter = second.result;
  }
  return { onTop, concurrent };
}

async function cold(ops: readonly VerifiedOp[], space: SpaceId, suite: CryptoSuite) {
  const from = performance.now();
  let longest = 0;
  let last = performance.now();
  const breathe = (): Promise<void> => {
    longest = Math.max(longest, performance.now() - last);
    return new Promise((resolve) => {
      setImmediate(() => {
        last = performance.now();
        resolve();
      });
    });
  };
  const encoded = ops.map((op) => encodeSignedOp(op));
  last = performance.now();
  const { charter } = await placeSliced(emptyCharter(space), encoded, {
    read: async (bytes) => verifyOp(decodeSignedOp(bytes), suite),
    breathe,
    hasTime: () => performance.now() - last < 20,
  });
  viewOf(charter);
  longest = Math.max(longest, performance.now() - last);
  return { ms: performance.now() - from, longestBlock: longest, ops: charter.ops.size };
}

async function main(): Promise<void> {
  const count = Number(process.argv[2] ?? 5_000);
  const suite = makeProductionSuite();
  const world = await longCharter(count, process.argv.includes('--quick') ? quickSuite : suite);
  const { space } = world.charter;
  const ops = orderedOps(world.charter).map(({ signed }) => signed);
  const stored = ops.map((op) => encodeSignedOp(op));
  const loads: Timed[] = [];
  const decodes: Timed[] = [];
  for (let i = 0; i < 5; i++) {
    const read = timed(() => stored.map((bytes, i) => readStoredOp(new ItemReader(bytes, 'signed op'), ops[i]!.id)));
    decodes.push(read);
    loads.push(
      timed(() => {
        const { charter } = addOps(emptyCharter(space), read.result);
        return viewOf(charter);
      }),
    );
  }
  const one = await oneMore(world);
  const figures = {
    ops: ops.length,
    members: viewOf(world.charter)!.principals.length,
    devices: viewOf(world.charter)!.devices.size,
    bytes: stored.reduce((sum, { length }) => sum + length, 0),
    decode: medians(decodes),
    load: medians(loads),
    oneOpOnTop: medians(one.onTop),
    oneOpBeside: medians(one.concurrent),
    coldWithSignatures: await cold(ops, space, world.suite),
    heapMb: Math.round(process.memoryUsage().heapUsed / 1e6),
  };
  console.log(JSON.stringify(figures, undefined, 2));
}

await main();
