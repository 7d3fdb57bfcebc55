// The list of documents as it is kept: one row for each, and for each space how far its messages were looked at.

import { textOf, utf8, type Bytes } from '#core/bytes/bytes.ts';
import { decode, encode } from '#core/wire/cbor.ts';
import { fields } from '#core/wire/fields.ts';
import { SECOND, type Clock, type Millis, type Rows } from '#core/ports.ts';
import type { DocumentEntry, DocumentId } from '../api.ts';
import { homeOf, partsOfHome } from './document-homes.ts';
import { LiveValue } from '../live-value.ts';
import type { ContentSpace } from '../space-content.ts';

const LIST = 'doc.list';
const READ = 'doc.read';
const TAKEN_BACK = 'doc.taken';
/** Writes are gathered for this long: typing changes a document's row with each key. */
const GATHER = (2 * SECOND) as Millis;
const MAX_ROW_BYTES = 4_096;

/** What is kept of a document besides its messages. */
export interface CatalogueEntry {
  readonly id: DocumentId;
  readonly space: ContentSpace;
  readonly title: string;
  readonly kind: DocumentEntry['kind'];
  readonly changedAt: Millis;
  /** The title may have changed since: the document has to be looked into. */
  readonly stale: boolean;
}

/** How far a space was looked at, and whether something there needs a newer app. */
interface Read {
  readonly next: number;
  readonly isNewer: boolean;
}

export class Catalogue {
  readonly list = new LiveValue<readonly DocumentEntry[]>([]);
  readonly #rows: Rows;
  readonly #clock: Clock;
  readonly #entries = new Map<DocumentId, CatalogueEntry>();
  readonly #read = new Map<ContentSpace, Read>();
  /** For each space what `SpaceContents.takenBack` said when its documents were put together. */
  readonly #takenBack = new Map<ContentSpace, string>();
  /** Spelled when they are written, however often they changed until then. */
  #writes = new Map<string, { readonly collection: string; readonly id: string; readonly spell: () => Bytes | null }>();
  #cancel: (() => void) | undefined;

  constructor(rows: Rows, clock: Clock) {
    this.#rows = rows;
    this.#clock = clock;
  }

  async load(): Promise<void> {
    for (const row of await this.#rows.list(LIST)) {
      const entry = decodeEntry(row.id as DocumentId, row.value);
      if (entry !== undefined && !this.#entries.has(entry.id)) this.#entries.set(entry.id, entry);
    }
    for (const row of await this.#rows.list(READ)) {
      const read = decodeRead(row.value);
      if (read !== undefined) this.#read.set(row.id as ContentSpace, read);
    }
    for (const row of await this.#rows.list(TAKEN_BACK)) {
      this.#takenBack.set(row.id as ContentSpace, textOf(row.value) ?? '');
    }
    this.#show();
  }

  get(id: DocumentId): CatalogueEntry | undefined {
    return this.#entries.get(id);
  }

  entries(): readonly CatalogueEntry[] {
    return [...this.#entries.values()];
  }

  /** The position of the first message of a space that was not looked at for the list. */
  nextOf(space: ContentSpace): number {
    return this.#read.get(space)?.next ?? 0;
  }

  isNewer(space: ContentSpace): boolean {
    return this.#read.get(space)?.isNewer ?? false;
  }

  readUpTo(space: ContentSpace, next: number): void {
    if (next > this.nextOf(space)) this.#setRead(space, { next, isNewer: this.isNewer(space) });
  }

  /** A newer app wrote here what this one cannot read: writing on would be writing past it. */
  setNewer(space: ContentSpace): void {
    if (!this.isNewer(space)) this.#setRead(space, { next: this.nextOf(space), isNewer: true });
  }

  #setRead(space: ContentSpace, read: Read): void {
    this.#read.set(space, read);
    this.#put(READ, space, () => encode({ v: 1, next: read.next, newer: read.isNewer }));
  }

  set(entry: CatalogueEntry): void {
    this.#entries.set(entry.id, entry);
    const { space, title, kind, changedAt, stale } = entry;
    const tool = kind === 'tool' ? { tool: true } : {};
    this.#put(LIST, entry.id, () => encode({ v: 1, space, title, changedAt, stale, ...tool }));
    this.#show();
  }

  /** Nothing of a space was looked at. */
  forget(space: ContentSpace): void {
    this.#read.delete(space);
    this.#takenBack.delete(space);
    this.#put(READ, space, () => null);
    this.#put(TAKEN_BACK, space, () => null);
  }

  takenBackOf(space: ContentSpace): string {
    return this.#takenBack.get(space) ?? '';
  }

  /** After the stores of the space's documents were emptied: after a crash in between it is done once more. */
  setTakenBack(space: ContentSpace, takenBack: string): void {
    this.#takenBack.set(space, takenBack);
    this.#put(TAKEN_BACK, space, () => utf8(takenBack));
  }

  /** All that made it a document was taken back. */
  remove(id: DocumentId): void {
    if (!this.#entries.delete(id)) return;
    this.#put(LIST, id, () => null);
    this.#show();
  }

  /** Brings what changed to disk. A full disk keeps it here for the next time. */
  async flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#writes.size === 0) return;
    const writes = this.#writes;
    this.#writes = new Map();
    try {
      const rows = [...writes.values()].map(({ collection, id, spell }) => ({ collection, id, value: spell() }));
      await this.#rows.commit(rows, 'relaxed');
    } catch {
      // Only a cache of what the messages say: the next start reads them again.
      this.#writes = new Map([...writes, ...this.#writes]);
    }
  }

  close(): void {
    this.#cancel?.();
  }

  #put(collection: string, id: string, spell: () => Bytes | null): void {
    this.#writes.set(`${collection}/${id}`, { collection, id, spell });
    this.#cancel ??= this.#clock.after(GATHER, () => void this.flush());
  }

  #show(): void {
    const shown = [...this.#entries.values()]
      .map(({ space, stale: _, ...entry }): DocumentEntry => ({ ...entry, with: homeOf(space) }))
      // A document of a group without a title describes something else, and is found there.
      .filter((entry) => entry.title !== '' || partsOfHome(entry.with).is === 'contact');
    this.list.set(shown.sort((a, b) => b.changedAt - a.changedAt || (a.id < b.id ? -1 : 1)));
  }
}

function decodeEntry(id: DocumentId, value: Bytes): CatalogueEntry | undefined {
  try {
    const f = fields(decode(value, 'document row', MAX_ROW_BYTES), 'document row');
    f.version('v', 1);
    return {
      id,
      space: f.text('space', 128) as ContentSpace,
      title: f.text('title', 2_048),
      kind: f.has('tool') && f.bool('tool') ? 'tool' : 'text',
      changedAt: f.uint('changedAt') as Millis,
      stale: f.bool('stale'),
    };
  } catch {
    return undefined;
  }
}

function decodeRead(value: Bytes): Read | undefined {
  try {
    const f = fields(decode(value, 'document row', MAX_ROW_BYTES), 'document row');
    f.version('v', 1);
    return { next: f.uint('next'), isNewer: f.bool('newer') };
  } catch {
    return undefined;
  }
}
