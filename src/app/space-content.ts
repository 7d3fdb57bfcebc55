// What the rooms that give messages a meaning outside chat (documents now, tasks later) see of the spaces: standing
// messages in causal order, a way to publish, and a short-lived channel for presence. The session implements it.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { Brand } from '#core/bytes/brand.ts';
import type { DeviceId, Incarnation, PrincipalId } from '#core/charter/ids.ts';
import type { Claim } from '#core/docs/doc-checkpoint.ts';
import type { Clock, Logger, Millis, Random, Rows } from '#core/ports.ts';
import type { DocumentHome, DocumentId, Documents, Live, MessageId, OpenDocument } from './api.ts';

/**
 * Whose content: a pair's space, or one scope of a group (document-homes.ts). Positions count the messages of the whole
 * space, so that those of one scope have holes between them.
 */
export type ContentSpace = Brand<string, 'ContentSpace'>;

/** The kinds of message that are handed out here; the session keeps `chat` and its relatives to itself. */
export type ContentKind = 'doc.update' | 'doc.move' | 'doc.checkpoint' | 'attest';

/** What an author had seen when writing: for each chain, how far it went. */
export interface Past {
  /**
   * Messages of that chain in the past: 0 = none, n = seq 0 … n - 1. The author's own chain is included. Of a chain that went
   * on twice those of the line that counts (chain/SPEC.md §7.1).
   */
  reach(device: DeviceId, incarnation: Incarnation): number;
  /** Whether something of another line of such a chain is in it. */
  sawBeside(): boolean;
}

/**
 * A message that stands and whose whole past is held here ("settled"). `position` counts a space's settled messages
 * in the order in which this device settled them, starting at 0; it stays the same over restarts, so that a reader can
 * store "read up to here". Replicas settle in different orders, each a linear extension of the same past.
 */
export interface ContentMessage {
  readonly space: ContentSpace;
  readonly position: number;
  readonly id: MessageId;
  readonly kind: ContentKind;
  readonly mine: boolean;
  readonly author: DeviceId;
  readonly incarnation: Incarnation;
  readonly seq: number;
  readonly lamport: number;
  readonly past: Past;
  readonly body: Bytes;
}

export interface SpaceFacts {
  readonly space: ContentSpace;
  /** `newer`: something here needs a newer version, so nothing may be written. `shut`: blocked, void, or no right to. */
  readonly mode: 'write' | 'newer' | 'shut';
  /** This device and incarnation here; what is published next comes from this chain. */
  readonly device: DeviceId;
  readonly incarnation: Incarnation;
  /** The rules give newcomers documents as checkpoints have them, so that these may replace changes. */
  readonly checkpoints: boolean;
}

/** A checkpoint of a document that settled here, whose author stands and had the right to make it. */
export interface ContentCheckpoint {
  readonly id: MessageId;
  readonly author: DeviceId;
  readonly incarnation: Incarnation;
  readonly seq: number;
  readonly lamport: number;
  readonly claim: Claim;
  /** `vouched`: by another person too. `disputed`: somebody came to something else. `void`: it does not count. */
  readonly state: 'claimed' | 'vouched' | 'disputed' | 'void';
  /** Since when this device knows of the second person. */
  readonly vouchedAt: Millis | undefined;
  /** What the second person said. */
  readonly second: MessageId | undefined;
  readonly heardAt: Millis;
  /** Somebody of this person wrote it, or said what they came to. */
  readonly isJudged: boolean;
  /** Whether its author had seen another message in the place of one, and not that one (chain/SPEC.md §7). */
  sawOther(message: ContentMessage): boolean;
}

/** A place in a chain of a space. */
export interface ContentPlace {
  readonly device: DeviceId;
  readonly incarnation: Incarnation;
  readonly seq: number;
}

export type PublishResult = 'saved' | 'no-room' | 'closed' | 'too-long' | 'newer' | 'shut';

/** Largest body of one content message; longer docUpdates are split by their room. */
export const MAX_CONTENT_BYTES = 100_000;
/** Largest short-lived payload. */
export const MAX_FLEETING_BYTES = 8_000;

export interface SpaceContents {
  /** What there is to write in and to read. Replaced whole on change. */
  readonly spaces: Live<readonly SpaceFacts[]>;
  /** What the person of a device is called there, already made safe. */
  nameOf(space: ContentSpace, device: DeviceId): string;
  /** Whose a device is, by a name that is the same at everybody's. */
  personOf(space: ContentSpace, device: DeviceId): PrincipalId | undefined;
  /** All settled messages of one kind from a position on, in order of position. Never throws. */
  messages(space: ContentSpace, kind: ContentKind, from: number): Promise<readonly ContentMessage[]>;
  /**
   * Those that settled and do not count now, or whose authors had no right to say them, or said something else in their place:
   * as far as their bodies are here.
   */
  setAside(space: ContentSpace, kind: ContentKind): readonly ContentMessage[];
  /**
   * Called for each message that settles after `listen`, own ones included (as soon as they are made, before they are
   * on disk), in order of position. An exception in a listener is counted and otherwise ignored.
   */
  listen(kind: ContentKind, heard: (message: ContentMessage) => void): () => void;
  /**
   * Which messages of a kind were taken back because their device was ended (chain/SPEC.md §8), or stand though they came
   * taken back, as a text that is equal exactly when they are; empty: none. `messages` leaves out those taken back, and
   * positions stay as they were.
   */
  takenBack(space: ContentSpace, kind: ContentKind): string;
  /** Called when messages that were handed out may have been taken back, or stand again. */
  listenTakenBack(heard: (space: ContentSpace) => void): () => void;
  /** Checkpoints of documents, in content order. */
  checkpoints(space: ContentSpace): readonly ContentCheckpoint[];
  /**
   * What is in a place: of which kind, and whether its body is here. `undefined`: nothing that settled, or of a chain that
   * went on twice nothing that counts.
   */
  heldAt(space: ContentSpace, place: ContentPlace): { readonly kind: string; readonly isOpen: boolean } | undefined;
  /** What came of checkpoints, whatever became of those who made them: what a document began with is kept. */
  states(space: ContentSpace): readonly ContentMessage[];
  /**
   * Whether this device has said something since all of these were here: they stand then for everybody, whatever is heard
   * later of their authors (chain/SPEC.md §8).
   */
  isBuiltOn(space: ContentSpace, places: Iterable<ContentPlace>, messages: readonly MessageId[]): boolean;
  /** Destroys the bodies of messages, here: their links stay. Part of an event. */
  destroy(space: ContentSpace, messages: readonly MessageId[]): void;
  /** Messages leave in the order of the calls. `saved` once it is on disk; live peers may have it earlier. */
  publish(space: ContentSpace, kind: ContentKind, body: Bytes): Promise<PublishResult>;
  /** To the devices of the space that are linked now; lost, doubled and reordered at the network's whim. */
  sendFleeting(space: ContentSpace, payload: Bytes): void;
  /** What other live devices sent; `gone` when a device's last link ended. */
  listenFleeting(heard: (event: FleetingEvent) => void): () => void;
}

export type FleetingEvent =
  | { readonly is: 'payload'; readonly space: ContentSpace; readonly device: DeviceId; readonly payload: Bytes }
  | { readonly is: 'here' | 'gone'; readonly space: ContentSpace; readonly device: DeviceId };

/** What the documents are opened over. `rows` is the session's; use collections that begin with `doc`. */
export interface DocumentsHost {
  readonly contents: SpaceContents;
  readonly rows: Rows;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Runs work as one event of the session's queue, so that `Session.idle` waits for it. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
}

export interface OpenedDocuments extends Documents {
  /**
   * A document whose id follows from what it belongs to, also before anybody wrote in it: the description of a task. In a
   * group what has no title stands in no list.
   */
  openAt(home: DocumentHome, id: DocumentId): Promise<OpenDocument>;
  /** A group is about to be here: what its documents need is fetched and read while others answer. */
  expectGroup(): void;
  /** Resolves when everything made so far is on disk or the disk refused it. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** A factory rather than an import, so that the browser loads Yjs after the first paint. */
export type OpenDocuments = (host: DocumentsHost) => OpenedDocuments;
