// The app's side of a mailbox: leave envelopes at one relay node, collect them, be told of new ones, pass beats.

import type { Bytes } from '../bytes/bytes.ts';
import type { CryptoSuite, SigningKey } from '../crypto/suite.ts';
import type { Clock, Link, Random, Signal } from '../ports.ts';
import type { Envelope } from '../wire/envelope.ts';
import type { EnvelopeId, TopicKey } from './topic-key.ts';

export interface MailboxPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly suite: CryptoSuite;
}

/** Why a relay node keeps no envelope. `busy`: it asked for patience longer than we have. */
export type DepositRefusal = 'not-signed' | 'wrong-day' | 'topic-full' | 'relay-full' | 'busy';
export type DepositAnswer = 'stored' | DepositRefusal;

/** The relay did not answer in time, the link ended, or the relay is not the one its address names. */
export type MailboxFaultKind = 'no-answer' | 'closed' | 'wrong-relay';

export class MailboxFault extends Error {
  override readonly name = 'MailboxFault';
  readonly fault: MailboxFaultKind;
  constructor(fault: MailboxFaultKind) {
    super(`mailbox: ${fault}`);
    this.fault = fault;
  }
}

/** Envelopes of one topic in the order the relay node keeps them. */
export interface Batch {
  readonly envelopes: readonly Envelope[];
  /** Where to go on from, to be stored once the envelopes are: the last one that nothing is missing before. */
  readonly cursor: EnvelopeId | undefined;
  /** Whether the relay node has more after the cursor. */
  readonly more: boolean;
}

export interface SubscribeOptions {
  /** Go on after this envelope; from the oldest kept when undefined. */
  readonly after?: EnvelopeId | undefined;
  /** Stored and newly deposited envelopes. Without it nothing is fetched and only beats come. */
  readonly onbatch?: (batch: Batch) => void;
  /** Beats others publish on the topic; unverified beyond the topic's signature. */
  readonly onbeat?: (beat: Bytes) => void;
}

/** Ends with `close`, or with the client. */
export interface Subscription {
  close(): void;
}

/** One relay node's mailboxes over one link. Made anew for each link. */
export interface MailboxClient {
  /** The day the relay node announced (since 1970, UTC). Topics use this day ± 1, never the device's own clock. */
  readonly day: number;
  readonly relayKey: SigningKey;
  /** Called once, when the link has ended or the relay node stopped answering, but not for our own `close`. */
  onclose: (() => void) | undefined;
  /** Called when the relay node announces another day. */
  onday: ((day: number) => void) | undefined;
  /** `stored` once the relay node has it on disk. Depositing the same envelope again is harmless. */
  deposit(envelope: Envelope): Promise<DepositAnswer>;
  /** One look: what fits one answer. Deletes nothing. */
  fetch(key: TopicKey, after?: EnvelopeId): Promise<Batch>;
  /** Everything after a cursor, batch by batch; several answers are under way at once. `take` is awaited. */
  collect(key: TopicKey, after: EnvelopeId | undefined, take: (batch: Batch) => void | Promise<void>): Promise<void>;
  /** Resolves when the relay node knows of the subscription; old envelopes follow through `onbatch`. */
  subscribe(key: TopicKey, options: SubscribeOptions): Promise<Subscription>;
  /** Hands a beat to whoever is subscribed now. Not stored, not acknowledged. */
  publish(key: TopicKey, beat: Bytes): Promise<void>;
  close(): void;
}

/** Greets the relay node over a link and resolves when it has answered; rejects with `MailboxFault`. */
export type OpenMailbox = (link: Link, ports: MailboxPorts, signal?: Signal) => Promise<MailboxClient>;
