// The mark stays until somebody saw that the vault is gone.

import { afterEach, expect, it, vi } from 'vitest';
import { vaultMarker } from './vault-marker.ts';

afterEach(() => vi.unstubAllGlobals());

function stubPage(visibilityState: 'visible' | 'hidden'): void {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  });
  vi.stubGlobal('document', { visibilityState });
}

it('threat 23 a page that is being closed does not take the mark away, since nobody read what it says', () => {
  stubPage('hidden');
  vaultMarker.set(true);
  vaultMarker.set(false);
  expect(vaultMarker.isSet()).toBe(true);
});

it('is taken away by a page that somebody looks at', () => {
  stubPage('visible');
  vaultMarker.set(true);
  vaultMarker.set(false);
  expect(vaultMarker.isSet()).toBe(false);
});
