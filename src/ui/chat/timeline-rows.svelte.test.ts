// The lines of a conversation: days, unread, runs and gaps, and how long ten thousand take.
import { describe, expect, it } from 'vitest';
import type { Message, MessageId, TimelineEntry } from '#app/api.ts';
import type { Millis } from '#core/ports.ts';
import { nextMessageRow, rowOfMessage, timelineRows } from './timeline-rows.ts';

const NOON = new Date(2026, 4, 1, 12).getTime();
const MINUTE = 60_000;

function message(id: string, at: number, mine = false): Message {
  return {
    is: 'message',
    id: id as MessageId,
    mine,
    by: undefined,
    text: id,
    at: at as Millis,
    edited: false,
    deleted: false,
    replyTo: undefined,
    delivery: undefined,
  };
}

const shape = (timeline: readonly TimelineEntry[], unread?: string): string[] =>
  timelineRows(timeline, unread as MessageId | undefined).map((row) => (row.is === 'message' ? row.key : row.is));

describe('timelineRows', () => {
  it('begins each day with a line of its own', () => {
    const timeline = [message('a', NOON), message('b', NOON + MINUTE), message('c', NOON + 24 * 60 * MINUTE)];
    expect(shape(timeline)).toEqual(['day', 'a', 'b', 'day', 'c']);
  });

  it('keeps keys apart when a clock ran backwards', () => {
    const day = 24 * 60 * MINUTE;
    const rows = timelineRows([message('a', NOON), message('b', NOON + day), message('c', NOON)], undefined);
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
  });

  it('marks where the unread begins', () => {
    expect(shape([message('a', NOON), message('b', NOON + MINUTE)], 'b')).toEqual(['day', 'a', 'unread', 'b']);
  });

  it('shows a gap where messages are missing, and lets no run reach across it', () => {
    const timeline = [message('a', NOON), { is: 'gap', id: 'g', missing: 3 } as const, message('b', NOON + MINUTE)];
    const rows = timelineRows(timeline, undefined);
    expect(rows.map(({ is }) => is)).toEqual(['day', 'message', 'gap', 'message']);
    expect(rows[1]).toMatchObject({ ends: true });
    expect(rows[3]).toMatchObject({ begins: true });
  });

  it('joins what one person wrote within minutes', () => {
    const timeline = [message('a', NOON), message('b', NOON + MINUTE), message('c', NOON + 2 * MINUTE, true)];
    const runs = timelineRows(timeline, undefined).filter((row) => row.is === 'message');
    expect(runs.map(({ begins, ends }) => [begins, ends])).toEqual([
      [true, false],
      [false, true],
      [true, true],
    ]);
  });

  it('moves from message to message over days and gaps, and stays at the ends', () => {
    const rows = timelineRows([message('a', NOON), message('b', NOON + 24 * 60 * MINUTE)], undefined);
    const first = rowOfMessage(rows, 'a' as MessageId);
    const second = nextMessageRow(rows, first, 1);
    expect(rows[second]!.key).toBe('b');
    expect(nextMessageRow(rows, second, 1)).toBe(second);
    expect(nextMessageRow(rows, rows.length, -1)).toBe(second);
  });
});
