// One document in memory: Yjs with the guard before it and one's own edits behind it.
//
// Invariants
// 1. Nothing reaches Yjs from a message that the guard did not admit.
// 2. What listeners of the document throw stops neither later edits nor later messages (`#mend`).
// 3. The document never changes on its own: it holds exactly the admitted messages and one's own edits.

import { Doc, applyUpdate, encodeStateAsUpdate, encodeStateVector, getState, type Transaction } from 'yjs';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId } from '#core/charter/ids.ts';
import type { ClientId } from '#core/docs/client-id.ts';
import { encodeDocUpdate, type DocUpdate } from '#core/docs/doc-update.ts';
import type { DocumentState } from '#core/docs/document-state.ts';
import { DocumentGuard, type SavedGuard } from '#core/docs/guard.ts';
import { schemaMode, schemaWritten } from '#core/docs/schema.ts';
import { SECOND, type Clock, type Logger, type Millis } from '#core/ports.ts';
import type { DocumentId, OpenDocument } from '../api.ts';
import type { ContentMessage, ContentSpace, PublishResult, SpaceFacts } from '../space-content.ts';
import { Intake } from './intake.ts';
import { Outgoing } from './outgoing.ts';
import type { StoredDocument } from './store.ts';

/** Origin of what came from messages. Never that of an edit, so that an undo manager undoes only what was made here. */
const FROM_MESSAGES = Symbol('from messages');
/** How long after a change the document is checked for being wedged. */
const CHECK_AFTER = SECOND;

export interface LiveDocumentPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  facts(): SpaceFacts;
  publish(body: Bytes): Promise<PublishResult>;
  /** After each message that changed the document, and each edit. */
  changed(): void;
}

/** One to be filled. Yjs tidies marks after messages, by deleting; each replica at another moment, and again at each rebuilding. */
export function emptyDoc(): Doc {
  const doc = new Doc({ gc: true });
  doc.on('afterTransaction', (transaction: Transaction) => {
    transaction._needFormattingCleanup = false;
  });
  return doc;
}

export class LiveDocument {
  readonly id: DocumentId;
  readonly doc: Doc;
  readonly outgoing: Outgoing;
  readonly #intake: Intake;
  readonly #ports: LiveDocumentPorts;
  readonly #guard: DocumentGuard;
  readonly #clientId: ClientId;
  #stored: StoredDocument | undefined;
  /** Own structs up to here were handed to `outgoing`. */
  #handed = 0;
  #next: number;
  #listening = false;
  /** Something was changed here while nothing may be written. */
  #withheld = false;
  #cancelCheck: (() => void) | undefined;

  constructor(
    { id, doc = emptyDoc() }: { readonly id: DocumentId; readonly doc?: Doc },
    ports: LiveDocumentPorts,
    kept?: { readonly guard: SavedGuard; readonly next: number },
  ) {
    this.id = id;
    this.#ports = ports;
    this.doc = doc;
    this.#guard = new DocumentGuard(id, kept?.guard);
    this.#next = kept?.next ?? 0;
    const { device, incarnation } = ports.facts();
    this.#clientId = this.#guard.clientIdOf({ device, incarnation });
    this.outgoing = new Outgoing({
      clock: ports.clock,
      publish: (update) => ports.publish(encodeDocUpdate({ document: id, schema: schemaWritten(this.doc), update })),
      lose: (update) => this.#apply(update),
    });
    this.#intake = new Intake(ports.clock, this.doc, (update) => this.#apply(update));
  }

  get clientId(): ClientId {
    return this.#clientId;
  }

  /** The position of the first message that was not looked at yet. */
  get next(): number {
    return this.#next;
  }

  get mode(): OpenDocument['mode'] {
    const { mode } = this.#ports.facts();
    if (mode === 'shut') return 'read-only-shut';
    return mode === 'newer' ? 'read-only-newer' : schemaMode(this.#guard.schema);
  }

  /** Nothing in it needs a newer app. */
  get isKnown(): boolean {
    return schemaMode(this.#guard.schema) === 'edit';
  }

  get space(): ContentSpace {
    return this.#ports.facts().space;
  }

  /** The device that writes as a clientID. */
  deviceOf(client: number): DeviceId | undefined {
    if (client === this.#clientId) return this.#ports.facts().device;
    return this.#guard.authorOf(client)?.device as DeviceId | undefined;
  }

  /** The shared structs agree with what the guard admitted: nothing was lost on disk, nothing unpublished lies there. */
  get isWhole(): boolean {
    const { store } = this.doc;
    if (store.pendingStructs !== null || store.pendingDs !== null) return false;
    const heads = this.#guard.heads();
    const clients = new Set([...heads.keys(), ...store.clients.keys()]);
    return [...clients].every((client) => getState(store, client) === (heads.get(client) ?? 0));
  }

  /** The document holds what the messages say: no edit is on its way out, and nothing admitted on its way in. */
  get isSettled(): boolean {
    return this.outgoing.isEmpty && this.#intake.isEmpty;
  }

  saveGuard(): SavedGuard {
    return this.#guard.save();
  }

  /** From now on what is admitted is given to `stored`, or to none. */
  keepIn(stored: StoredDocument | undefined): void {
    this.#stored = stored;
  }

  /** From now on edits are published. Everything known must have been taken before. */
  start(): void {
    this.doc.clientID = this.#clientId;
    this.#handed = getState(this.doc.store, this.#clientId);
    this.#listening = true;
    this.doc.on('update', (update: Uint8Array, origin: unknown) => this.#edited(update, origin));
    this.doc.on('beforeTransaction', () => this.#checkSoon());
  }

  /** Begins with what stands in for messages whose bodies are not here; before anything else. */
  begin(states: readonly DocumentState[]): void {
    for (const { update } of states) {
      this.#apply(update);
      this.#stored?.put(update);
    }
  }

  /** A message that is in what the document began with. */
  passOver({ position }: ContentMessage): void {
    this.#next = Math.max(this.#next, position + 1);
  }

  /** Takes a message of this document, in order of position; those seen before are passed over. */
  take(message: ContentMessage, body: DocUpdate): void {
    if (message.position < this.#next) return;
    this.#next = message.position + 1;
    const author = { device: message.author, incarnation: message.incarnation };
    const verdict = this.#guard.admit({ author, seq: message.seq, past: message.past, body });
    if (!verdict.ok) {
      this.#ports.logger.count('documents', message.mine ? 'own-refused' : 'refused');
      return;
    }
    if (!this.#holdsAlready(message)) this.#intake.add(body.update);
    this.#stored?.put(body.update);
    this.#ports.changed();
  }

  /** Resolves when what was admitted is in the document. */
  caughtUp(): Promise<void> {
    return this.#intake.caughtUp();
  }

  close(): void {
    this.#cancelCheck?.();
    this.#intake.end();
    this.outgoing.end();
    this.#listening = false;
    this.doc.destroy();
  }

  /** What this very chain wrote since the document was loaded is in it: it was made here. */
  #holdsAlready(message: ContentMessage): boolean {
    if (!this.#listening || !message.mine) return false;
    const { device, incarnation } = this.#ports.facts();
    return message.author === device && message.incarnation === incarnation;
  }

  #apply(update: Bytes): void {
    try {
      applyUpdate(this.doc, update, FROM_MESSAGES);
    } catch {
      // Yjs has integrated it; a listener threw afterwards.
      this.#ports.logger.count('documents', 'listener-threw');
      this.#mend();
    }
    // Yjs draws a random clientID when a message continues the one in use (own messages read again).
    if (this.#listening && this.doc.clientID !== this.#clientId) this.doc.clientID = this.#clientId;
  }

  #edited(update: Uint8Array, origin: unknown): void {
    if (origin === FROM_MESSAGES) return;
    if (this.mode !== 'edit') this.#withheld = true;
    else this.#hand(this.#withheld ? this.#missed() : update);
  }

  #checkSoon(): void {
    this.#cancelCheck ??= this.#ports.clock.after(CHECK_AFTER as Millis, () => {
      this.#cancelCheck = undefined;
      this.#mend();
    });
  }

  /**
   * An exception in any listener leaves Yjs with transactions it never finishes: later edits show and are neither saved
   * nor sent. This lets go of those, and hands out what was missed.
   */
  #mend(): void {
    const { doc } = this;
    if (doc._transaction !== null || doc._transactionCleanups.length === 0) return;
    doc._transactionCleanups = [];
    this.#ports.logger.count('documents', 'mended');
    if (!this.#listening || this.mode !== 'edit') return;
    this.#hand(this.#missed());
  }

  #missed(): Uint8Array {
    return encodeStateAsUpdate(this.doc, vectorUpTo(this.doc, this.#clientId, this.#handed));
  }

  #hand(update: Uint8Array): void {
    this.#withheld = false;
    this.#handed = getState(this.doc.store, this.#clientId);
    this.outgoing.push(update as Bytes);
    // After the turn in which it leaves.
    void Promise.resolve().then(() => this.#ports.changed());
  }
}

/** The document's own state vector, but `client` only up to `clock`. */
function vectorUpTo(doc: Doc, client: number, clock: number): Uint8Array {
  const states = [...doc.store.clients.keys()].map((known): [number, number] => [known, getState(doc.store, known)]);
  return encodeStateVector(new Map([...states, [client, clock]]));
}
