// Laws of the charter log: the state is a pure function of the set of ops, and no bytes from outside upset it
// (SPEC.md).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WireError } from '#core/wire/wire-error.ts';
import {
  deviceNamed,
  forge,
  makePair,
  principalOf,
  stateOf,
  type Pair,
  type Replica,
} from '#tests/suites/space-kit.ts';
import { addOp, addOps, emptyCharter, isInPast, orderedOps, type Charter } from './charter.ts';
import type { OpId } from './ids.ts';
import { decodeSignedOp, encodeOp, encodeSignedOp, type Op, type VerifiedOp } from './op.ts';
import { viewOf, type CharterView } from './view.ts';
import type { Author } from './write-op.ts';

/** One step of a history: who does what on which replica; numbers are taken modulo what there is. */
const step = fc.record({
  at: fc.nat(2),
  who: fc.nat(5),
  act: fc.constantFrom('relays', 'add', 'end', 'end-by-recovery', 'leave', 'unleave', 'accuse', 'forge', 'sync'),
  which: fc.nat(40),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Plays a history on three replicas that hear of each other now and then. Devices may well fork themselves. */
async function play(steps: readonly Step[], pair: Pair): Promise<readonly VerifiedOp[]> {
  const replicas = [pair.replica, pair.replica.fork(), pair.replica.fork()];
  const extra = await Promise.all([0, 1].map((i) => deviceNamed(`extra ${i}`)));
  const authors = [pair.alice, pair.bob, pair.aliceRecovery, pair.bobRecovery, ...extra];
  for (const { at, who, act, which } of steps) {
    const replica = replicas[at]!;
    if (act === 'sync') replica.take(...replicas[which % replicas.length]!.ops);
    else await actOn(replica, { author: authors[who]!, act, which, extra }).catch(() => undefined);
  }
  return replicas.flatMap(({ ops }) => ops);
}

interface Act {
  readonly author: Author;
  readonly act: Exclude<Step['act'], 'sync'>;
  readonly which: number;
  readonly extra: readonly Author[];
}

/** Rejects where there is nothing to do or the author is bound nowhere. */
async function actOn(replica: Replica, { author, act, which, extra }: Act): Promise<unknown> {
  const ops = replica.ops;
  const devices = [...replica.view.devices.values()];
  const device = devices[which % devices.length]!;
  switch (act) {
    case 'relays':
      return replica.write(author, { type: 'relays', relays: [`/${which}`] });
    case 'add':
      return replica.addDevice(author, extra[which % extra.length]!);
    case 'end':
    case 'end-by-recovery': {
      const by = act === 'end' ? author.device : replica.view.principals[which % 2]!.recovery!.key;
      principalOf(replica.view, by);
      return replica.endDevice(author, device.device);
    }
    case 'leave':
      return replica.write(author, { type: 'leave' });
    case 'unleave':
      return replica.write(author, { type: 'unleave', leave: ops[which % ops.length]!.id });
    case 'accuse': {
      const twins = ops.filter(({ op }, i) => ops.some((x, j) => j !== i && isTwin(op, x.op)));
      const first = twins[which % twins.length]!;
      const second = twins.find((twin) => twin !== first && isTwin(twin.op, first.op))!;
      const [low, high] = [first.id, second.id].sort() as [OpId, OpId];
      const facts = replica.view.devices.get(first.op.device)!;
      const common = { type: 'equivocation', binding: facts.binding, device: facts.device, frontier: [] } as const;
      return replica.write(author, { ...common, evidence: 'ops', first: low, second: high });
    }
    case 'forge': {
      const base = ops[which % ops.length]!.op;
      replica.take(await forge({ ...base, body: { type: 'relays', relays: ['/forged'] } }, author));
    }
  }
}

function isTwin(a: Op, b: Op): boolean {
  return a.device === b.device && a.seq === b.seq;
}

function hasSeenEnds(view: CharterView, charter: Charter, op: OpId): boolean {
  const ends = [...view.devices.values()].flatMap((device) => device.ends);
  const isWhole = view.principals.every(({ isLive }) => isLive);
  return isWhole && ends.every((end) => isInPast(charter, end.op, op));
}

function shuffled<T>(items: readonly T[], keys: readonly number[]): T[] {
  return items
    .map((item, i) => ({ item, key: keys[i % keys.length]! * 7919 + ((i * 31) % 97) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

describe('the state of a charter log', () => {
  it('does not depend on the order of arrival, on duplicates, or on how many come at a time', async () => {
    let interesting = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 30 }),
        fc.array(fc.nat(1000), { minLength: 1, maxLength: 20 }),
        async (steps, keys) => {
          const pair = await makePair();
          const ops = await play(steps, pair);
          const { space } = pair.replica.charter;
          const at = addOps(emptyCharter(space), ops).charter;
          let single = emptyCharter(space);
          for (const op of shuffled(ops, keys)) {
            single = addOp(single, op).charter;
            // Looking after each op carries the view on, where the other log folds all at once.
            viewOf(single);
          }
          const state = stateOf(at)!;
          expect(stateOf(single)).toEqual(state);
          expect(single.waiting.size).toBe(0);
          if (state.standing.length < state.ops.length) interesting++;
        },
      ),
      { numRuns: 150 },
    );
    // Histories in which everything stands would prove little.
    expect(interesting).toBeGreaterThan(20);
  });

  it('loses no standing op to one that only moves relays and has seen every end', async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const pair = await makePair();
        const ops = await play(steps, pair);
        let charter = emptyCharter(pair.replica.charter.space);
        for (const op of orderedOps(addOps(charter, ops).charter).map(({ signed }) => signed)) {
          const before = viewOf(charter);
          charter = addOp(charter, op).charter;
          // One that lacks an end can bear witness for an act the end had voided, and so have it end somebody.
          if (op.op.body.type !== 'relays' || before === undefined || !hasSeenEnds(before, charter, op.id)) continue;
          const lost = [...charter.ops.keys()].filter((id) => before.stands(id) && !viewOf(charter)!.stands(id));
          expect(lost).toEqual([]);
          seen++;
        }
      }),
      { numRuns: 60 },
    );
    expect(seen).toBeGreaterThan(20);
  });

  it('is not touched by adding to a copy: every charter value stays what it was', async () => {
    const { replica, alice } = await makePair();
    const before = replica.charter;
    const snapshot = JSON.stringify([stateOf(before), [...before.waiting.keys()], before.notable.length]);
    await replica.write(alice, { type: 'leave' });
    expect(JSON.stringify([stateOf(before), [...before.waiting.keys()], before.notable.length])).toBe(snapshot);
  });
});

describe('an op on the wire', () => {
  it('reads back as what was written, and has one spelling', async () => {
    const pair = await makePair();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
        for (const signed of await play(steps, pair)) {
          const read = decodeSignedOp(encodeSignedOp(signed));
          expect(read).toEqual(signed);
          expect(encodeOp(read.op)).toEqual(signed.bytes);
        }
      }),
      { numRuns: 10 },
    );
  });

  it('with any byte changed is refused as a fault, or is another op', async () => {
    const { replica } = await makePair();
    const samples = replica.ops.map((op) => [op, encodeSignedOp(op)] as const);
    fc.assert(
      fc.property(fc.nat(samples.length - 1), fc.nat(2000), fc.integer({ min: 1, max: 255 }), (which, at, mask) => {
        const [op, bytes] = samples[which]!;
        const changed = bytes.slice();
        changed[at % bytes.length]! ^= mask;
        try {
          const read = decodeSignedOp(changed);
          expect(read.id !== op.id || read.signature.some((byte, i) => byte !== op.signature[i])).toBe(true);
        } catch (fault) {
          expect(fault).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
