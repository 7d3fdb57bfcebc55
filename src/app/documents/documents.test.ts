// Documents over two ends of a space: lists, edits, titles, and what must not stop.

import * as Y from 'yjs';
import { describe, expect, it, vi } from 'vitest';
import { clientIdOf } from '#core/docs/client-id.ts';
import { contentHash } from '#core/docs/content-hash.ts';
import { encodeDocUpdate } from '#core/docs/doc-update.ts';
import { StorageFault } from '#core/ports.ts';
import { encode } from '#core/wire/cbor.ts';
import {
  WITH,
  bodyOf,
  closeAfterEach,
  pair,
  running,
  settle,
  shared,
  start,
  write,
} from '#tests/suites/document-ends.ts';

closeAfterEach();

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

  it('makes no document where the disk is gone, and says so', async () => {
    const { alice } = pair();
    const documents = start(alice);
    alice.answer = 'closed';
    await expect(documents.create({ title: 'Plan', with: WITH })).rejects.toMatchObject({ fault: 'closed' });
    expect(documents.list.current).toEqual([]);
  });
});

describe('writing', () => {
  it('comes to an end where the disk is gone while somebody writes: what it did not take is never said to be saved', async () => {
    const { alice, bob } = pair();
    const { a } = await shared(alice, bob);
    alice.answer = 'closed';
    write(a, 'too late');
    await running[0]!.flush();
    await running[0]!.close();
    expect(a.saved.current).not.toBe('saved');
  });

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

  it('never says that saved is what is typed while the documents are put away, or after', async () => {
    const { alice, bob } = pair();
    const { a } = await shared(alice, bob);
    write(a, 'in time');
    await settle();
    expect(a.saved.current).toBe('saved');
    const closing = running[0]!.close();
    for (let turn = 0; turn < 40; turn++) {
      const before = alice.settled.length;
      write(a, `late ${turn} `);
      await Promise.resolve();
      await Promise.resolve();
      if (a.saved.current === 'saved') expect(alice.settled.length).toBeGreaterThan(before);
    }
    await closing;
    write(a, 'after');
    await settle();
    expect(a.saved.current).not.toBe('saved');
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
    await vi.waitFor(() => expect(contentHash(a.doc)).toBe(contentHash(b.doc)), { timeout: 20_000 });
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

describe('a newer app at the other end', () => {
  it('makes a document read-only when it writes a schema unknown here', async () => {
    const { alice, bob } = pair();
    const { a, b, id } = await shared(alice, bob);
    bob.publish(encodeDocUpdate({ document: id, schema: 99, update: new Uint8Array([0, 0]) }));
    await settle();
    expect(a.mode).toBe('read-only-newer');
    write(a, 'not sent');
    await settle();
    expect(bodyOf(b)).not.toContain('not sent');
  });

  it('makes all documents of the space read-only when it writes what cannot be read, after a restart too', async () => {
    const { alice, bob } = pair();
    const { a, id } = await shared(alice, bob);
    bob.publish(encode({ v: 2, something: 'else' }));
    await settle();
    expect(a.mode).toBe('read-only-newer');
    await running.shift()!.close();
    alice.unlock();
    expect((await start(alice).open(id)).mode).toBe('read-only-newer');
  });
});

describe('a contact that wants to stop the screen', () => {
  it('cannot, however it chooses neighbours', async () => {
    const { alice, bob } = pair();
    const { a, id } = await shared(alice, bob);
    const client = clientIdOf({ device: bob.device, incarnation: bob.incarnation }, id);
    for (const update of slowUpdates(client)) bob.publish(encodeDocUpdate({ document: id, schema: 1, update }));
    // What Yjs may have walked in one transaction, counted rather than timed: other tests run beside this one.
    let longest = 0;
    a.doc.on('afterTransaction', ({ beforeState, afterState }: Y.Transaction) => {
      const added = (afterState.get(client) ?? 0) - (beforeState.get(client) ?? 0);
      longest = Math.max(longest, added * (afterState.get(client) ?? 0));
    });
    await vi.waitFor(() => expect(a.doc.getXmlFragment('body').length).toBe(2 * SLOW), { timeout: 50_000 });
    expect(longest).toBeLessThan(160_000);
    expect(alice.counts.get('refused')).toBeUndefined();
  }, 60_000);
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

/** Anchors in a row, then as many elements before all of them, each bound to another anchor: Yjs walks the row for each. */
const SLOW = 3_000;
function slowUpdates(client: number): Uint8Array<ArrayBuffer>[] {
  const anchor = (clock: number): number[] =>
    clock === 0 ? [0x07, 1, 4, 98, 111, 100, 121, 6] : [0x87, ...uint(client), ...uint(clock - 1), 6];
  const before = (clock: number): number[] => [0x47, ...uint(client), ...uint(Math.min(clock - SLOW + 1, SLOW - 1)), 6];
  const updates: Uint8Array<ArrayBuffer>[] = [];
  for (let from = 0; from < 2 * SLOW; from += 1_000) {
    const items = Array.from({ length: 1_000 }, (_, i) => (from < SLOW ? anchor : before)(from + i));
    updates.push(new Uint8Array([1, ...uint(1_000), ...uint(client), ...uint(from), ...items.flat(), 0]));
  }
  return updates;
}

function uint(number: number): number[] {
  const bytes: number[] = [];
  let rest = number;
  while (rest > 127) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}
