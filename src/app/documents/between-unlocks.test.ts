// Documents between unlocks, and who has them open.

import * as Y from 'yjs';
import { describe, expect, it, vi } from 'vitest';
import { contentHash } from '#core/docs/content-hash.ts';
import { openDocuments } from './documents.ts';
import {
  WITH,
  bodyOf,
  closeAfterEach,
  memoryStore,
  pair,
  running,
  settle,
  shared,
  start,
  write,
} from '#tests/suites/document-ends.ts';

closeAfterEach();

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
