// What is asked of one kind of message is answered as if the whole log had been looked through.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogIndex } from './log-index.ts';

const message = fc.record({ kind: fc.constantFrom('chat', 'task', 'pin'), stands: fc.boolean() });

test('places of a kind, and how many were handed out before, are what counting through the log gives', () => {
  fc.assert(
    fc.property(fc.array(message), (log) => {
      const index = new LogIndex();
      log.forEach(({ kind, stands }, place) => index.note(place, kind, stands));
      for (const kind of ['chat', 'task', 'pin', 'none']) {
        const counted = log.flatMap((one, place) => (one.kind === kind ? [place] : []));
        expect(index.places(kind)).toEqual(counted);
      }
      log.forEach((_, place) => {
        const before = log.slice(0, place).filter(({ stands }) => stands);
        expect(index.positionOf(place)).toBe(before.length);
      });
      expect([...index.kinds()].sort()).toEqual([...new Set(log.map(({ kind }) => kind))].sort());
    }),
  );
});
