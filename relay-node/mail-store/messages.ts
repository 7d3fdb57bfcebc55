// What passes between the mail store and the thread that writes to its disk.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { StoredEnvelope, Usage } from '#core/mailbox/store.ts';

export type WriterRequest =
  | { readonly do: 'append'; readonly number: number; readonly envelopes: readonly StoredEnvelope[] }
  | { readonly do: 'expire'; readonly number: number; readonly day: number }
  | { readonly do: 'set-aside'; readonly number: number; readonly topic: Bytes; readonly id: Bytes }
  | { readonly do: 'scrub'; readonly number: number }
  | { readonly do: 'close'; readonly number: number };

/** `usage` is what is on disk after the request. */
export type WriterAnswer =
  | { readonly number: number; readonly usage: Usage; readonly result: readonly boolean[] | number }
  | { readonly number: number; readonly fault: 'full' | 'broken' };

/** The first thing the writer says. */
export type WriterReady =
  | { readonly ready: true; readonly usage: Usage; readonly wasSetAside: boolean }
  | { readonly ready: false; readonly reason: string };
