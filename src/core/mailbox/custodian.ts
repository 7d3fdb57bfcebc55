// The relay node's side of a mailbox: keeps sealed envelopes for a while and hands them to whoever can read the topic.

import type { CryptoSuite, Seed } from '../crypto/suite.ts';
import type { Clock, Link, Logger, Random } from '../ports.ts';
import type { MailStore } from './store.ts';

export interface CustodianPorts {
  readonly store: MailStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly suite: CryptoSuite;
  readonly logger: Logger;
}

/** How much a custodian keeps and how fast one link may ask. */
export interface CustodianLimits {
  /** Bytes of one topic, encoded envelopes counted. */
  readonly topicBytes: number;
  readonly topicEnvelopes: number;
  /** Bytes in all. */
  readonly totalBytes: number;
  /** Requests one link may make per second, and in one burst. */
  readonly depositsPerSecond: number;
  readonly fetchesPerSecond: number;
  readonly beatsPerSecond: number;
  readonly subscriptionsPerLink: number;
}

/** Serves every link it is given, until `close`. */
export interface Custodian {
  accept(link: Link): void;
  close(): void;
}

/** `seed` is the relay node's own signing key: in the relay node that of its peer id. */
export type MakeCustodian = (
  ports: CustodianPorts,
  seed: Seed,
  limits?: Partial<CustodianLimits>,
) => Promise<Custodian>;
