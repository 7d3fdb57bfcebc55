// Documents over a space made of two lists of messages: lists, edits, titles, stores, presence, and what must not stop.

import * as Y from 'yjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, Incarnation, SpaceId } from '#core/charter/ids.ts';
import { contentHash } from '#core/docs/content-hash.ts';
import { StorageFault, type Millis, type Row, type RowWrite } from '#core/ports.ts';
import type { ContactId, DocumentId, MessageId, OpenDocument } from '../api.ts';
import { LiveValue } from '../live-value.ts';
import type {
  ContentMessage,
  DocumentsHost,
  FleetingEvent,
  OpenedDocuments,
  PublishResult,
  SpaceFacts,
} from '../space-content.ts';
import { openDocuments, type DocumentsOptions } from './documents.ts';
import type { StoredDocument } from './store.ts';

const SPACE = 'aa'.repeat(32) as SpaceId;
const WITH = SPACE as string as ContactId;

/** One person's end: what they have settled, and whom they reach. */
class End {
  readonly settled: ContentMessage[] = [];
  readonly heard = new Set<(message: ContentMessage) => void>();
  readonly fleeting = new Set<(event: FleetingEvent) => void>();
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
    this.setMode('write');
  }

  setMode(mode: SpaceFacts['mode']): void {
    const { device, incarnation } = this;
    const name = device.startsWith('a') ? 'Alice' : 'Bob';
    const theirName = device.startsWith('a') ? 'Bob' : 'Alice';
    this.facts.set([{ space: SPACE, theirName, myName: name, mode, device, incarnation }]);
  }

  publish(body: Bytes): PublishResult {
    if (this.answer !== 'saved') return this.answer;
    const { device, incarnation } = this;
    const seq = this.#seq++;
    // What is settled here when it is made lies in its past; nothing later does.
    const reached = new Map<string, number>();
    for (const one of this.settled) reached.set(`${one.author}/${one.incarnation}`, one.seq + 1);
    const past = { reach: (author: DeviceId, from: Incarnation) => reached.get(`${author}/${from}`) ?? 0 };
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

  host(): DocumentsHost {
    return {
      contents: {
        spaces: this.facts,
        messages: (_space, _kind, from) => Promise.resolve(this.settled.filter(({ position }) => position >= from)),
        listen: (_kind, heard) => {
          this.heard.add(heard);
          return () => void this.heard.delete(heard);
        },
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

const running: OpenedDocuments[] = [];
function start(end: End, options?: DocumentsOptions): OpenedDocuments {
  const documents = openDocuments(end.host(), options);
  running.push(documents);
  return documents;
}

function pair(): { alice: End; bob: End } {
  const [alice, bob] = [new End('a1'), new End('b2')];
  alice.others = [bob];
  bob.others = [alice];
  return { alice, bob };
}

/** Lets microtasks, and timers that are due, run. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

function write(opened: OpenDocument, text: string): void {
  const element = new Y.XmlElement('paragraph');
  element.insert(0, [new Y.XmlText(text)]);
  const body = opened.doc.getXmlFragment('body');
  body.insert(body.length, [element]);
}

const bodyOf = (opened: OpenDocument): string => opened.doc.getXmlFragment('body').toString();

async function shared(alice: End, bob: End): Promise<{ a: OpenDocument; b: OpenDocument; id: DocumentId }> {
  const [mine, theirs] = [start(alice), start(bob)];
  const id = await mine.create({ title: 'Plan', with: WITH });
  await settle();
  return { a: await mine.open(id), b: await theirs.open(id), id };
}

afterEach(async () => {
  for (const documents of running.splice(0)) await documents.close();
  vi.restoreAllMocks();
});

describe('the list', () => {
  it('shows a document the other person made, with its title', async () => {
    const { alice, bob } = pair();
    const [mine, theirs] = [start(alice), start(bob)];
    await mine.create({ title: 'Plan', with: WITH });
    await settle();
    expect(theirs.list.current).toMatchObject([{ title: 'Plan', with: WITH }]);
  });

  it('follows a rename, closed and open', async () => {
    const { alice, bob } = pair();
    const { id, b } = await shared(alice, bob);
    await b.close();
    await running[0]!.rename(id, 'Better plan');
    await settle();
    expect(running[1]!.list.current[0]?.title).toBe('Better plan');
  });

  it('is there after a restart without a word from the messages', async () => {
    const { alice, bob } = pair();
    await shared(alice, bob);
    await running[1]!.flush();
    bob.unlock();
    bob.settled.length = 0;
    const again = start(bob);
    await settle();
    expect(again.list.current.map(({ title }) => title)).toEqual(['Plan']);
  });

  it('makes no document where there is no room, and says so', async () => {
    const { alice } = pair();
    const documents = start(alice);
    alice.answer = 'no-room';
    await expect(documents.create({ title: 'Plan', with: WITH })).rejects.toBeInstanceOf(StorageFault);
    alice.answer = 'saved';
    await settle();
    expect(documents.list.current).toEqual([]);
  });
});

describe('writing', () => {
  it('merges what both wrote while apart', async () => {
    const { alice, bob } = pair();
    const { a, b } = await shared(alice, bob);
    alice.linked = bob.linked = false;
    write(a, 'from Alice');
    write(b, 'from Bob');
    await settle();
    expect(bodyOf(a)).not.toBe(bodyOf(b));
    alice.link();
    bob.link();
    await settle();
    expect(bodyOf(a)).toContain('from Bob');
    expect(contentHash(a.doc)).toBe(contentHash(b.doc));
  });

  it('sends the first edit at once and those made meanwhile together', async () => {
    const { alice, bob } = pair();
    const { a } = await shared(alice, bob);
    const before = alice.settled.length;
    write(a, 'first');
    await Promise.resolve();
    await Promise.resolve();
    expect(alice.settled.length).toBe(before + 1);
    for (let i = 0; i < 200; i++) write(a, `line ${i}`);
    await settle();
    expect(alice.settled.length).toBeLessThan(before + 10);
  });

  it('keeps what the disk refuses and saves it when there is room', async () => {
    const { alice, bob } = pair();
    const { a, b } = await shared(alice, bob);
    alice.answer = 'no-room';
    write(a, 'does not fit');
    await settle();
    expect(a.saved.current).toBe('no-room');
    alice.answer = 'saved';
    write(a, 'fits');
    await running[0]!.flush();
    await settle();
    expect(a.saved.current).toBe('saved');
    expect(contentHash(a.doc)).toBe(contentHash(b.doc));
  });

  it('undoes what was written here and leaves what came from elsewhere', async () => {
    const { alice, bob } = pair();
    const { a, b } = await shared(alice, bob);
    const undo = new Y.UndoManager(a.doc.getXmlFragment('body'));
    write(a, 'mine');
    await settle();
    write(b, 'theirs');
    await settle();
    undo.undo();
    expect(bodyOf(a)).toBe('<paragraph>theirs</paragraph>');
    await settle();
    expect(contentHash(a.doc)).toBe(contentHash(b.doc));
    undo.destroy();
  });

  it('sends a pasted book in pieces that are all accepted', async () => {
    const { alice, bob } = pair();
    const { a, b } = await shared(alice, bob);
    a.doc.transact(() => {
      for (let i = 0; i < 1_500; i++) write(a, `paragraph ${i} `.repeat(20));
      write(a, 'ü'.repeat(150_000));
    });
    await running[0]!.flush();
    await settle();
    await vi.waitFor(() => expect(contentHash(a.doc)).toBe(contentHash(b.doc)));
    expect(bob.counts.get('refused')).toBeUndefined();
  });

  it('loses a value no message can carry, on both sides alike, and goes on', async () => {
    const { alice, bob } = pair();
    const { a, b } = await shared(alice, bob);
    const element = new Y.XmlElement('paragraph');
    element.setAttribute('huge', 'x'.repeat(80_000));
    a.doc.getXmlFragment('body').insert(0, [element]);
    write(a, 'after');
    await running[0]!.flush();
    await settle();
    expect(bodyOf(b)).toContain('after');
    expect(contentHash(a.doc)).toBe(contentHash(b.doc));
  });

  it('keeps nothing a person writes where nothing may be written', async () => {
    const { alice, bob } = pair();
    const { a, b } = await shared(alice, bob);
    alice.setMode('shut');
    expect(a.mode).toBe('read-only-shut');
    const before = alice.settled.length;
    write(a, 'unheard');
    await settle();
    expect(alice.settled.length).toBe(before);
    alice.setMode('write');
    write(a, 'heard');
    await settle();
    expect(contentHash(a.doc)).toBe(contentHash(b.doc));
  });
});

describe('what must not stop a document', () => {
  it.each(['afterTransaction', 'update'] as const)(
    'goes on after a listener of %s threw into an edit',
    async (event) => {
      vi.useFakeTimers();
      try {
        const { alice, bob } = pair();
        const opening = shared(alice, bob);
        await vi.advanceTimersByTimeAsync(50);
        const { a, b } = await opening;
        const bomb = (): never => {
          throw new Error('a plugin’s mistake');
        };
        a.doc.getXmlFragment('body');
        a.doc.on(event, bomb);
        expect(() => write(a, 'one')).toThrow();
        a.doc.off(event, bomb);
        write(a, 'two');
        await vi.advanceTimersByTimeAsync(2_000);
        write(a, 'three');
        await vi.advanceTimersByTimeAsync(200);
        for (const text of ['one', 'two', 'three']) expect(bodyOf(b)).toContain(text);
        expect(contentHash(a.doc)).toBe(contentHash(b.doc));
      } finally {
        vi.useRealTimers();
      }
    },
  );

  it('goes on after a listener threw while a message came in', async () => {
    const { alice, bob } = pair();
    const { a, b } = await shared(alice, bob);
    const bomb = (): never => {
      throw new Error('a plugin’s mistake');
    };
    a.doc.getXmlFragment('body').observeDeep(bomb);
    write(b, 'one');
    await settle();
    a.doc.getXmlFragment('body').unobserveDeep(bomb);
    write(a, 'two');
    write(b, 'three');
    await settle();
    expect(contentHash(a.doc)).toBe(contentHash(b.doc));
  });
});

describe('a document between unlocks', () => {
  it('is rebuilt from its messages by the next incarnation, which writes on', async () => {
    const { alice, bob } = pair();
    const { a, b, id } = await shared(alice, bob);
    write(a, 'before');
    await settle();
    await running.shift()!.close();
    alice.unlock();
    const again = await start(alice).open(id);
    expect(bodyOf(again)).toContain('before');
    write(again, 'after');
    await settle();
    expect(contentHash(again.doc)).toBe(contentHash(b.doc));
  });

  it('comes from its store and reads only newer messages', async () => {
    const { alice, bob } = pair();
    const store = memoryStore();
    const mine = start(alice, { store: store.open });
    const theirs = start(bob);
    const id = await mine.create({ title: 'Plan', with: WITH });
    const a = await mine.open(id);
    write(a, 'kept');
    await running.shift()!.close();
    await settle();
    const b = await theirs.open(id);
    write(b, 'meanwhile');
    await settle();
    alice.unlock();
    const host = alice.host();
    const read = vi.spyOn(host.contents, 'messages');
    const reopened = openDocuments(host, { store: store.open });
    running.push(reopened);
    const again = await reopened.open(id);
    expect(bodyOf(again)).toContain('kept');
    expect(bodyOf(again)).toContain('meanwhile');
    expect(Math.max(...read.mock.calls.map(([, , from]) => from))).toBeGreaterThan(0);
    write(again, 'again');
    await settle();
    expect(contentHash(again.doc)).toBe(contentHash(b.doc));
    expect(alice.counts.get('rebuilt')).toBeUndefined();
  });

  it.each(['loses a row', 'is damaged', 'holds an edit that was never published'])(
    'is rebuilt when its store %s',
    async (mishap) => {
      const { alice, bob } = pair();
      const store = memoryStore();
      const mine = start(alice, { store: store.open });
      start(bob);
      const id = await mine.create({ title: 'Plan', with: WITH });
      const a = await mine.open(id);
      write(a, 'kept');
      await settle();
      const whole = contentHash(a.doc);
      await running.shift()!.close();
      if (mishap === 'loses a row') store.updates.get(id)!.shift();
      else if (mishap === 'is damaged') store.damaged = true;
      else {
        const stray = new Y.Doc();
        stray.getMap('meta').set('title', 'stray');
        store.updates.get(id)!.push(Y.encodeStateAsUpdate(stray));
      }
      alice.unlock();
      const again = await start(alice, { store: store.open }).open(id);
      expect(contentHash(again.doc)).toBe(whole);
      expect(alice.counts.get('rebuilt')).toBe(1);
    },
  );
});

describe('presence', () => {
  it('shows the other cursor under the name we gave, whatever they call themselves', async () => {
    const { alice, bob } = pair();
    const { a, b } = await shared(alice, bob);
    write(a, 'text');
    await settle();
    void b.awareness;
    a.awareness.setLocalStateField('user', { name: 'Mallory', color: 'url(evil)' });
    const at = Y.createRelativePositionFromTypeIndex(a.doc.getXmlFragment('body'), 1);
    a.awareness.setLocalStateField('cursor', { anchor: at, head: at });
    const seen = [...b.awareness.getStates()].find(([client]) => client === a.doc.clientID)?.[1];
    expect(seen?.['user']).toMatchObject({ name: 'Alice' });
    expect(JSON.stringify(seen)).not.toContain('evil');
    const position = Y.createRelativePositionFromJSON((seen?.['cursor'] as { head: unknown }).head);
    expect(Y.createAbsolutePositionFromRelativePosition(position, b.doc)?.index).toBe(1);
  });

  it('forgets a cursor when its document is closed, and shows it again when it is reopened', async () => {
    const { alice, bob } = pair();
    const { a, b, id } = await shared(alice, bob);
    const others = (): number[] => [...b.awareness.getStates().keys()].filter((client) => client !== b.doc.clientID);
    void a.awareness;
    expect(others()).toEqual([a.doc.clientID]);
    await a.close();
    expect(others()).toEqual([]);
    const again = await running[0]!.open(id);
    void again.awareness;
    expect(others()).toEqual([again.doc.clientID]);
  });
});

function memoryStore(): {
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
