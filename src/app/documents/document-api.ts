// The documents that people write together, as the interface between the screens and the session (see api.ts).

import type { Doc as YDoc } from 'yjs';
import type { Awareness } from 'y-protocols/awareness';
import type { Brand } from '#core/bytes/brand.ts';
import type { PrincipalId } from '#core/charter/ids.ts';
import type { Millis } from '#core/ports.ts';
import type { ContactId, Live } from '../talk/talk-api.ts';

export type DocumentId = Brand<string, 'DocumentId'>;
/** The readers of one scope of a group (document-homes.ts). */
export type GroupHome = Brand<string, 'GroupHome'>;
/** Whom a document is shared with. */
export type DocumentHome = ContactId | GroupHome;

export interface Documents {
  readonly list: Live<readonly DocumentEntry[]>;
  create(options: NewDocument): Promise<DocumentId>;
  rename(document: DocumentId, title: string): Promise<void>;
  /** Follows a document that went to other readers. */
  open(document: DocumentId): Promise<OpenDocument>;
  /**
   * To other readers of the same group. What it says goes as a new document, whose id this gives; former names lead there,
   * and those who cannot read it there lose it. Moving it back undoes that.
   */
  move(document: DocumentId, to: DocumentHome): Promise<MoveResult>;
  /** Where a document is that went to other readers; `undefined` where it did not, as far as is known here. */
  movedTo(document: DocumentId): Moved | undefined;
}

export interface NewDocument {
  readonly title: string;
  readonly with: DocumentHome;
  /** The code of a tool, at most `MAX_TOOL_BYTES`: the document is one then. */
  readonly tool?: string | undefined;
}

export type MoveResult = DocumentId | 'not-allowed' | 'no-room' | 'gone';

export interface Moved {
  readonly document: DocumentId;
  readonly home: DocumentHome;
  /** False: only those who read it there have it. */
  readonly isHere: boolean;
}

export interface DocumentEntry {
  readonly id: DocumentId;
  readonly title: string;
  readonly with: DocumentHome;
  /** A tool is a small program that its readers use together (src/app/tools/SPEC.md). */
  readonly kind: 'text' | 'tool';
  readonly changedAt: Millis;
}

/** Who wrote something in a document. */
export interface DocumentAuthor {
  /** The same at everybody's; `undefined` for a device that nobody here knows. */
  readonly person: PrincipalId | undefined;
  /** What they are called here, already made safe. */
  readonly name: string;
}

export interface OpenDocument {
  readonly id: DocumentId;
  /** The editor binds to `doc.getXmlFragment('body')`. */
  readonly doc: YDoc;
  /** Names and cursors of those who have it open now. */
  readonly awareness: Awareness;
  /**
   * `read-only-newer`: made by a newer version; shown, never edited. `read-only-shut`: the contact is blocked or void, so
   * nothing can be written to them.
   */
  readonly mode: 'edit' | 'read-only-newer' | 'read-only-shut';
  /** Who writes in `doc` as a clientID; `undefined` where nobody did. */
  authorOf(client: number): DocumentAuthor | undefined;
  readonly saved: Live<'saved' | 'saving' | 'no-room'>;
  /**
   * True once something in it was taken back, since it came from a device that was ended: `doc` changes no more, and the
   * document is to be opened again.
   */
  readonly isOver: Live<boolean>;
  close(): Promise<void>;
}
