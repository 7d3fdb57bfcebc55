// Reading what may not be what it should be: then it is nothing, and no fault.

import { WireError } from './wire-error.ts';

/** What `decode` gives; `undefined` where that throws a `WireError`. Of a version after ours `newer` is told. */
export function tryDecode<T>(decode: () => T, newer?: () => void): T | undefined {
  try {
    return decode();
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    if (cause.fault === 'unknown-version') newer?.();
    return undefined;
  }
}
