// When mail leaves: a group's after a person who waited for the disk has seen what they waited for; that of one's own space
// at once, for a device that is let in waits for it.

import { expect, test } from 'vitest';
import type { Replica } from '../space/replica.ts';
import { Turns } from './turns.ts';

/** Turns over a disk that a person waits for, and what they leave in the order in which they do. */
function cast() {
  const left: string[] = [];
  const after: (() => void)[] = [];
  const disk = { isHurried: true, unhurried: (then: () => void) => void after.push(then) };
  const queue = { later: (work: () => unknown) => void work() };
  const turns = new Turns({ disk, queue } as never);
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
  return { left, consider, showAll };
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
