// The page's live region: what is read aloud, and for how long it stands in the page.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Device, DeviceState } from '#app/api.ts';
import { LiveValue } from '#app/live-value.ts';
import { AppState } from './app-state.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function appOver(state: LiveValue<DeviceState>): AppState {
  return new AppState({ state } as unknown as Device);
}

test('what was read aloud does not stay in the page, where it would outlive a deleted message', () => {
  const app = appOver(new LiveValue<DeviceState>({ is: 'locked' }));
  app.announce('Bob: hello');
  expect(app.announcement).toBe('Bob: hello');
  vi.advanceTimersByTime(4_000);
  app.announce('Bob: hello');
  expect(app.announcement).toBe('Bob: hello\u00a0');
  vi.advanceTimersByTime(4_000);
  expect(app.announcement).not.toBe('');
  vi.advanceTimersByTime(1_000);
  expect(app.announcement).toBe('');
});
