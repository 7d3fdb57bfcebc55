// What comes from where anybody can write may be junk: then it is `undefined`, and no fault.

import { WireError } from '../wire/wire-error.ts';
import { SealFault } from './suite.ts';

/** What `open` gives; `undefined` where it does not open, or is not what it should be. Other faults go on. */
export function orJunk<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (fault) {
    return junk(fault);
  }
}

/** As `orJunk`, for what takes a while. */
export async function orJunkLater<T>(open: () => Promise<T>): Promise<T | undefined> {
  try {
    return await open();
  } catch (fault) {
    return junk(fault);
  }
}

function junk(fault: unknown): undefined {
  if (fault instanceof SealFault || fault instanceof WireError) return undefined;
  throw fault;
}
