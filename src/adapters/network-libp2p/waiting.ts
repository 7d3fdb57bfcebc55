// Waiting that ends: time limits and the port's signal, in the terms of the web platform.

import type { Signal } from '#core/ports.ts';

/** Runs `work` with a signal that fires when the caller gives up or `limitMs` have passed. */
export async function abortable<T>(
  signal: Signal,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const giveUp = (): void => stop.abort(new DOMException('The caller gave up.', 'AbortError'));
  signal.addEventListener('abort', giveUp);
  try {
    return await work(within(stop.signal, limitMs));
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** `signal`, and a time limit of its own. */
export function within(signal: AbortSignal, limitMs: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
}

/** Resolves after `ms`; rejects when `signal` fires first. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(finish, ms);
    function finish(): void {
      signal?.removeEventListener('abort', stop);
      resolve();
    }
    function stop(): void {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    }
    if (signal?.aborted === true) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
