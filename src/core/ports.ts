// What the core needs from outside, as interfaces. Adapters implement them for browsers and Node; the simulator
// implements them with one seeded world. Nothing in core or in the session reaches outside in any other way.

import type { Brand } from './bytes/brand.ts';
import type { Bytes } from './bytes/bytes.ts';

/** Milliseconds; as a point in time, since 1970 by this device's clock, which may be wrong. */
export type Millis = Brand<number, 'Millis'>;

export const SECOND = 1_000 as Millis;
export const MINUTE = 60_000 as Millis;
export const HOUR = 3_600_000 as Millis;
export const DAY = 86_400_000 as Millis;

/** Time. Advice for people and retries; no rule of validity asks it. */
export interface Clock {
  now(): Millis;
  /** Calls `wake` once after `delay`. Returns what cancels it. */
  after(delay: Millis, wake: () => void): () => void;
}

/** The only source of randomness: keys, nonces, incarnations, KEM coins. */
export interface Random {
  bytes(count: number): Bytes;
}

/** Counts for whoever develops; off by default. Never identifiers, names, addresses or content. */
export interface Logger {
  count(component: string, event: string, amount?: number): void;
}

/** `strict`: on disk when the promise resolves (keys, charter, incarnation, outbox). `relaxed`: soon. */
export type Durability = 'strict' | 'relaxed';

export interface Row {
  readonly id: string;
  readonly value: Bytes;
}

/** One change to a row; `null` removes it. */
export interface RowWrite {
  readonly collection: string;
  readonly id: string;
  readonly value: Bytes | null;
}

/**
 * Rows of bytes in named collections. The session sees plain values; the vault seals collection, id and value
 * before they reach a disk.
 */
export interface Rows {
  get(collection: string, id: string): Promise<Bytes | undefined>;
  /**
   * All readable rows of a collection in ascending order of id (UTF-16 code units). Damaged ones are left out. `some`: may be
   * called with rows as they come, in no order, before all of them are there.
   */
  list(collection: string, some?: (rows: readonly Row[]) => void): Promise<readonly Row[]>;
  /** All writes or none. Rejects with `StorageFault` and changes nothing when the disk cannot take them. */
  commit(writes: readonly RowWrite[], durability: Durability): Promise<void>;
}

export type StorageFaultKind = 'full' | 'gone' | 'closed' | 'broken';

/** The disk did not take it. `full`: no room; `gone`: deleted from outside; `closed`: locked or taken over. */
export class StorageFault extends Error {
  override readonly name = 'StorageFault';
  readonly fault: StorageFaultKind;
  constructor(fault: StorageFaultKind, cause?: unknown) {
    super(`storage: ${fault}`, cause === undefined ? undefined : { cause });
    this.fault = fault;
  }
}

/** A libp2p peer id in text form. Drawn anew at each unlock; never a person. */
export type PeerId = Brand<string, 'PeerId'>;

/** The address at which a relay node is dialled, without the reader having to know its parts. */
export type RelayAddress = Brand<string, 'RelayAddress'>;

/** How a link runs: browser to browser, or through a relay node that cannot read it. */
export type Road = 'direct' | 'relayed';

/**
 * Frames to and from one other end, encrypted on the way. A frame arrives whole or not at all; nothing promises
 * that it arrives, once only or in order (the simulator breaks each), so whoever uses a link asks again.
 */
export interface Link {
  readonly remote: PeerId;
  readonly road: Road;
  /** False when the other end is slow and the frame was dropped; `closed` links drop everything. */
  send(frame: Uint8Array): boolean;
  onframe: ((frame: Bytes) => void) | undefined;
  /** Called once, when the link has ended for any reason but our own `close`. */
  onclose: (() => void) | undefined;
  close(): void;
}

/** Who may learn this device's address: *direct* shows it to the other person, *relays* only to relay nodes. */
export type NetworkPolicy = 'direct' | 'relays';

/** Where a device can be met now, as its beat said. */
export interface Meeting {
  readonly peer: PeerId;
  readonly relays: readonly RelayAddress[];
}

/** Opens links. One exists for each unlocked session; closing it ends all links. */
export interface Network {
  readonly self: PeerId;
  /** A link to a relay node's mailbox. Rejects when it cannot be reached in time. */
  openMailbox(relay: RelayAddress, signal: Signal): Promise<Link>;
  /** A link to another device for sync: by the best road the policy allows. */
  openPeer(meeting: Meeting, policy: NetworkPolicy, signal: Signal): Promise<Link>;
  /** Links that other devices opened to us. */
  onpeer: ((link: Link) => void) | undefined;
  /**
   * Tries for a better road to a device that is reached over a relay node, or about to be: what `openPeer` still looks for is
   * awaited. The promise gives the new link, or `undefined` where the network allows none.
   */
  upgrade(peer: PeerId, signal: Signal): Promise<Link | undefined>;
  /**
   * The peer proved to be a contact with whom both sides allow *direct*: it may learn this device's address, so its
   * call for the better road is to be answered. Absent where nothing has to be permitted.
   */
  permitDirect?(peer: PeerId): void;
  /** Takes that back, and ends direct links to the peer: the person chose *relays* for the contact, or blocked them. */
  forbidDirect?(peer: PeerId): void;
  close(): Promise<void>;
}

/** The part of AbortSignal that core relies on. */
export interface Signal {
  readonly aborted: boolean;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
