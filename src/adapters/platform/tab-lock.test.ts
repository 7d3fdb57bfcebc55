// Tabs sharing one lock: taken once, handed over on request, taken by force from a tab that does not answer.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { TabLock } from './tab-lock.ts';

let count = 0;
let open: TabLock[] = [];

function tabs(): [TabLock, TabLock] {
  const name = `tab-lock-${count++}`;
  const pair: [TabLock, TabLock] = [new TabLock(name), new TabLock(name)];
  open.push(...pair);
  return pair;
}

afterEach(() => {
  for (const tab of open) tab.close();
  open = [];
  vi.restoreAllMocks();
});

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('the lock of a tab', () => {
  test('is held by one tab; the other is told, and gets it after it was released', async () => {
    const [first, second] = tabs();
    const taken = vi.fn();
    second.ontaken = taken;
    expect(await first.take()).toBe(true);
    expect(await second.take()).toBe(false);
    expect([await first.isTakenElsewhere(), await second.isTakenElsewhere()]).toEqual([false, true]);
    await soon();
    expect(taken).toHaveBeenCalledTimes(1);
    first.release();
    await soon();
    expect(await second.take()).toBe(true);
  });

  test('is handed over when asked for, after its holder has closed', async () => {
    const [first, second] = tabs();
    await first.take();
    const events: string[] = [];
    first.onlost = () => {
      events.push('asked');
      setTimeout(() => {
        events.push('closed');
        first.release();
      }, 30);
    };
    await second.takeOver();
    expect(events).toEqual(['asked', 'closed']);
    expect([first.holds, second.holds]).toEqual([false, true]);
  });

  test('is taken by force from a tab that does not answer, which hears of it once when it wakes up', async () => {
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
      const abort = new AbortController();
      setTimeout(() => abort.abort(new DOMException('', 'TimeoutError')), 30);
      return abort.signal;
    });
    const [first, second] = tabs();
    await first.take();
    const lost = vi.fn();
    first.onlost = lost;
    await second.takeOver();
    expect([second.holds, await second.isTakenElsewhere()]).toEqual([true, false]);
    await soon();
    expect([lost.mock.calls.length, first.holds]).toEqual([1, false]);
  });

  test('tells who waits that it is free, and stops waiting when told to', async () => {
    const [first, second] = tabs();
    await first.take();
    const free = vi.fn();
    const stopped = new AbortController();
    void second.whenFree(new AbortController().signal).then(free);
    const waiting = second.whenFree(stopped.signal);
    await soon();
    expect(free).not.toHaveBeenCalled();
    stopped.abort();
    await waiting;
    first.release();
    await soon();
    expect(free).toHaveBeenCalledTimes(1);
  });
});
