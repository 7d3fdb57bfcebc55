// Messages for the road: a single one live, or a run of one chain on catch-up, both under the scope's header key
// (chain/SPEC.md §4, §5).

import type { Bytes } from '../bytes/bytes.ts';
import type { AeadKey, CryptoSuite } from '../crypto/suite.ts';
import type { Kid } from '../charter/ids.ts';
import type { Random } from '../ports.ts';
import type { Message } from './message.ts';

export declare const MAX_RUN: number;
/** A run ends before its bodies exceed this. */
export declare const MAX_RUN_BYTES: number;

/**
 * Seals consecutive messages of one chain and one kid, the last of which carries its signature. One message is a run
 * of one. Throws a plain `Error` for anything else: our mistake.
 */
export declare function sealRun(
  messages: readonly Message[],
  headerKey: AeadKey,
  random: Random,
  suite: CryptoSuite,
): Bytes;

/** The key a frame is sealed under, so that its header key can be looked up. Throws `WireError`. */
export declare function frameKid(frame: Uint8Array): Kid;

export type RunProblem = 'does-not-open' | 'malformed' | 'broken-links' | 'bad-signature';

/** Opens a frame and proves every message in it by one signature. Never throws, whatever the bytes. */
export declare function openRun(
  frame: Uint8Array,
  headerKey: AeadKey,
  suite: CryptoSuite,
): Promise<{ readonly messages: readonly Message[] } | { readonly problem: RunProblem }>;
