// A number both ends compare by voice or by eye, to know that nobody sits between them (SPEC.md §4).

import { compare, concat } from '../bytes/bytes.ts';
import { derive } from '../crypto/hash.ts';
import type { SigningKey } from '../crypto/suite.ts';

const GROUPS = 12;
const GROUP_DIGITS = 5;
/** Five bytes for five digits: the remainder's bias is below 10^-7, as in Signal's numeric fingerprint. */
const GROUP_BYTES = 5;

/**
 * Twelve groups of five digits, the same at both ends whichever key comes first. Signal's number is two halves of 30
 * digits, each an iterated hash of one key; ours hashes both founders' keys and the space id at once. Who sits between
 * must make two spaces with one number, a collision in 60 digits: 2^99 tries, what a half of Signal's resists.
 */
export function safetyNumber(space: Uint8Array, keys: readonly [SigningKey, SigningKey]): string {
  const [first, second] = compare(keys[0], keys[1]) <= 0 ? keys : [keys[1], keys[0]];
  const digest = derive(concat(first, second), space, 'safetyNumber', new Uint8Array(0), GROUPS * GROUP_BYTES);
  const groups = Array.from({ length: GROUPS }, (_, group) => {
    let value = 0;
    for (let i = 0; i < GROUP_BYTES; i++) value = value * 256 + digest[group * GROUP_BYTES + i]!;
    return String(value % 10 ** GROUP_DIGITS).padStart(GROUP_DIGITS, '0');
  });
  return groups.join(' ');
}
