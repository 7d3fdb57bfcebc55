// Where an open document rests between unlocks, so that opening it does not replay its history. Optional: without one
// (the simulator), documents are rebuilt from their messages.

import type { Doc } from 'yjs';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { DocumentId } from '../api.ts';

/**
 * One document's stored structs. It is given what was admitted and is in the log already, never an edit that is only on
 * the screen: what it holds after a crash is then a part of the log, and reading the log again heals the rest.
 */
export interface StoredDocument {
  /** Some of it could not be read: the document must be rebuilt from its messages. */
  readonly damaged: boolean;
  put(update: Bytes): void;
  /** Resolves when all that was put before is with the disk (relaxed); false when the disk refused some of it. */
  settled(): Promise<boolean>;
  /**
   * Replaces everything stored by what the document holds now, which must be without unpublished edits. Does nothing until
   * there is much to gain, unless that is to be so `always`: what was deleted is then on the disk no longer.
   */
  compact(always?: boolean): Promise<void>;
  /** Forgets everything stored. */
  erase(): Promise<void>;
  close(): Promise<void>;
}

/** Loads what is stored into `doc` and keeps it from there on. */
export type OpenStore = (document: DocumentId, doc: Doc) => Promise<StoredDocument>;
