// A group in a simulated world: after the storm everybody who is in has the same people, history, halls, messages, tasks
// and documents; and the world can tell when that is not so.
import { describe, expect, test } from 'vitest';
import { utf8 } from '#core/bytes/bytes.ts';
import { runTown } from './run-town.ts';
import { Taint } from './taint.ts';

const PATIENCE = 120_000;
const NOTHING = { lost: [], diverged: [], illegal: [], leaked: [] };

test(
  'J4 people who come, speak, work, give roles and vote in a storm agree after it, and lost nothing',
  async () => {
    const { findings, operations } = await runTown(4);
    expect(operations).toBeGreaterThanOrEqual(240);
    expect(findings).toEqual(NOTHING);
  },
  PATIENCE,
);

test(
  'a town gives the same trace each time',
  async () => {
    const [one, two] = [await runTown(14, { deedsEach: 15 }), await runTown(14, { deedsEach: 15 })];
    expect(two.trace).toBe(one.trace);
    expect(two.faults).toEqual(one.faults);
  },
  PATIENCE,
);

test(
  'P35 hostile members strike in towns, and nothing of it counts',
  async () => {
    const { faults, counts, findings } = await runTown(7);
    expect(faults['hostile member']).toBeGreaterThan(0);
    expect(Object.keys(counts).filter((name) => name.startsWith('hostile: ')).length).toBeGreaterThan(1);
    expect(findings).toEqual(NOTHING);
  },
  PATIENCE,
);

test(
  '18 what one said twice keeps nobody from what others said since',
  async () => {
    const { findings, faults } = await runTown(23);
    expect(faults['hostile member']).toBeGreaterThan(0);
    expect(findings).toEqual(NOTHING);
  },
  PATIENCE,
);

describe('what went to relay nodes', () => {
  const frame = (middle: Uint8Array) => new Uint8Array([1, 2, 3, ...middle, 9, 9]);

  test('is looked through for words and keys, wherever they lie', () => {
    const taint = new Taint();
    taint.words('text', '<t1.17>');
    taint.note('a key', new Uint8Array(32).fill(7));
    taint.reached(frame(utf8('sealed <t1.1> sealed')));
    expect(taint.found()).toEqual([]);
    taint.reached(frame(utf8('…<t1.17>…')));
    taint.reached(frame(new Uint8Array(32).fill(7)));
    expect(taint.found().map((line) => line.split(' ').slice(0, -1).join(' '))).toEqual(['a key', 'text']);
  });
});
