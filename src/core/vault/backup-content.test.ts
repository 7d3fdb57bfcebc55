// What lies inside a backup: exact round trips, typed refusals, sizes that tell little.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WireError } from '../wire/wire-error.ts';
import { decodeBackupContent, encodeBackupContent } from './backup-content.ts';

describe('backup content', () => {
  test('decodes to what was encoded, for every length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000, size: 'max' }), (state) => {
        expect(decodeBackupContent(encodeBackupContent(state))).toEqual(new Uint8Array(state));
      }),
      { numRuns: 50 },
    );
    for (const length of [0, 4_071, 4_072, 4_073, 65_536, 1_000_000]) {
      expect(decodeBackupContent(encodeBackupContent(new Uint8Array(length).fill(1)))).toHaveLength(length);
    }
  });

  test('is at most an eighth longer than the state, and few lengths exist', { timeout: 60_000 }, () => {
    const sizes = new Set<number>();
    for (let length = 10_000; length < 1_000_000; length += 997) {
      const size = encodeBackupContent(new Uint8Array(length)).length;
      expect(size).toBeLessThan(length * 1.12 + 24);
      sizes.add(size);
    }
    expect(sizes.size).toBeLessThan(200);
  });

  test('has one spelling: nothing in the filling, no other length, no other size', () => {
    const content = encodeBackupContent(new Uint8Array([1, 2, 3]));
    for (const at of [0, 18, 19, 20, 21, 23, 27, content.length - 1]) {
      const changed = content.slice();
      changed[at]! ^= at === 23 ? 2 : 0x70;
      expect(() => decodeBackupContent(changed), `byte ${at}`).toThrow(WireError);
    }
    for (const cut of [0, 5, 20, 1_000]) expect(() => decodeBackupContent(content.slice(0, cut))).toThrow(WireError);
  });
});
