// The lines of a conversation as the screen draws them: messages and gaps, with a line for each new day and one where
// the unread begins. Pure, and cheap for ten thousand messages: what is known of a message is worked out once.

import type { Gap, Message, MessageId, TimelineEntry } from '#app/api.ts';
import { dayNumber } from '#ui/language/in-words.ts';

export type Row =
  | { readonly is: 'day'; readonly key: string; readonly at: number }
  | { readonly is: 'unread'; readonly key: 'unread' }
  | { readonly is: 'gap'; readonly key: string; readonly gap: Gap }
  | {
      readonly is: 'message';
      readonly key: MessageId;
      readonly message: Message;
      /** Begins, and ends, a run of messages by one person within a short time. */
      readonly begins: boolean;
      readonly ends: boolean;
    };

/** Messages by one person closer than this stand together. */
const RUN_MS = 5 * 60_000;

const days = new WeakMap<Message, number>();

function dayOf(message: Message): number {
  let day = days.get(message);
  if (day === undefined) {
    day = dayNumber(message.at);
    days.set(message, day);
  }
  return day;
}

export function timelineRows(timeline: readonly TimelineEntry[], firstUnread: MessageId | undefined): readonly Row[] {
  const rows: Row[] = [];
  let lastDay: number | undefined;
  for (let index = 0; index < timeline.length; index += 1) {
    const entry = timeline[index]!;
    if (entry.is === 'gap') {
      rows.push({ is: 'gap', key: entry.id, gap: entry });
      continue;
    }
    const day = dayOf(entry);
    const isNewDay = day !== lastDay;
    // A clock that ran backwards makes the same day come twice: the key tells them apart.
    if (isNewDay) rows.push({ is: 'day', key: `day ${entry.id}`, at: entry.at });
    lastDay = day;
    if (entry.id === firstUnread) rows.push({ is: 'unread', key: 'unread' });
    const begins = isNewDay || !standTogether(timeline[index - 1], entry);
    const next = timeline[index + 1];
    const ends = !standTogether(entry, next) || (next?.is === 'message' && dayOf(next) !== day);
    rows.push({ is: 'message', key: entry.id, message: entry, begins, ends });
  }
  return rows;
}

function standTogether(a: TimelineEntry | undefined, b: TimelineEntry | undefined): boolean {
  return (
    a?.is === 'message' && b?.is === 'message' && a.mine === b.mine && a.by === b.by && Math.abs(b.at - a.at) < RUN_MS
  );
}

export function rowOfMessage(rows: readonly Row[], message: MessageId): number {
  return rows.findIndex((row) => row.key === message);
}

/** The next row from `index` in `direction` that holds a message; the same when there is none. */
export function nextMessageRow(rows: readonly Row[], index: number, direction: 1 | -1): number {
  for (let at = index + direction; at >= 0 && at < rows.length; at += direction) {
    if (rows[at]!.is === 'message') return at;
  }
  return index;
}
