// The documents shared with contacts, over the session's messages: which there are, and each one opened.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import { DOCUMENT_ID_BYTES, mayChangeTitle, type DocUpdate } from '#core/docs/doc-update.ts';
import { setTitle, titleOf } from '#core/docs/title.ts';
import { kindOf, setTool } from '#core/docs/tool.ts';
import { StorageFault, type Millis } from '#core/ports.ts';
import type { DocumentEntry, DocumentHome, DocumentId, Live, OpenDocument } from '../api.ts';
import type { Moved, MoveResult, NewDocument } from './document-api.ts';
import { contentOf, homeOf, partsOfHome } from './document-homes.ts';
import type { ContentMessage, ContentSpace, DocumentsHost, OpenedDocuments, SpaceFacts } from '../space-content.ts';
import { Catalogue } from './catalogue.ts';
import { decodeBody } from './doc-messages.ts';
import type { CheckpointPace, Checkpoints } from './checkpoints.ts';
import { bringBack } from './hanging.ts';
import type { Moves } from './moves.ts';
import type { OfGroups } from './of-groups.ts';
import { Opened } from './opened.ts';
import { Shelf, type Shelved } from './shelf.ts';
import type { OpenStore } from './store.ts';

/** Longest time messages are worked through without letting the screen breathe; a frame is 16 ms. */
const TURN = 12 as Millis;

export interface DocumentsOptions {
  /** Keeps documents between unlocks; without it each is rebuilt from its messages. */
  readonly store?: OpenStore;
  /** When checkpoints are made in groups, and changes go because of them. */
  readonly pace?: CheckpointPace;
}

/** Starts looking through the messages at once; `list` fills as it goes. */
export function openDocuments(host: DocumentsHost, options: DocumentsOptions = {}): OpenedDocuments {
  return new DocumentRoom(host, options);
}

class DocumentRoom implements OpenedDocuments {
  readonly #host: DocumentsHost;
  readonly #catalogue: Catalogue;
  readonly #shelf: Shelf;
  /** Only groups have roles for documents to go to: it comes with the first of them. */
  #moves: Moves | undefined;
  #checkpoints: Checkpoints | undefined;
  /** Spaces whose earlier messages are still being read; what is heard meanwhile waits. */
  readonly #catchingUp = new Map<ContentSpace, ContentMessage[]>();
  readonly #known = new Set<ContentSpace>();
  readonly #loaded: Promise<void>;
  readonly #stop: (() => void)[];
  #inbox: ContentMessage[] = [];
  #cancelTurn: (() => void) | undefined;
  #looking: Promise<void> = Promise.resolve();
  #takingBack: Promise<void> = Promise.resolve();
  #closed = false;
  #forGroups: Promise<OfGroups> | undefined;
  readonly #pace: CheckpointPace | undefined;

  constructor(host: DocumentsHost, options: DocumentsOptions) {
    this.#host = host;
    this.#pace = options.pace;
    this.#catalogue = new Catalogue(host.rows, host.clock);
    this.#shelf = new Shelf(host, {
      ...options,
      spaceOf: (id) => this.#catalogue.get(id)?.space,
      factsOf: (space) => this.#factsOf(space),
      changed: (id) => this.#refresh(id),
      beginningOf: async (space, id) => {
        const isNeeded = host.contents.checkpoints(space).some(({ claim }) => claim.document === id);
        return isNeeded ? (await this.#ofGroups(space))?.checkpoints.beginningOf(space, id) : undefined;
      },
    });
    const { contents } = host;
    this.#stop = [
      contents.listen('doc.update', (message) => this.#hear(message)),
      contents.listen('doc.move', (message) => this.#hearMove(message)),
      contents.listen('doc.checkpoint', (message) => this.#hearOfCheckpoint(message)),
      contents.listen('attest', (message) => this.#hearOfCheckpoint(message)),
      contents.spaces.subscribe(() => void this.#meetSpaces()),
      contents.listenTakenBack((space) => void this.#standsOtherwise(space)),
    ];
    this.#loaded = this.#catalogue.load().then(() => this.#meetSpaces());
  }

  get list(): Live<readonly DocumentEntry[]> {
    return this.#catalogue.list;
  }

  async create(options: NewDocument): Promise<DocumentId> {
    await this.#loaded;
    const space = contentOf(options.with);
    this.#factsOf(space);
    const id = this.#newId();
    const changedAt = this.#host.clock.now();
    const shelved = await this.#shelf.take(id, space);
    const { doc } = shelved.live;
    setTitle(doc, options.title);
    if (options.tool !== undefined) setTool(doc, { code: options.tool, salt: this.#newId() });
    await shelved.live.outgoing.flush();
    const saved = shelved.live.outgoing.state.current;
    if (saved !== 'saved') {
      this.#shelf.discard(id);
      throw new StorageFault(saved === 'no-room' ? 'full' : 'closed');
    }
    this.#catalogue.set({ id, space, title: titleOf(doc), kind: kindOf(doc), changedAt, stale: false });
    await this.#shelf.put(shelved);
    return id;
  }

  #newId(): DocumentId {
    return hex.encode(this.#host.random.bytes(DOCUMENT_ID_BYTES)) as DocumentId;
  }

  async rename(document: DocumentId, title: string): Promise<void> {
    await this.#loaded;
    const shelved = await this.#shelf.take(document);
    if (titleOf(shelved.live.doc) !== title && shelved.live.mode === 'edit') setTitle(shelved.live.doc, title);
    await shelved.live.outgoing.flush();
    await this.#shelf.put(shelved);
  }

  async open(document: DocumentId): Promise<OpenDocument> {
    await this.#loaded;
    const id = this.#moves?.nameNow(document) ?? document;
    return this.#opened(await this.#shelf.take(id));
  }

  async move(document: DocumentId, to: DocumentHome): Promise<MoveResult> {
    await this.#loaded;
    return this.#moves?.move(this.#moves.nameNow(document), to) ?? 'not-allowed';
  }

  movedTo(document: DocumentId): Moved | undefined {
    return this.#moves?.movedTo(document);
  }

  async openAt(home: DocumentHome, id: DocumentId): Promise<OpenDocument> {
    await this.#loaded;
    const space = contentOf(home);
    this.#factsOf(space);
    const elsewhere = this.#catalogue.get(id);
    if (elsewhere !== undefined && elsewhere.space !== space) throw new Error('documents: it lives elsewhere');
    return this.#opened(await this.#shelf.take(id, space));
  }

  expectGroup(): void {
    void this.#loaded.then(() => this.#readyForGroups()).catch(() => undefined);
  }

  async flush(): Promise<void> {
    await this.#shelf.flush();
    await this.#catalogue.flush();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.flush();
    this.#closed = true;
    for (const stop of this.#stop) stop();
    this.#cancelTurn?.();
    this.#checkpoints?.close();
    this.#catalogue.close();
    await this.#shelf.close();
  }

  #opened(shelved: Shelved): OpenDocument {
    return new Opened(shelved, { contents: this.#host.contents, putBack: (back) => this.#shelf.put(back) });
  }

  #factsOf(space: ContentSpace): SpaceFacts {
    const facts = this.#factsIn(space);
    if (facts === undefined) throw new Error('documents: no such space');
    return facts;
  }

  #factsIn(space: ContentSpace): SpaceFacts | undefined {
    const facts = this.#host.contents.spaces.current.find((known) => known.space === space);
    return facts?.mode === 'write' && this.#catalogue.isNewer(space) ? { ...facts, mode: 'newer' } : facts;
  }

  /** Reads what every space that is new here has settled since it was last looked at. */
  async #meetSpaces(): Promise<void> {
    const spaces = this.#host.contents.spaces.current.map(({ space }) => space);
    for (const space of this.#shelved()) if (!spaces.includes(space)) await this.#leave(space);
    for (const space of spaces) {
      if (this.#known.has(space)) continue;
      this.#known.add(space);
      this.#catchingUp.set(space, []);
      await this.#takeBackSoon(space);
      const ofGroups = await this.#ofGroups(space);
      await ofGroups?.moves.meet(space);
      void ofGroups?.checkpoints.meet(space);
      const earlier = await this.#host.contents.messages(space, 'doc.update', this.#catalogue.nextOf(space));
      const meanwhile = this.#catchingUp.get(space) ?? [];
      this.#catchingUp.delete(space);
      for (const message of meanwhile) if (message.kind === 'doc.move') void this.#moves?.hear(message);
      this.#inbox.push(...earlier, ...meanwhile.filter(({ kind }) => kind === 'doc.update'));
      this.#work();
    }
  }

  /** What only documents of groups need comes with the first of them. */
  async #ofGroups(space: ContentSpace): Promise<OfGroups | undefined> {
    if (partsOfHome(homeOf(space)).is !== 'group') return undefined;
    return this.#readyForGroups();
  }

  /** Where it fails it is tried again when it is needed. */
  #readyForGroups(): Promise<OfGroups> {
    this.#forGroups ??= this.#openForGroups().catch((cause: unknown) => {
      this.#forGroups = undefined;
      throw cause;
    });
    return this.#forGroups;
  }

  async #openForGroups(): Promise<OfGroups> {
    const { documentsOfGroups } = await import('./of-groups.ts');
    const made = await documentsOfGroups({
      host: this.#host,
      catalogue: this.#catalogue,
      shelf: this.#shelf,
      facts: (of) => this.#factsIn(of),
      pace: this.#pace,
      lookInto: (id) => this.#lookInto(id),
    });
    this.#moves = made.moves;
    this.#checkpoints = made.checkpoints;
    return made;
  }

  /** Spaces that were met, and homes in groups of which documents are kept from before. */
  #shelved(): ReadonlySet<ContentSpace> {
    const kept = this.#catalogue.entries().filter(({ space }) => partsOfHome(homeOf(space)).is === 'group');
    return new Set([...this.#known, ...kept.map(({ space }) => space)]);
  }

  /** What can be read no longer is no longer kept put together here. Should it come back, it is read anew. */
  async #leave(space: ContentSpace): Promise<void> {
    this.#known.delete(space);
    this.#catchingUp.delete(space);
    for (const { id, space: home } of this.#catalogue.entries()) {
      if (home !== space) continue;
      this.#catalogue.remove(id);
      await this.#shelf.renew(id);
    }
    this.#catalogue.forget(space);
  }

  async #standsOtherwise(space: ContentSpace): Promise<void> {
    if (this.#known.has(space)) await this.#moves?.meet(space);
    await this.#takeBackSoon(space);
    if (this.#known.has(space)) void this.#checkpoints?.meet(space);
  }

  /** One after the other: each leaves the documents as the messages that stand then say. */
  #takeBackSoon(space: ContentSpace): Promise<void> {
    const taken = this.#takingBack.then(() => this.#takeBack(space));
    this.#takingBack = taken.catch(() => this.#host.logger.count('documents', 'taking-back-failed'));
    return this.#takingBack;
  }

  /** Documents of a space are put together anew when other messages stand than when that was done last. */
  async #takeBack(space: ContentSpace): Promise<void> {
    const { contents, clock } = this.#host;
    const takenBack = contents.takenBack(space, 'doc.update');
    if (this.#closed || takenBack === this.#catalogue.takenBackOf(space)) return;
    const standing = new Set<DocumentId>();
    for (const message of await contents.messages(space, 'doc.update', 0)) {
      const body = decodeBody(message);
      if (typeof body !== 'string') standing.add(body.document);
    }
    for (const id of this.#checkpoints?.documentsIn(space) ?? []) standing.add(id);
    const known = this.#catalogue.entries().filter((entry) => entry.space === space);
    for (const entry of known) {
      const typed = await this.#shelf.renew(entry.id);
      if (standing.has(entry.id)) this.#catalogue.set({ ...entry, stale: true });
      else this.#catalogue.remove(entry.id);
      if (standing.has(entry.id) && typed.length > 0) this.#typeAgain(entry.id, typed);
    }
    for (const id of standing) {
      const isNew = this.#catalogue.get(id) === undefined;
      if (isNew) this.#catalogue.set({ id, space, title: '', kind: 'text', changedAt: clock.now(), stale: true });
      this.#lookInto(id);
    }
    this.#catalogue.setTakenBack(space, takenBack);
  }

  /** What hangs on text that was taken back is put into the document as it is now. */
  #typeAgain(id: DocumentId, typed: readonly Bytes[]): void {
    this.#looking = this.#looking.then(async () => {
      if (this.#closed) return;
      try {
        const shelved = await this.#shelf.take(id);
        await shelved.live.caughtUp();
        if (shelved.live.mode === 'edit') bringBack(shelved.live.doc, typed);
        await shelved.live.outgoing.flush();
        await this.#shelf.put(shelved);
      } catch {
        this.#host.logger.count('documents', 'typing-again-failed');
      }
    });
  }

  #hearMove(message: ContentMessage): void {
    const waiting = this.#catchingUp.get(message.space);
    if (waiting !== undefined) waiting.push(message);
    else if (this.#known.has(message.space)) void this.#moves?.hear(message);
  }

  #hearOfCheckpoint(message: ContentMessage): void {
    if (this.#known.has(message.space)) this.#checkpoints?.hear(message);
  }

  #hear(message: ContentMessage): void {
    const waiting = this.#catchingUp.get(message.space);
    if (waiting !== undefined) waiting.push(message);
    else if (this.#known.has(message.space)) {
      this.#inbox.push(message);
      this.#work();
    }
    // A space nobody has met yet is read from its beginning when it is.
  }

  /** Works through the inbox, a short turn at a time: a flood must not stop the screen. */
  #work(): void {
    if (this.#cancelTurn !== undefined || this.#closed) return;
    const { clock } = this.#host;
    const until = clock.now() + TURN;
    let done = 0;
    while (done < this.#inbox.length && clock.now() <= until) this.#note(this.#inbox[done++]!);
    this.#inbox.splice(0, done);
    if (this.#inbox.length === 0) return;
    this.#cancelTurn = clock.after(0 as Millis, () => {
      this.#cancelTurn = undefined;
      this.#work();
    });
  }

  #note(message: ContentMessage): void {
    const { space, position } = message;
    const isNew = position >= this.#catalogue.nextOf(space);
    this.#catalogue.readUpTo(space, position + 1);
    const body = decodeBody(message);
    if (body === 'newer') this.#catalogue.setNewer(space);
    if (typeof body === 'string') return;
    if (this.#moves?.isGone(space, body.document) === true) {
      this.#noteLate(message, body);
      return;
    }
    const entry = this.#catalogue.get(body.document);
    // Ids are random and never leave their space: the same one in another space is somebody's mischief.
    if (entry !== undefined && entry.space !== space) return;
    this.#shelf.hear(message, body);
    if (!isNew) return;
    this.#checkpoints?.changed(space);
    const id = body.document;
    const isOpen = this.#shelf.has(id);
    const stale = !isOpen && (entry === undefined || entry.stale || mayChangeTitle(body));
    const title = this.#shelf.titleOf(id) ?? entry?.title ?? '';
    const kind = this.#shelf.kindOf(id) ?? entry?.kind ?? 'text';
    this.#catalogue.set({ id, space, title, kind, changedAt: this.#host.clock.now(), stale });
    if (stale) this.#lookInto(id);
  }

  /** Somebody wrote into it who had not heard that it went. */
  #noteLate(message: ContentMessage, body: DocUpdate): void {
    if (this.#moves?.isKept(body.document) !== true) return;
    this.#shelf.hear(message, body);
    this.#moves.bringLate(body.document);
  }

  /** One closed document after the other; each is looked into for the last of several changes only. */
  #lookInto(id: DocumentId): void {
    this.#looking = this.#looking.then(async () => {
      if (this.#closed || !this.#catalogue.get(id)?.stale) return;
      try {
        await this.#shelf.put(await this.#shelf.take(id));
        this.#refresh(id);
      } catch {
        this.#host.logger.count('documents', 'look-failed');
      }
    });
  }

  #refresh(id: DocumentId): void {
    const entry = this.#catalogue.get(id);
    const [title, kind] = [this.#shelf.titleOf(id), this.#shelf.kindOf(id)];
    if (entry === undefined || title === undefined || kind === undefined) return;
    if (entry.title === title && entry.kind === kind && !entry.stale) return;
    this.#catalogue.set({ ...entry, title, kind, stale: false });
  }
}
