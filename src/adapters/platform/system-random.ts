// The platform's cryptographic dice.

import type { Random } from '#core/ports.ts';

/** What one call of getRandomValues may give (Web Cryptography API §10.1.1). */
const MAX_AT_ONCE = 65_536;

export const systemRandom: Random = {
  bytes(count) {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; at += MAX_AT_ONCE) crypto.getRandomValues(bytes.subarray(at, at + MAX_AT_ONCE));
    return bytes;
  },
};
