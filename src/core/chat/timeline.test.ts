// The fold of chat messages: order, authorship, deletion, and that the order of arrival does not matter.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MessageId, PrincipalId } from '../charter/ids.ts';
import type { Millis } from '../ports.ts';
import type { ChatBody } from './body.ts';
import { comparePlaces } from '../chain/place.ts';
import { Timeline, type ToldMessage } from './timeline.ts';

const ALICE = 'a' as PrincipalId;
const BOB = 'b' as PrincipalId;
const idOf = (n: number): MessageId => n.toString(16).padStart(64, '0') as MessageId;
const NOW = 1_000_000 as Millis;

function told(n: number, body: ChatBody, options: Partial<ToldMessage> = {}): ToldMessage {
  return { id: idOf(n), lamport: n, author: ALICE, mine: true, heardAt: NOW, arrival: n, body, ...options };
}

function chat(text: string, replyTo?: number): ChatBody {
  return { kind: 'chat', text, at: NOW, replyTo: replyTo === undefined ? undefined : idOf(replyTo) };
}

const edit = (target: number, text: string): ChatBody => ({ kind: 'edit', target: idOf(target), text, at: NOW });
const remove = (target: number): ChatBody => ({ kind: 'delete', target: idOf(target) });

function read(messages: readonly ToldMessage[]): Timeline {
  const timeline = new Timeline();
  for (const message of messages) timeline.add(message);
  return timeline;
}

const texts = (timeline: Timeline): string[] => timeline.entries.map(({ text }) => text);

describe('a timeline', () => {
  test('stands in content order, however messages came', () => {
    const messages = [told(1, chat('one')), told(2, chat('two')), told(3, chat('three'))];
    expect(texts(read([messages[2]!, messages[0]!, messages[1]!]))).toEqual(['one', 'two', 'three']);
  });

  test('says truly how many of the first entries are the same as before', () => {
    const one = fc.record({ n: fc.nat(12), what: fc.constantFrom('chat', 'reply', 'edit', 'delete'), to: fc.nat(12) });
    fc.assert(
      fc.property(fc.array(fc.tuple(one, fc.boolean()), { maxLength: 40 }), (steps) => {
        const timeline = new Timeline();
        let before = timeline.entries;
        steps.forEach(([{ n, what, to }, isAsked], i) => {
          const bodies = { chat: chat('text'), reply: chat('text', to), edit: edit(to, `${i}`), delete: remove(to) };
          timeline.add(told(what === 'edit' || what === 'delete' ? 100 + i : n, bodies[what]));
          if (!isAsked) return;
          const same = timeline.takeUnchanged();
          expect(before.slice(0, same).every((entry, at) => entry === timeline.entries[at])).toBe(true);
          expect(same).toBeLessThanOrEqual(before.length);
          before = timeline.entries;
        });
        expect(timeline.takeUnchanged() <= before.length).toBe(true);
      }),
    );
  });

  test('takes a message once', () => {
    expect(texts(read([told(1, chat('one')), told(1, chat('one'))]))).toEqual(['one']);
  });

  test('P33: shows edits of the author and of nobody else, the last in content order', () => {
    const timeline = read([
      told(1, chat('one')),
      told(4, edit(1, 'later')),
      told(3, edit(1, 'earlier')),
      told(5, edit(1, 'forged'), { author: BOB }),
    ]);
    expect(timeline.entries).toMatchObject([{ text: 'later', edited: true }]);
  });

  test('P33: is not emptied by a deletion that its author did not write', () => {
    expect(texts(read([told(1, chat('one')), told(2, remove(1), { author: BOB })]))).toEqual(['one']);
    expect(texts(read([told(2, remove(1), { author: BOB }), told(1, chat('one'))]))).toEqual(['one']);
  });

  test('names all bodies to destroy when a message is deleted, whichever came first', () => {
    const first = read([told(1, chat('one')), told(2, edit(1, 'uno'))]);
    expect(first.add(told(3, remove(1))).shred).toEqual([idOf(1), idOf(2)]);
    expect(first.add(told(4, edit(1, 'late'))).shred).toEqual([idOf(4)]);
    const second = read([told(3, remove(1)), told(2, edit(1, 'uno'))]);
    expect(second.add(told(1, chat('one'))).shred).toEqual([idOf(1), idOf(2)]);
    expect(first.entries).toMatchObject([{ text: '', deleted: true, edited: false }]);
    expect(second.entries).toEqual(first.entries);
  });

  test('shows the beginning of what a reply answers, as it is now', () => {
    const timeline = read([told(2, chat('yes', 1)), told(1, chat('really?'), { mine: false, author: BOB })]);
    expect(timeline.entries[1]).toMatchObject({ replyTo: { text: 'really?', mine: false } });
    timeline.add(told(3, edit(1, 'truly?'), { author: BOB }));
    expect(timeline.entries[1]).toMatchObject({ replyTo: { text: 'truly?' } });
    timeline.add(told(4, remove(1), { author: BOB }));
    expect(timeline.entries[1]).toMatchObject({ replyTo: { text: '' } });
  });

  test('28: nobody is shown to have written long after it was heard', () => {
    const timeline = read([told(1, { kind: 'chat', text: 'one', at: 9e12 as Millis, replyTo: undefined })]);
    expect(timeline.entries[0]!.at).toBeLessThanOrEqual(NOW + 120_000);
  });

  test('keeps the identity of entries that did not change, and the array while nothing did', () => {
    const timeline = read([told(1, chat('one')), told(2, chat('two'))]);
    const before = timeline.entries;
    expect(timeline.entries).toBe(before);
    timeline.add(told(3, chat('three')));
    expect(timeline.entries[0]).toBe(before[0]);
    expect(timeline.entries).not.toBe(before);
  });

  test('law: the result depends on the set of messages alone', () => {
    const body = fc.oneof(
      fc.string({ maxLength: 8 }).map((text) => chat(text)),
      fc.tuple(fc.nat(12), fc.string({ maxLength: 8 })).map(([target, text]) => edit(target, text)),
      fc.nat(12).map(remove),
      fc.nat(12).map((target) => chat('reply', target)),
    );
    const message = fc.tuple(body, fc.boolean()).map(([said, isBob]) => ({ said, author: isBob ? BOB : ALICE }));
    const history = fc.array(message, { maxLength: 13 });
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (messages, dice) => {
        const all = messages.map(({ said, author }, n) => told(n, said, { author, lamport: 1 + (n >> 1) }));
        const shuffled = all
          .map((item) => ({ item, key: dice.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ item }) => item);
        const once = read(all).entries;
        expect(read(shuffled).entries).toEqual(once);
        expect([...once].sort(comparePlaces)).toEqual(once);
      }),
    );
  });
});
