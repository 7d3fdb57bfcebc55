// When mail leaves: a group's after a person who waited for the disk has seen what they waited for; that of one's own space
// at once, for a device that is let in waits for it; and after much that comes over a link, or two seconds.

import { expect, test } from 'vitest';
import type { Replica } from '../space/replica.ts';
import { Turns } from './turns.ts';

/** Turns over a disk that a person waits for, and what they leave in the order in which they do. */
function cast() {
  const left: string[] = [];
  const after: (() => void)[] = [];
  const disk = { isHurried: true, unhurried: (then: () => void) => void after.push(then) };
  const queue = { later: (work: () => unknown) => void work(), run: (work: () => unknown) => void work() };
  const flood = { is: false };
  const clocks = new Map<() => void, number>();
  const clock = {
    after: (delay: number, then: () => void) => {
      clocks.set(then, delay);
      return () => void clocks.delete(then);
    },
  };
  const turns = new Turns({ disk, queue, clock, isFlooded: () => flood.is } as never);
  const durable = { heads: 'all', records: [] };
  const consider = (kind: 'group' | 'self'): void => {
    const identity = { kind, space: kind, device: 'mine' };
    const replica = { identity, durable, charter: { heads: 'all' }, records: new Map() } as unknown as Replica;
    turns.mail(replica, () => Promise.resolve(void left.push(kind)));
  };
  const showAll = (): void => {
    disk.isHurried = false;
    for (const then of after.splice(0)) then();
  };
  const wait = (): void => {
    for (const then of clocks.keys()) {
      clocks.delete(then);
      then();
    }
  };
  return { left, consider, showAll, flood, clocks, wait, turns };
}

test('mail of a group waits until somebody who waits for the disk has seen that it is saved, and then leaves', () => {
  const { left, consider, showAll } = cast();
  consider('group');
  expect(left).toEqual([]);
  showAll();
  expect(left).toEqual(['group']);
  consider('group');
  expect(left).toEqual(['group', 'group']);
});

test('mail of one’s own space waits for nobody', () => {
  const { left, consider } = cast();
  consider('self');
  expect(left).toEqual(['self']);
});

test('mail waits while much comes over a link, and leaves when it was looked at after that', () => {
  const { left, consider, flood, clocks } = cast();
  flood.is = true;
  consider('self');
  consider('self');
  expect(left).toEqual([]);
  flood.is = false;
  consider('self');
  expect(left).toEqual(['self']);
  expect(clocks.size).toBe(0);
});

test('mail waits no longer than two seconds for what comes over a slow link, or over one that fell', () => {
  const { left, consider, flood, clocks, wait } = cast();
  flood.is = true;
  consider('self');
  expect([...clocks.values()]).toEqual([2_000]);
  wait();
  expect(left).toEqual(['self']);
  consider('self');
  wait();
  expect(left).toEqual(['self', 'self']);
});

test('nothing leaves any more when the session closes, or a space goes', () => {
  const { consider, flood, clocks, turns } = cast();
  flood.is = true;
  consider('self');
  turns.forget('self' as never);
  expect(clocks.size).toBe(0);
  consider('self');
  turns.close();
  expect(clocks.size).toBe(0);
});
