// What a browser's storage errors mean to the app: full, gone, closed or broken.

import { StorageFault } from '#core/ports.ts';

/** `ended` is what is already known about the connection; it explains every later error. */
export function faultOf(cause: unknown, ended?: 'gone' | 'closed'): StorageFault {
  if (cause instanceof StorageFault) return cause;
  const name = nameOf(cause);
  // Browsers disagree about the class of this error and agree about its name.
  if (name === 'QuotaExceededError') return new StorageFault('full', cause);
  if (ended !== undefined) return new StorageFault(ended, cause);
  if (name === 'InvalidStateError') return new StorageFault('closed', cause);
  return new StorageFault('broken', cause);
}

function nameOf(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('name' in cause)) return undefined;
  return typeof cause.name === 'string' ? cause.name : undefined;
}
