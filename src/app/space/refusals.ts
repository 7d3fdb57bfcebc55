// How parts of what others sent are refused: with a count, never an exception.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import { hash } from '#core/crypto/hash.ts';
import type { Replica } from './replica.ts';

/** Under which name a frame or wrap waits for a key. */
export function parkId(kind: 'f' | 'w', bytes: Bytes): string {
  return kind + hex.encode(hash('header', bytes));
}

export function refuse(replica: Replica, what: string): void {
  replica.context.logger.count('space', `refused ${what}`);
}
