// Two people's ends of one space, made of two lists of messages: what documents run over when no session is needed.

import * as Y from 'yjs';
import { afterEach, vi } from 'vitest';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, Incarnation, PrincipalId } from '#core/charter/ids.ts';
import { StorageFault, type Millis, type Row, type RowWrite } from '#core/ports.ts';
import type { ContactId, DocumentId, MessageId, OpenDocument } from '#app/api.ts';
import { openDocuments, type DocumentsOptions } from '#app/documents/documents.ts';
import type { StoredDocument } from '#app/documents/store.ts';
import { LiveValue } from '#app/live-value.ts';
import type {
  ContentMessage,
  ContentSpace,
  DocumentsHost,
  FleetingEvent,
  OpenedDocuments,
  PublishResult,
  SpaceFacts,
} from '#app/space-content.ts';

export const SPACE = 'aa'.repeat(32) as ContentSpace;
export const WITH = SPACE as string as ContactId;

/** One person's end: what they have settled, and whom they reach. */
export class End {
  readonly settled: ContentMessage[] = [];
  readonly heard = new Set<(message: ContentMessage) => void>();
  readonly fleeting = new Set<(event: FleetingEvent) => void>();
  readonly takenBack = new Set<MessageId>();
  readonly heardTakenBack = new Set<(space: ContentSpace) => void>();
  readonly rows = new Map<string, Bytes>();
  readonly counts = new Map<string, number>();
  readonly facts: LiveValue<readonly SpaceFacts[]>;
  readonly device: DeviceId;
  incarnation: Incarnation;
  others: End[] = [];
  linked = true;
  waiting: ContentMessage[] = [];
  answer: PublishResult = 'saved';
  full = false;
  #seq = 0;
  #unlocks = 0;

  constructor(name: string) {
    this.device = name.repeat(32) as DeviceId;
    this.incarnation = `${name}00000000000000` as Incarnation;
    this.facts = new LiveValue<readonly SpaceFacts[]>([]);
    this.unlock();
  }

  unlock(): void {
    this.incarnation = `${this.device.slice(0, 14)}${String(this.#unlocks++).padStart(2, '0')}` as Incarnation;
    this.#seq = 0;
    this.heard.clear();
    this.fleeting.clear();
    this.heardTakenBack.clear();
    this.setMode('write');
  }

  setMode(mode: SpaceFacts['mode']): void {
    const { device, incarnation } = this;
    this.facts.set([{ space: SPACE, mode, device, incarnation, checkpoints: false }]);
  }

  publish(body: Bytes): PublishResult {
    if (this.answer !== 'saved') return this.answer;
    const { device, incarnation } = this;
    const seq = this.#seq++;
    // What is settled here when it is made lies in its past; nothing later does.
    const reached = new Map<string, number>();
    for (const one of this.settled) reached.set(`${one.author}/${one.incarnation}`, one.seq + 1);
    const past = {
      reach: (author: DeviceId, from: Incarnation) => reached.get(`${author}/${from}`) ?? 0,
      sawBeside: () => false,
    };
    const id = `${incarnation}-${seq}` as MessageId;
    const message: ContentMessage = {
      space: SPACE,
      position: 0,
      id,
      kind: 'doc.update',
      mine: true,
      author: device,
      incarnation,
      seq,
      lamport: 0,
      past,
      body,
    };
    this.settle(message);
    for (const other of this.others) other.receive({ ...message, mine: false });
    return 'saved';
  }

  receive(message: ContentMessage): void {
    if (this.linked) this.settle(message);
    else this.waiting.push(message);
  }

  link(): void {
    this.linked = true;
    for (const message of this.waiting.splice(0)) this.settle(message);
  }

  settle(message: ContentMessage): void {
    const placed = { ...message, position: this.settled.length };
    this.settled.push(placed);
    for (const hear of this.heard) hear(placed);
  }

  /** From now on these messages do not stand. */
  takeBack(...ids: readonly MessageId[]): void {
    for (const id of ids) this.takenBack.add(id);
    for (const heard of this.heardTakenBack) heard(SPACE);
  }

  host(): DocumentsHost {
    return {
      contents: {
        spaces: this.facts,
        nameOf: (_space, device) => (device.startsWith('a') ? 'Alice' : 'Bob'),
        personOf: (_space, device) => device.slice(0, 2) as PrincipalId,
        messages: (_space, _kind, from) =>
          Promise.resolve(this.settled.filter(({ position, id }) => position >= from && !this.takenBack.has(id))),
        setAside: () => [],
        listen: (_kind, heard) => {
          this.heard.add(heard);
          return () => void this.heard.delete(heard);
        },
        takenBack: () => [...this.takenBack].sort().join(),
        listenTakenBack: (heard) => {
          this.heardTakenBack.add(heard);
          return () => void this.heardTakenBack.delete(heard);
        },
        checkpoints: () => [],
        states: () => [],
        isBuiltOn: () => false,
        heldAt: () => undefined,
        destroy: () => undefined,
        publish: (_space, _kind, body) => Promise.resolve(this.publish(body)),
        sendFleeting: (space, payload) => {
          for (const other of this.others) {
            for (const hear of other.fleeting) hear({ is: 'payload', space, device: this.device, payload });
          }
        },
        listenFleeting: (heard) => {
          this.fleeting.add(heard);
          return () => void this.fleeting.delete(heard);
        },
      },
      rows: {
        get: (collection, id) => Promise.resolve(this.rows.get(`${collection}/${id}`)),
        list: (collection) => Promise.resolve(this.#list(collection)),
        commit: (writes) => this.#commit(writes),
      },
      clock: {
        now: () => Date.now() as Millis,
        after: (delay, wake) => {
          const timer = setTimeout(wake, delay);
          return () => clearTimeout(timer);
        },
      },
      random: { bytes: (count) => crypto.getRandomValues(new Uint8Array(count)) },
      logger: { count: (_component, event) => void this.counts.set(event, (this.counts.get(event) ?? 0) + 1) },
      inTurn: (work) => work(),
    };
  }

  #list(collection: string): Row[] {
    const prefix = `${collection}/`;
    return [...this.rows]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => ({ id: key.slice(prefix.length), value }));
  }

  #commit(writes: readonly RowWrite[]): Promise<void> {
    if (this.full) return Promise.reject(new StorageFault('full'));
    for (const { collection, id, value } of writes) {
      if (value === null) this.rows.delete(`${collection}/${id}`);
      else this.rows.set(`${collection}/${id}`, value);
    }
    return Promise.resolve();
  }
}

export const running: OpenedDocuments[] = [];
export function start(end: End, options?: DocumentsOptions): OpenedDocuments {
  const documents = openDocuments(end.host(), options);
  running.push(documents);
  return documents;
}

export function pair(): { alice: End; bob: End } {
  const [alice, bob] = [new End('a1'), new End('b2')];
  alice.others = [bob];
  bob.others = [alice];
  return { alice, bob };
}

/** Lets microtasks, and timers that are due, run. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

export function write(opened: OpenDocument, text: string): void {
  const element = new Y.XmlElement('paragraph');
  element.insert(0, [new Y.XmlText(text)]);
  const body = opened.doc.getXmlFragment('body');
  body.insert(body.length, [element]);
}

export const bodyOf = (opened: OpenDocument): string => opened.doc.getXmlFragment('body').toString();

export async function shared(alice: End, bob: End): Promise<{ a: OpenDocument; b: OpenDocument; id: DocumentId }> {
  const [mine, theirs] = [start(alice), start(bob)];
  const id = await mine.create({ title: 'Plan', with: WITH });
  await settle();
  return { a: await mine.open(id), b: await theirs.open(id), id };
}

/** Closes what a test opened. */
export function closeAfterEach(): void {
  afterEach(async () => {
    for (const documents of running.splice(0)) await documents.close();
    vi.restoreAllMocks();
  });
}

export function memoryStore(): {
  updates: Map<DocumentId, Uint8Array[]>;
  damaged: boolean;
  open: NonNullable<DocumentsOptions['store']>;
} {
  const store = {
    updates: new Map<DocumentId, Uint8Array[]>(),
    damaged: false,
    open: (id: DocumentId, doc: Y.Doc): Promise<StoredDocument> => {
      const updates = store.updates.get(id) ?? [];
      store.updates.set(id, updates);
      for (const update of updates) Y.applyUpdate(doc, update);
      const { damaged } = store;
      return Promise.resolve({
        damaged,
        put: (update) => void updates.push(update),
        settled: () => Promise.resolve(true),
        compact: () => Promise.resolve(),
        erase: () => {
          updates.length = 0;
          store.damaged = false;
          return Promise.resolve();
        },
        close: () => Promise.resolve(),
      });
    },
  };
  return store;
}
