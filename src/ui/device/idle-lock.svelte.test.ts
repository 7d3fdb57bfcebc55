// The vault locks itself when nobody touches it, also after the machine slept.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lockWhenIdle } from './idle-lock.ts';

describe('lockWhenIdle', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('locks once after the time without a touch', () => {
    const lock = vi.fn();
    lockWhenIdle(1, lock);
    vi.advanceTimersByTime(59_000);
    expect(lock).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10_000);
    expect(lock).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(600_000);
    expect(lock).toHaveBeenCalledOnce();
  });

  it('begins anew with each touch', () => {
    const lock = vi.fn();
    const stop = lockWhenIdle(1, lock);
    for (let round = 0; round < 5; round += 1) {
      vi.advanceTimersByTime(50_000);
      dispatchEvent(new Event('keydown'));
    }
    expect(lock).not.toHaveBeenCalled();
    stop();
  });

  it('finds itself locked when the page comes back from sleep', () => {
    const lock = vi.fn();
    let now = 0;
    lockWhenIdle(15, lock, () => now);
    now = 16 * 60_000;
    document.dispatchEvent(new Event('visibilitychange'));
    expect(lock).toHaveBeenCalledOnce();
  });

  it('never locks when told so', () => {
    const lock = vi.fn();
    lockWhenIdle(0, lock);
    vi.advanceTimersByTime(86_400_000);
    expect(lock).not.toHaveBeenCalled();
  });
});
