// Reading rows from a disk some of which may be damaged: those are left out and counted, and the rest is read.

import { tryDecode } from '#core/wire/try-decode.ts';

export class Salvage {
  /** Rows that could not be read. */
  damaged = 0;

  /** What `read` does before it comes upon a fault stays done. */
  safely<T>(read: () => T): T | undefined {
    const decoded = tryDecode(() => ({ value: read() }));
    if (decoded === undefined) this.damaged++;
    return decoded?.value;
  }
}
