// The rows of a conversation: what comes back from them is what was put in (P33).

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Bytes } from '#core/bytes/bytes.ts';
import { messageIdOf } from '#core/charter/header.ts';
import type { MessageId, SpaceId } from '#core/charter/ids.ts';
import type { Millis, Row } from '#core/ports.ts';
import { contentOf, Writer } from '#tests/suites/chain-kit.ts';
import { makePair } from '#tests/suites/space-kit.ts';
import type { Disk } from '../disk.ts';
import { decodeEntries, LogReading } from './log-rows.ts';
import { Log, type Entry } from './log.ts';

const pair = await makePair();
const writers = await Promise.all(
  [pair.alice, pair.bob].map(async (author, i) => {
    const writer = new Writer(author, pair.replica, i + 1);
    const messages = await writer.sayMany(12, `writer ${i}`);
    // Rests on something that never was: kept as a link that does not stand.
    const bad = await writer.make('bad', { own: 'ee'.repeat(32) as MessageId, seq: 12 });
    return { messages, bad };
  }),
);

function entryOf(message: Entry['message'], arrival: number, stands: boolean): Entry {
  const { salt, body } = contentOf(`text ${arrival}`);
  const open = stands ? { salt, body } : undefined;
  return { message, arrival, heardAt: (1_000 + arrival) as Millis, open, stands };
}

function rowsOf(log: Log): Row[] {
  const rows = new Map<string, Row>();
  const disk = {
    put: (_collection: string, id: string, value: (() => Bytes) | Bytes) =>
      void rows.set(id, { id, value: typeof value === 'function' ? value() : value }),
  };
  log.save(disk as unknown as Disk);
  return [...rows.values()];
}

test('entries come back with their ids, in whatever order chains were woven, and a lost row costs only its own', async () => {
  const shuffles = fc.array(fc.nat({ max: 1 }), { minLength: 26, maxLength: 26 });
  await fc.assert(
    fc.asyncProperty(shuffles, fc.nat({ max: 25 }), async (order, cut) => {
      const left = writers.map(({ messages, bad }) => [...messages, bad]);
      const entries: Entry[] = [];
      for (const pick of [...order, ...Array<number>(13).fill(0), ...Array<number>(13).fill(1)]) {
        const message = left[pick]!.shift();
        if (message === undefined) continue;
        entries.push(entryOf(message, entries.length, !writers.some(({ bad }) => bad === message)));
      }
      // Two rows: a log that grew after another was full.
      const parts = [entries.slice(0, cut), entries.slice(cut)].map((part) => {
        const log = new Log(pair.replica.charter.space as SpaceId);
        for (const entry of part) log.append(entry);
        return rowsOf(log)[0];
      });
      const rows = parts.flatMap((row, i) => (row === undefined ? [] : [{ ...row, id: `00000000${i}` }]));
      for (const kept of [rows, rows.slice(0, 1), rows.slice(-1)]) {
        const log = new Log(pair.replica.charter.space as SpaceId);
        expect(await log.load(kept)).toBe(0);
        for (const entry of log.entries) {
          expect(entry.message.id).toBe(messageIdOf(entry.message.bytes));
          expect(log.get(entry.message.id)).toBe(entry);
        }
        if (kept === rows) expect(log.entries).toEqual(entries);
      }
    }),
    { numRuns: 60 },
  );
});

/** Two messages in each of three places of one chain. */
const forked = await Promise.all(
  ['one', 'other'].map((what) => new Writer(pair.alice, pair.replica, 7).sayMany(3, `branch ${what}`)),
);

test('both branches of a device that said two things in one place come back under their own names, in whatever order', async () => {
  const picks = fc.array(fc.nat({ max: 1 }), { minLength: 6, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(picks, fc.nat({ max: 6 }), async (order, cut) => {
      const left = forked.map((messages) => [...messages]);
      const woven = [...order, 0, 0, 0, 1, 1, 1].flatMap((pick) => left[pick]!.shift() ?? []);
      const entries = woven.map((message, i) => entryOf(message, i, true));
      const parts = [entries.slice(0, cut), entries.slice(cut)].map((part) => {
        const log = new Log(pair.replica.charter.space as SpaceId);
        for (const entry of part) log.append(entry);
        return rowsOf(log)[0];
      });
      const rows = parts.flatMap((row, i) => (row === undefined ? [] : [{ ...row, id: `00000000${i}` }]));
      const broken = rows.map((row, i) => (i === 0 ? { ...row, value: row.value.slice(0, -1) } : row));
      for (const kept of [rows, rows.slice(0, 1), rows.slice(-1), broken]) {
        const log = new Log(pair.replica.charter.space as SpaceId);
        await log.load(kept);
        for (const { message } of log.entries) expect(message.id).toBe(messageIdOf(message.bytes));
        if (kept === rows) expect(log.entries).toEqual(entries);
      }
      for (const { value } of rows) {
        for (const { message } of decodeEntries(value)) expect(message.id).toBe(messageIdOf(message.bytes));
      }
    }),
    { numRuns: 200 },
  );
});

test('what comes at once lies in few rows, and none of these is written again for what is said after', () => {
  const log = new Log(pair.replica.charter.space as SpaceId);
  const messages = writers.flatMap(({ messages: said }) => said);
  const sizes = (rows: readonly Row[]) => rows.map(({ value }) => value.length);
  for (let i = 0; i < 400; i++) log.append(entryOf(messages[i % messages.length]!, i, true));
  const atOnce = rowsOf(log);
  expect(atOnce).toHaveLength(2);
  const written = new Set<string>();
  for (let i = 400; i < 500; i++) {
    log.append(entryOf(messages[i % messages.length]!, i, true));
    const rows = rowsOf(log);
    for (const { id } of rows) written.add(id);
    // One that is written with each message stays short.
    expect(rows).toHaveLength(1);
    expect(sizes(rows)[0]).toBeLessThan(30_000);
  }
  expect(atOnce.filter(({ id }) => written.has(id))).toEqual([]);
});

test('a row that was cut in half is counted as damaged, and the others are read', async () => {
  const log = new Log(pair.replica.charter.space as SpaceId);
  writers[0]!.messages.forEach((message, i) => log.append(entryOf(message, i, true)));
  const [row] = rowsOf(log);
  const again = new Log(pair.replica.charter.space as SpaceId);
  expect(
    await again.load([
      { id: '000000000', value: row!.value.slice(0, -9) },
      { ...row!, id: '000000001' },
    ]),
  ).toBe(1);
  expect(again.entries).toHaveLength(12);
});

test('rows that were read as they came, in no order, give the same as rows read at the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat()), fc.nat({ max: 40 }), fc.boolean(), async (order, cut, isCut) => {
      const log = new Log(pair.replica.charter.space as SpaceId);
      const messages = writers.flatMap(({ messages: said }) => said);
      const half = Math.floor(messages.length / 2);
      messages.slice(0, half).forEach((message, i) => log.append(entryOf(message, i, true)));
      const [first] = rowsOf(log);
      const rest = new Log(pair.replica.charter.space as SpaceId);
      messages.slice(half).forEach((message, i) => rest.append(entryOf(message, half + i, true)));
      const [second] = rowsOf(rest);
      const whole = { ...first!, id: '000000000' };
      const last = { ...second!, id: '000000001' };
      const rows: Row[] = [isCut ? { ...whole, value: whole.value.slice(0, -1 - cut) } : whole, last];
      const reading = new LogReading();
      // Some come twice, some not before the end.
      for (const at of order.slice(0, 3)) reading.note([rows[at % 2]!]);
      const [atOnce, asTheyCame] = [log, rest].map(() => new Log(pair.replica.charter.space as SpaceId));
      const damaged = [await atOnce!.load(rows), await asTheyCame!.load(rows, undefined, reading)];
      expect(damaged).toEqual(isCut ? [1, 1] : [0, 0]);
      expect(asTheyCame!.entries).toEqual(atOnce!.entries);
      for (const { message } of asTheyCame!.entries) expect(message.id).toBe(messageIdOf(message.bytes));
    }),
    { numRuns: 40 },
  );
});
