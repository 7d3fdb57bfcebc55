// What lies inside a backup: exact round trips, typed refusals.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WireError } from '../wire/wire-error.ts';
import { decodeBackupContent, encodeBackupContent } from './backup-content.ts';

describe('backup content', () => {
  test('decodes to what was encoded, for every length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000, size: 'max' }), (state) => {
        expect(decodeBackupContent(encodeBackupContent(state))).toEqual(new Uint8Array(state));
      }),
      { numRuns: 30 },
    );
    for (const length of [0, 65_510, 65_511, 65_512, 65_513, 65_536]) {
      expect(decodeBackupContent(encodeBackupContent(new Uint8Array(length).fill(1)))).toHaveLength(length);
    }
  });

  test('has one spelling: nothing in the filling, no other length, no other size', () => {
    const content = encodeBackupContent(new Uint8Array([1, 2, 3]));
    for (const at of [0, 18, 19, 20, 23, 30, content.length - 1]) {
      const changed = content.slice();
      changed[at]! ^= 1;
      if (at >= 24 && at < 27) continue;
      expect(() => decodeBackupContent(changed), `byte ${at}`).toThrow(WireError);
    }
    for (const cut of [0, 5, 20, 1_000]) expect(() => decodeBackupContent(content.slice(0, cut))).toThrow(WireError);
  });
});
