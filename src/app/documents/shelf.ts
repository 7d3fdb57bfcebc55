// The documents in memory: loaded when asked for, kept while somebody has them open, and a little longer.

import { Doc, encodeStateAsUpdate } from 'yjs';
import type { Bytes } from '#core/bytes/bytes.ts';
import { decodeDocUpdate, type DocUpdate } from '#core/docs/doc-update.ts';
import { decodeGuardRow, encodeGuardRow, type GuardRow } from '#core/docs/guard-row.ts';
import { titleOf } from '#core/docs/title.ts';
import { kindOf } from '#core/docs/tool.ts';
import { SECOND, StorageFault, type Millis } from '#core/ports.ts';
import type { DocumentId } from '../api.ts';
import { LiveValue } from '../live-value.ts';
import type { ContentMessage, ContentSpace, DocumentsHost, SpaceFacts } from '../space-content.ts';
import type { Beginning } from './assembly.ts';
import { emptyDoc, LiveDocument } from './live-document.ts';
import { Presence } from './presence.ts';
import type { OpenStore, StoredDocument } from './store.ts';

const GUARDS = 'doc.guard';
/** Documents kept in memory though nobody has them open: going back and forth between a few is instant. */
const IDLE = 6;
/** Longest time messages are replayed without letting the screen breathe. */
const TURN = 12 as Millis;
/** How long after the last change a document is saved whole; until then its messages would be read again. */
const SAVE_AFTER = (10 * SECOND) as Millis;
/** How soon a full disk is tried again. */
const RETRY = (3 * SECOND) as Millis;

export interface ShelfOptions {
  readonly store?: OpenStore;
  spaceOf(id: DocumentId): ContentSpace | undefined;
  factsOf(space: ContentSpace): SpaceFacts;
  changed(id: DocumentId): void;
  /** What stands in for messages whose bodies are not here; `undefined`: all are. */
  beginningOf(space: ContentSpace, id: DocumentId): Promise<Beginning | undefined>;
}

/** A document in memory. Who took it puts it back. */
export interface Shelved {
  readonly live: LiveDocument;
  readonly isOver: LiveValue<boolean>;
  presence(): Presence;
}

interface Place {
  readonly space: ContentSpace;
  readonly loading: Promise<Loaded>;
  loaded: Loaded | undefined;
  /** Heard while it was being loaded. */
  waiting: { readonly message: ContentMessage; readonly body: DocUpdate }[];
  holders: number;
}

/** What rests of a document between unlocks, loaded into `doc`. */
interface Resting {
  readonly kept: GuardRow | undefined;
  readonly doc: Doc;
  readonly stored: StoredDocument | undefined;
}

class Loaded implements Shelved {
  readonly live: LiveDocument;
  readonly stored: StoredDocument | undefined;
  readonly isOver = new LiveValue(false);
  readonly #makePresence: () => Presence;
  #presence: Presence | undefined;
  cancelSave: (() => void) | undefined;
  isResting = false;

  constructor(live: LiveDocument, stored: StoredDocument | undefined, makePresence: () => Presence) {
    this.live = live;
    this.stored = stored;
    this.#makePresence = makePresence;
  }

  presence(): Presence {
    this.#presence ??= this.#makePresence();
    return this.#presence;
  }

  quiet(): void {
    this.#presence?.close();
    this.#presence = undefined;
  }

  /** Nothing of it goes to where it is stored any more; it is about to be over. */
  rest(): void {
    this.isResting = true;
    this.cancelSave?.();
    this.live.keepIn(undefined);
  }

  async close(): Promise<void> {
    this.cancelSave?.();
    this.quiet();
    this.live.close();
    await this.stored?.close();
  }
}

export class Shelf {
  readonly #host: DocumentsHost;
  readonly #options: ShelfOptions;
  /** In the order of last use. */
  readonly #places = new Map<DocumentId, Place>();
  #presenceCount = 0;
  #isClosed = false;

  constructor(host: DocumentsHost, options: ShelfOptions) {
    this.#host = host;
    this.#options = options;
  }

  has(id: DocumentId): boolean {
    return this.#places.has(id);
  }

  titleOf(id: DocumentId): string | undefined {
    const live = this.#places.get(id)?.loaded?.live;
    return live === undefined ? undefined : titleOf(live.doc);
  }

  kindOf(id: DocumentId): 'text' | 'tool' | undefined {
    const live = this.#places.get(id)?.loaded?.live;
    return live === undefined ? undefined : kindOf(live.doc);
  }

  /** The document, loaded; it stays until it is `put` back as often as it was taken. */
  async take(id: DocumentId, space = this.#options.spaceOf(id)): Promise<Shelved> {
    if (space === undefined) throw new Error('documents: no such document');
    let place = this.#places.get(id);
    if (place === undefined) {
      place = { space, loading: this.#load(id, space), loaded: undefined, waiting: [], holders: 0 };
      this.#places.set(id, place);
    } else {
      this.#places.delete(id);
      this.#places.set(id, place);
    }
    place.holders++;
    try {
      return await place.loading;
    } catch (cause) {
      this.#places.delete(id);
      throw cause;
    }
  }

  async put(shelved: Shelved): Promise<void> {
    const place = this.#places.get(shelved.live.id);
    // One that was renewed meanwhile has another place.
    if (place === undefined || (place.loaded !== undefined && place.loaded !== shelved)) return;
    place.holders--;
    if (place.holders === 0) place.loaded?.quiet();
    const idle = [...this.#places].filter(([, { holders, loaded }]) => holders === 0 && loaded !== undefined);
    for (const [id, { loaded }] of idle.slice(0, Math.max(0, idle.length - IDLE))) {
      if (loaded === undefined || !loaded.live.isSettled) continue;
      this.#places.delete(id);
      await this.#save(loaded);
      await loaded.close();
    }
  }

  /**
   * Messages of it were taken back: what rests of it is forgotten, so that it is put together anew from those that stand,
   * and who has it open is told to open it again. Answers what was typed until now and was in no message yet.
   */
  async renew(id: DocumentId): Promise<readonly Bytes[]> {
    const place = this.#places.get(id);
    const loaded = await place?.loading.catch(() => undefined);
    const typed = loaded?.live.outgoing.unsaved ?? [];
    // It goes out first.
    await loaded?.live.outgoing.flush();
    loaded?.rest();
    // A full disk forgets nothing either. Until it does, nobody may read from there again what is to be forgotten.
    while (!(await this.#hasForgotten(id, loaded))) await this.#laterAgain();
    if (this.#places.get(id) !== place) return [...typed, ...(await this.renew(id))];
    this.#places.delete(id);
    loaded?.isOver.set(true);
    await loaded?.close();
    return typed;
  }

  /** Unless the session ends before. */
  #laterAgain(): Promise<void> {
    return new Promise((resolve) => {
      this.#host.clock.after(RETRY, () => {
        if (!this.#isClosed) resolve();
      });
    });
  }

  async #hasForgotten(id: DocumentId, loaded: Loaded | undefined): Promise<boolean> {
    const doc = new Doc();
    try {
      await this.#host.rows.commit([{ collection: GUARDS, id, value: null }], 'relaxed');
      const stored = loaded === undefined ? await this.#options.store?.(id, doc) : loaded.stored;
      await stored?.erase();
      if (loaded === undefined) await stored?.close();
      return true;
    } catch (cause) {
      if (!(cause instanceof StorageFault)) throw cause;
      return false;
    } finally {
      doc.destroy();
    }
  }

  /** Changes of it are gone from here: what is kept put together holds no more of them than the document does. */
  async tidy(id: DocumentId): Promise<void> {
    const space = this.#options.spaceOf(id);
    if (this.#options.store === undefined || space === undefined) return;
    const shelved = await this.take(id, space);
    const { live } = shelved;
    await live.outgoing.flush();
    await live.caughtUp();
    const loaded = this.#places.get(id)?.loaded;
    if (loaded?.live === live && live.isSettled) await loaded.stored?.compact(true);
    await this.put(shelved);
  }

  /** Who has it open is told to open it again, under the name it has now. */
  tellOver(id: DocumentId): void {
    this.#places.get(id)?.loaded?.isOver.set(true);
  }

  discard(id: DocumentId): void {
    const place = this.#places.get(id);
    this.#places.delete(id);
    void place?.loaded?.close();
  }

  hear(message: ContentMessage, body: DocUpdate): void {
    const place = this.#places.get(body.document);
    if (place === undefined) return;
    if (place.loaded === undefined) place.waiting.push({ message, body });
    else place.loaded.live.take(message, body);
  }

  async flush(): Promise<void> {
    const loaded = [...this.#places.values()].map((place) => place.loaded).filter((one) => one !== undefined);
    await Promise.all(loaded.map((one) => one.live.outgoing.flush()));
    for (const one of loaded) await this.#save(one);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const places = [...this.#places.values()];
    this.#places.clear();
    for (const place of places) await place.loaded?.close();
  }

  async #load(id: DocumentId, space: ContentSpace): Promise<Loaded> {
    const { store } = this.#options;
    const doc = emptyDoc();
    // Side by side: the disk is asked once.
    const [kept, stored] = store === undefined ? [] : await Promise.all([this.#kept(id), store(id, doc)]);
    const first = await this.#fill(id, space, { kept, doc, stored });
    if (first.live.isWhole && first.stored?.damaged !== true) return this.#begin(first, id);
    // The stored document is not what the messages say: they are asked again, from the beginning.
    this.#host.logger.count('documents', 'rebuilt');
    await first.stored?.erase();
    await first.close();
    const again = emptyDoc();
    const second = await this.#fill(id, space, { kept: undefined, doc: again, stored: await store?.(id, again) });
    second.stored?.put(encodeStateAsUpdate(second.live.doc) as Bytes);
    return this.#begin(second, id);
  }

  #begin(loaded: Loaded, id: DocumentId): Loaded {
    const place = this.#places.get(id);
    loaded.live.start();
    if (place !== undefined) {
      place.loaded = loaded;
      for (const { message, body } of place.waiting.splice(0)) loaded.live.take(message, body);
    }
    return loaded;
  }

  async #fill(id: DocumentId, space: ContentSpace, { kept, doc, stored }: Resting): Promise<Loaded> {
    const { clock, logger, contents } = this.#host;
    const begun = kept === undefined ? await this.#options.beginningOf(space, id) : undefined;
    const live: LiveDocument = new LiveDocument(
      { id, doc },
      {
        clock,
        logger,
        facts: () => this.#options.factsOf(space),
        publish: (body) => contents.publish(space, 'doc.update', body),
        changed: () => this.#changed(live),
      },
      begun === undefined ? kept : { guard: begun.guard, next: 0 },
    );
    if (stored !== undefined) live.keepIn(stored);
    live.begin(begun?.states ?? []);
    const loaded = new Loaded(live, stored, () => this.#presenceOf(live, space));
    let until = clock.now() + TURN;
    for (const message of await contents.messages(space, 'doc.update', live.next)) {
      const body = bodyFor(id, message);
      if (body !== undefined && begun?.covers(message) === true) live.passOver(message);
      else if (body !== undefined) live.take(message, body);
      if (clock.now() <= until) continue;
      await new Promise<void>((resolve) => clock.after(0 as Millis, resolve));
      until = clock.now() + TURN;
    }
    await live.caughtUp();
    return loaded;
  }

  #presenceOf(live: LiveDocument, space: ContentSpace): Presence {
    return new Presence(live, {
      host: this.#host,
      facts: () => this.#options.factsOf(space),
      count: () => ++this.#presenceCount,
    });
  }

  async #kept(id: DocumentId): Promise<GuardRow | undefined> {
    const row = await this.#host.rows.get(GUARDS, id);
    try {
      return row === undefined ? undefined : decodeGuardRow(row);
    } catch {
      return undefined;
    }
  }

  #changed({ id }: LiveDocument): void {
    // While it is being loaded, the list knows better than a half-read document.
    const loaded = this.#places.get(id)?.loaded;
    if (loaded === undefined) return;
    this.#options.changed(id);
    if (loaded.stored === undefined || loaded.isResting) return;
    loaded.cancelSave?.();
    loaded.cancelSave = this.#host.clock.after(SAVE_AFTER, () => void this.#save(loaded));
  }

  /** Writes down how far the stored document goes: only after all of it is with the disk, and never further. */
  async #save({ live, stored, cancelSave, isResting }: Loaded): Promise<void> {
    cancelSave?.();
    if (stored === undefined || isResting || !live.outgoing.isEmpty) return;
    // What the guard did not know it judges anew once it does.
    if (!live.isKnown) return;
    // Now, while nothing unpublished is in it; does nothing until there is much to gain.
    void stored.compact();
    const row = encodeGuardRow({ guard: live.saveGuard(), next: live.next });
    if (!(await stored.settled())) return;
    try {
      await this.#host.rows.commit([{ collection: GUARDS, id: live.id, value: row }], 'relaxed');
    } catch {
      // Without it more messages are read again at the next opening.
    }
  }
}

function bodyFor(id: DocumentId, message: ContentMessage): DocUpdate | undefined {
  try {
    const body = decodeDocUpdate(message.body);
    return body.document === id ? body : undefined;
  } catch {
    return undefined;
  }
}
