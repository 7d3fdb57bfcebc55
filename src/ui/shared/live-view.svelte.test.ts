// A value of the session reaches Svelte, and lets go of it.
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import { LiveValue } from '#app/live-value.ts';
import { LiveView } from './live-view.svelte.ts';

describe('LiveView', () => {
  it('runs its reader again after each change, and not after the reader is gone', () => {
    const live = new LiveValue(1);
    const view = new LiveView(live);
    const seen: number[] = [];
    const stop = $effect.root(() => {
      $effect(() => {
        seen.push(view.current);
      });
    });
    flushSync();
    live.set(2);
    flushSync();
    expect(seen).toEqual([1, 2]);
    stop();
    live.set(3);
    flushSync();
    expect(seen).toEqual([1, 2]);
  });

  it('gives the value of the moment where nothing is reactive', () => {
    const live = new LiveValue('a');
    const view = new LiveView(live);
    live.set('b');
    expect(view.current).toBe('b');
  });
});
