// The signed part of a message (chain/SPEC.md §2). It stands in the charter room because two different headers with
// one number are evidence that ends a device.

import type { Bytes } from '../bytes/bytes.ts';
import type { Signature } from '../crypto/suite.ts';
import type { DeviceId, GrantId, Incarnation, Kid, MessageId, OpId, Scope, SpaceId } from './ids.ts';

export interface Header {
  readonly space: SpaceId;
  readonly scope: Scope;
  readonly kid: Kid;
  readonly device: DeviceId;
  readonly incarnation: Incarnation;
  /** Place in the chain of (device, scope, incarnation), from 0. */
  readonly seq: number;
  /** Ratchet index for kinds whose keys are erased after use; absent for those under the document key. */
  readonly n: number | undefined;
  /** 1 + the greatest of `own` and `seen`. */
  readonly lamport: number;
  /** The previous message of the chain; absent at its start. */
  readonly own: MessageId | undefined;
  /** Heads of other chains of this scope; ascending, at most 8. */
  readonly seen: readonly MessageId[];
  /** Heads of the charter log as the author knew it; ascending, at most 8. */
  readonly charter: readonly OpId[];
  /** Ops this device had signed. */
  readonly opSeq: number;
  readonly under: OpId;
  /** Membership, then binding. */
  readonly auth: readonly GrantId[];
  readonly kind: string;
  readonly bodyHash: Bytes;
  readonly bodyLength: number;
}

export declare function encodeHeader(header: Header): Bytes;
/** Throws `WireError`. */
export declare function decodeHeader(bytes: Uint8Array): Header;
export declare function messageIdOf(headerBytes: Uint8Array): MessageId;
export interface SignedHeader {
  readonly id: MessageId;
  readonly header: Header;
  readonly bytes: Bytes;
  readonly signature: Signature;
}
