// What a tool is told and what it may do (SPEC.md), between the document it lives in and the frame it runs in. Whatever
// comes from the frame is nobody's word: it is looked at as if the author of the tool had put it there by hand.

import { hex, utf8 } from '#core/bytes/bytes.ts';
import { hash } from '#core/crypto/hash.ts';
import { entriesOf, valueIn } from '#core/docs/tool.ts';
import type { Clock, Millis } from '#core/ports.ts';
import type { DocumentAuthor, OpenDocument } from '../documents/document-api.ts';
import { isKey, spelled } from './plain-value.ts';

/** Keys a tool may keep, and how large all its values may be together. */
export const MAX_ENTRIES = 500;
const MAX_ALL = 256 * 1_024;
/** Each change is a message to everybody: so many at once, and so many a second from then on. */
const BURST = 40;
const EACH = 250 as Millis;
/** Changes are told together this often. */
const TELL_EVERY = 50 as Millis;

/** How the page looks around the tool. */
export interface Look {
  readonly language: string;
  readonly direction: 'ltr' | 'rtl';
  readonly theme: 'light' | 'dark';
}

/** Somebody, as this tool knows them: the id is of this tool alone, the name is the one their reader knows. */
export interface ToolPerson {
  readonly id: string;
  readonly name: string;
}

/** Without a value: it is gone. */
export interface ToolEntry {
  readonly key: string;
  readonly value?: unknown;
  readonly by?: ToolPerson;
}

export type RefusedWhy = 'read-only' | 'key' | 'value' | 'full' | 'too-fast';

/** What a tool is told. The first message has everything; later ones what changed. */
export interface ToTool extends Partial<Look> {
  readonly v?: 1;
  readonly me?: ToolPerson;
  readonly canWrite?: boolean;
  readonly state?: readonly ToolEntry[];
  readonly refused?: string;
  readonly why?: RefusedWhy;
}

export interface DeskPorts {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly send: (message: ToTool) => void;
}

export class ToolDesk {
  readonly #document: OpenDocument;
  readonly #ports: DeskPorts;
  readonly #changed = (): void => this.#tellSoon();
  /** What the tool was told last, by key. */
  #told = new Map<string, string>();
  #couldWrite = false;
  #cancel: (() => void) | undefined;
  #tokens = BURST;
  #countedAt: Millis;

  constructor(document: OpenDocument, ports: DeskPorts) {
    this.#document = document;
    this.#ports = ports;
    this.#countedAt = ports.clock.now();
  }

  /** Tells everything, and from then on what changes. */
  begin(look: Look): void {
    const { doc } = this.#document;
    const me = this.#personOf(this.#document.authorOf(doc.clientID)) ?? { id: '', name: '' };
    this.#couldWrite = this.#canWrite;
    this.#ports.send({ v: 1, me, canWrite: this.#couldWrite, ...look, state: this.#changes() });
    // Only notes that something changed: an exception inside Yjs would wedge the document.
    doc.on('update', this.#changed);
  }

  look(look: Look): void {
    this.#ports.send(look);
  }

  hear(message: unknown): void {
    if (typeof message !== 'object' || message === null) return;
    if ('set' in message) this.#set(message.set, 'value' in message ? message.value : undefined);
    else if ('remove' in message) this.#remove(message.remove);
  }

  close(): void {
    this.#document.doc.off('update', this.#changed);
    this.#cancel?.();
  }

  get #canWrite(): boolean {
    return this.#document.mode === 'edit';
  }

  #set(key: unknown, value: unknown): void {
    if (!isKey(key)) return this.#refuse('', 'key');
    const json = spelled(value);
    if (json === undefined) return this.#refuse(key, 'value');
    const { doc } = this.#document;
    if (json === spelled(valueIn(doc, 'state', key))) return;
    const others = this.#entries().filter((entry) => entry.key !== key);
    const size = others.reduce((sum, entry) => sum + entry.size, sizeOf(key, json));
    if (others.length >= MAX_ENTRIES || size > MAX_ALL) return this.#refuse(key, 'full');
    if (this.#mayWrite(key)) doc.getMap('state').set(key, JSON.parse(json) as unknown);
  }

  #remove(key: unknown): void {
    if (!isKey(key)) return this.#refuse('', 'key');
    const { doc } = this.#document;
    if (entriesOf(doc, 'state').some((entry) => entry.key === key) && this.#mayWrite(key)) {
      doc.getMap('state').delete(key);
    }
  }

  #mayWrite(key: string): boolean {
    if (!this.#canWrite) {
      this.#refuse(key, 'read-only');
      return false;
    }
    const now = this.#ports.clock.now();
    // A clock that jumped back gives nothing and takes nothing.
    this.#tokens = Math.min(BURST, this.#tokens + Math.max(0, (now - this.#countedAt) / EACH));
    this.#countedAt = now;
    if (this.#tokens < 1) {
      this.#refuse(key, 'too-fast');
      return false;
    }
    this.#tokens--;
    return true;
  }

  #refuse(key: string, why: RefusedWhy): void {
    this.#ports.send({ refused: key, why });
  }

  #tellSoon(): void {
    this.#cancel ??= this.#ports.clock.after(TELL_EVERY, () => {
      this.#cancel = undefined;
      const state = this.#changes();
      const canWrite = this.#canWrite;
      const may = canWrite === this.#couldWrite ? {} : { canWrite };
      this.#couldWrite = canWrite;
      if (state.length > 0 || 'canWrite' in may) this.#ports.send({ ...may, state });
    });
  }

  /** What is otherwise than the tool was told. */
  #changes(): readonly ToolEntry[] {
    const changes: ToolEntry[] = [];
    const told = new Map<string, string>();
    for (const { key, json, client } of this.#entries()) {
      const by = this.#personOf(this.#document.authorOf(client));
      const says = `${by?.id ?? ''} ${json}`;
      told.set(key, says);
      if (this.#told.get(key) === says) continue;
      changes.push({ key, value: JSON.parse(json) as unknown, ...(by === undefined ? {} : { by }) });
    }
    for (const key of this.#told.keys()) if (!told.has(key)) changes.push({ key });
    this.#told = told;
    return changes;
  }

  /** The entries that keep the limits, by key. Other apps may have let in more. */
  #entries(): readonly { key: string; json: string; client: number; size: number }[] {
    let left = MAX_ALL;
    const entries = entriesOf(this.#document.doc, 'state').flatMap(({ key, value, client }) => {
      const json = isKey(key) ? spelled(value) : undefined;
      const size = json === undefined ? 0 : sizeOf(key, json);
      if (json === undefined || size > left) return [];
      left -= size;
      return [{ key, json, client, size }];
    });
    return entries.slice(0, MAX_ENTRIES);
  }

  /** Salted by the tool, and so that it goes along where the tool moves: no other tool knows a person by the same id. */
  #personOf(author: DocumentAuthor | undefined): ToolPerson | undefined {
    if (author?.person === undefined) return undefined;
    const salt = valueIn(this.#document.doc, 'tool', 'salt');
    const fixed = typeof salt === 'string' && /^[0-9a-f]{32}$/.test(salt) ? salt : this.#document.id;
    const id = hex.encode(hash('toolPerson', utf8(fixed), utf8(author.person))).slice(0, 32);
    return { id, name: author.name };
  }
}

function sizeOf(key: string, json: string): number {
  return utf8(key).length + utf8(json).length;
}
