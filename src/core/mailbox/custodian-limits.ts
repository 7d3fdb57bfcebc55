// How much a custodian keeps and how fast one link is served. The relay node sets these from its flags.

/** Every number may be changed; the reasons are for the defaults. */
export interface CustodianLimits {
  /** Bytes of one topic. A topic lives for a day and one reader; more than this is a flood, answered by rotation. */
  readonly topicBytes: number;
  readonly topicEnvelopes: number;
  /** Bytes in all: what the operator gives away of the disk. */
  readonly totalBytes: number;
  /** Requests of one link. 10,000 waiting messages leave in ten seconds, and 64 such links do not fill a core. */
  readonly requestsPerSecond: number;
  /** Bytes one link may deposit: a file goes through in minutes, a flood takes hours to reach the quota. */
  readonly depositBytesPerSecond: number;
  readonly beatsPerSecond: number;
  /** Pair and self spaces need one per contact, device and day: two hundred contacts have room. */
  readonly subscriptionsPerLink: number;
  /** Each costs about 300 bytes of memory, so that strangers with many links cannot take more than 60 MB. */
  readonly subscriptionsInAll: number;
  /** Requests of one link that wait for their turn; what exceeds them is lost, and asked again by the app. */
  readonly waitingPerLink: number;
}

const MIB = 1_048_576;

export const DEFAULT_LIMITS: CustodianLimits = {
  topicBytes: 32 * MIB,
  topicEnvelopes: 50_000,
  totalBytes: 2_048 * MIB,
  requestsPerSecond: 1_000,
  depositBytesPerSecond: 2 * MIB,
  beatsPerSecond: 20,
  subscriptionsPerLink: 2_048,
  subscriptionsInAll: 200_000,
  waitingPerLink: 512,
};

/** Requests may come in bursts this many seconds long: opening the app asks for everything at once. */
export const BURST_SECONDS = 4;
