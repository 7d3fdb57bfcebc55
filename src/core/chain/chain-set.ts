// All chains of one scope: what is here, what is missing, who contradicts themself (chain/SPEC.md §6, §7).

import type { Charter } from '../charter/charter.ts';
import type { DeviceId, Incarnation, MessageId, OpId, Scope } from '../charter/ids.ts';
import type { HeaderProof } from '../charter/op-body.ts';
import type { Message } from './message.ts';

/** What became of a message that was taken in. */
export type MessageOutcome =
  /** Its whole past is here and it stands by its own past: hand it out. */
  | 'settled'
  /** Kept; something before it is missing. */
  | 'waiting'
  | 'known'
  /** Kept as a link, never handed out: it breaks a rule in a way everybody will see. */
  | 'bad'
  /** Contradicts another message of its device. Not kept; see `forks`. */
  | 'fork';

export interface Fork {
  readonly device: DeviceId;
  readonly first: HeaderProof;
  readonly second: HeaderProof;
}

export interface ChainReach {
  readonly device: DeviceId;
  readonly incarnation: Incarnation;
  /** Messages held without a gap from the start: 0 = none. */
  readonly held: number;
  /** Of these, settled ones. */
  readonly settled: number;
  /** One more than the highest seq heard of, held or cited. */
  readonly known: number;
  readonly head: MessageId | undefined;
}

export interface Gap {
  readonly device: DeviceId;
  readonly incarnation: Incarnation;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Lives as long as its space is open. Holds no bodies, only links. */
export declare class ChainSet {
  constructor(scope: Scope);
  /**
   * Takes in verified messages; `charter` tells who may speak. Returns what became of each, and all that settled
   * now (also earlier ones that waited), in an order in which each comes after its past.
   */
  add(
    messages: readonly Message[],
    charter: Charter,
  ): {
    readonly outcomes: readonly MessageOutcome[];
    readonly settled: readonly MessageId[];
    readonly forks: readonly Fork[];
  };
  /** After the charter log has grown: messages that waited for ops. */
  recheck(charter: Charter): readonly MessageId[];
  has(id: MessageId): boolean;
  isSettled(id: MessageId): boolean;
  /** Every chain; what a sync summary says. */
  frontier(): readonly ChainReach[];
  gaps(): readonly Gap[];
  /** Messages that others cite and nobody sent. */
  missing(): readonly MessageId[];
  /** What the next own message cites. */
  next(
    device: DeviceId,
    incarnation: Incarnation,
  ): {
    readonly seq: number;
    readonly own: MessageId | undefined;
    readonly seen: readonly MessageId[];
    readonly lamport: number;
  };
  /** How many messages of a chain are in the past of `of` (itself included for its own chain). */
  reach(of: MessageId, device: DeviceId, incarnation: Incarnation): number;
  /** Id of a held message by its place. */
  at(device: DeviceId, incarnation: Incarnation, seq: number): MessageId | undefined;
  /** Where a run that starts at `from` may end (exclusive), so that its last message carries a signature. */
  runEnd(device: DeviceId, incarnation: Incarnation, from: number): number;
}

/** Content order: (lamport, id). */
export declare function contentOrder(
  a: { readonly lamport: number; readonly id: MessageId },
  b: { readonly lamport: number; readonly id: MessageId },
): number;
export type { OpId };
