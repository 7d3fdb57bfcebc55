// What a tool is told and may do: two ends of a space, and a tool that says whatever it likes.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeStateAsUpdate, Doc } from 'yjs';
import { scanUpdate } from '#core/docs/update-scan.ts';
import type { Millis } from '#core/ports.ts';
import { closeAfterEach, pair, running, settle, start, WITH, type End } from '#tests/suites/document-ends.ts';
import type { OpenDocument } from '../api.ts';
import { isKey, MAX_KEY, MAX_VALUE_BYTES, spelled } from './plain-value.ts';
import { MAX_ENTRIES, ToolDesk, type Look, type ToTool } from './tool-desk.ts';

closeAfterEach();

const CODE = 'postMessage({ show: [] });';
const LOOK: Look = { language: 'en', direction: 'ltr', theme: 'light' };

interface Table {
  readonly desk: ToolDesk;
  readonly document: OpenDocument;
  readonly told: ToTool[];
  /** All entries as the tool has them after what it was told. */
  entries(): Record<string, unknown>;
  later(ms: number): void;
}

function table(document: OpenDocument): Table {
  const told: ToTool[] = [];
  let now = 0;
  const waiting: { readonly at: number; readonly work: () => void }[] = [];
  const clock = {
    now: () => now as Millis,
    after: (delay: Millis, work: () => void) => {
      waiting.push({ at: now + delay, work });
      return () => undefined;
    },
  };
  const desk = new ToolDesk(document, { clock, send: (message) => told.push(structuredClone(message)) });
  desk.begin(LOOK);
  return {
    ...{ desk, document, told },
    entries: () => {
      const all = new Map<string, unknown>();
      for (const { key, ...rest } of told.flatMap(({ state }) => state ?? [])) {
        if ('value' in rest) all.set(key, rest.value);
        else all.delete(key);
      }
      return Object.fromEntries(all);
    },
    later: (ms) => {
      now += ms;
      for (const { work } of waiting.splice(0)) work();
    },
  };
}

async function two(): Promise<{ alice: End; bob: End; a: Table; b: Table }> {
  const { alice, bob } = pair();
  start(alice);
  start(bob);
  const id = await running[0]!.create({ title: 'Poll', with: WITH, tool: CODE });
  await settle();
  const [a, b] = [await running[0]!.open(id), await running[1]!.open(id)];
  return { alice, bob, a: table(a), b: table(b) };
}

const refusals = ({ told }: Table): readonly (string | undefined)[] => told.flatMap(({ why }) => (why ? [why] : []));

test('P25 a tool is told who it is with, and who set what, by ids of its own', async () => {
  const { a, b } = await two();
  expect(a.told[0]).toMatchObject({ v: 1, canWrite: true, state: [], ...LOOK, me: { name: 'Alice' } });
  a.desk.hear({ set: 'voice', value: 'tea' });
  await settle();
  for (const one of [a, b]) one.later(100);
  const me = a.told[0]!.me!;
  expect(b.told.at(-1)?.state).toEqual([{ key: 'voice', value: 'tea', by: me }]);
  expect(a.told.at(-1)?.state).toEqual([{ key: 'voice', value: 'tea', by: me }]);
  expect(b.told[0]!.me!.id).not.toBe(me.id);
  const id = await running[0]!.create({ title: 'Another', with: WITH, tool: CODE });
  expect(table(await running[0]!.open(id)).told[0]!.me!.id, 'another tool knows nobody by it').not.toBe(me.id);
});

test('P25 what two people did apart is merged, and both are told the same', async () => {
  const { alice, bob, a, b } = await two();
  alice.linked = bob.linked = false;
  a.desk.hear({ set: 'voice a', value: 1 });
  a.desk.hear({ set: 'both', value: 'from a' });
  b.desk.hear({ set: 'voice b', value: [2] });
  b.desk.hear({ set: 'both', value: 'from b' });
  await settle();
  alice.link();
  bob.link();
  await settle();
  for (const one of [a, b]) one.later(100);
  expect(a.entries()).toEqual(b.entries());
  expect(a.entries()).toMatchObject({ 'voice a': 1, 'voice b': [2] });
  b.desk.hear({ remove: 'voice a' });
  await settle();
  for (const one of [a, b]) one.later(100);
  expect(Object.keys(a.entries())).toEqual(['both', 'voice b']);
});

test('the list says what is a tool, also after a restart', async () => {
  const { bob } = await two();
  expect(running[1]!.list.current).toMatchObject([{ title: 'Poll', kind: 'tool' }]);
  await running[1]!.flush();
  bob.unlock();
  bob.settled.length = 0;
  const again = start(bob);
  await settle();
  expect(again.list.current).toMatchObject([{ kind: 'tool' }]);
});

test('who may not write is told so, and nothing is written', async () => {
  const { alice, a } = await two();
  alice.setMode('shut');
  a.desk.hear({ set: 'voice', value: 1 });
  a.later(100);
  expect(refusals(a)).toEqual(['read-only']);
  expect(a.document.doc.getMap('state').size).toBe(0);
  expect(table(a.document).told[0]).toMatchObject({ canWrite: false });
});

test.each([
  ['no message', 7, undefined],
  ['nothing', null, undefined],
  ['a key that is none', { set: 7, value: 1 }, 'key'],
  ['a key without letters', { set: '', value: 1 }, 'key'],
  ['a long key', { set: 'k'.repeat(MAX_KEY + 1), value: 1 }, 'key'],
  ['half a letter', { set: '\ud800', value: 1 }, 'key'],
  ['the key of prototypes', { set: '__proto__', value: 1 }, 'key'],
  ['no value', { set: 'a' }, 'value'],
  ['a large value', { set: 'a', value: 'x'.repeat(MAX_VALUE_BYTES) }, 'value'],
  ['a value that is large in bytes', { set: 'a', value: 'é'.repeat(MAX_VALUE_BYTES / 2) }, 'value'],
  ['a deep value', { set: 'a', value: [[[[[[[1]]]]]]] }, 'value'],
  ['a name that reaches prototypes', { set: 'a', value: JSON.parse('{"__proto__":1}') as unknown }, 'value'],
  ['no number', { set: 'a', value: Number.NaN }, 'value'],
  ['a big number', { set: 'a', value: 1n }, 'value'],
  ['a date', { set: 'a', value: new Date(0) }, 'value'],
  ['a map', { set: 'a', value: new Map() }, 'value'],
  ['bytes', { set: 'a', value: new Uint8Array(3) }, 'value'],
  ['a list with holes', { set: 'a', value: new Array(3) }, 'value'],
  ['a list without end', { set: 'a', value: new Array(1e9) }, 'value'],
  ['a key to remove that is none', { remove: {} }, 'key'],
])('%s is refused and leaves no trace', async (_what, message, why) => {
  const { alice, a } = await two();
  const before = alice.settled.length;
  a.desk.hear(message);
  await settle();
  expect(refusals(a)).toEqual(why === undefined ? [] : [why]);
  expect(alice.settled).toHaveLength(before);
});

test('a value that contains itself is refused', async () => {
  const { a } = await two();
  const value: unknown[] = [];
  value.push(value);
  a.desk.hear({ set: 'a', value });
  expect(refusals(a)).toEqual(['value']);
});

test('a tool that writes without end is slowed down', async () => {
  const { alice, a } = await two();
  const before = alice.settled.length;
  for (let i = 0; i < 1_000; i++) a.desk.hear({ set: 'a', value: i });
  await settle();
  expect(refusals(a).every((why) => why === 'too-fast')).toBe(true);
  expect(refusals(a).length).toBeGreaterThan(900);
  expect(alice.settled.length - before).toBeLessThan(50);
  a.later(1_000);
  a.desk.hear({ set: 'b', value: 1 });
  expect(a.document.doc.getMap('state').get('b')).toBe(1);
});

test('setting what is set already makes no message', async () => {
  const { alice, a } = await two();
  a.desk.hear({ set: 'a', value: { x: [1] } });
  await settle();
  const before = alice.settled.length;
  a.desk.hear({ set: 'a', value: { x: [1] } });
  a.desk.hear({ remove: 'nothing' });
  await settle();
  expect(alice.settled).toHaveLength(before);
});

test('a full tool takes no more, and of what other apps let in it is told what keeps the limits', async () => {
  const { a } = await two();
  const state = a.document.doc.getMap('state');
  a.document.doc.transact(() => {
    for (let i = 0; i < MAX_ENTRIES + 20; i++) state.set(`key ${String(i).padStart(4, '0')}`, i);
    state.set('bytes', new Uint8Array(2));
    state.set('large', 'x'.repeat(9_000));
    state.set('k'.repeat(200), 1);
  });
  a.later(100);
  expect(Object.keys(a.entries())).toHaveLength(MAX_ENTRIES);
  a.desk.hear({ set: 'more', value: 1 });
  expect(refusals(a)).toEqual(['full']);
});

test('the guard admits whatever a tool may set', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 70, unit: 'binary' }), fc.jsonValue({ maxDepth: 8 }), (key, value) => {
      const json = spelled(value);
      if (!isKey(key) || json === undefined) return;
      const doc = new Doc();
      doc.getMap('state').set(key, JSON.parse(json));
      expect(scanUpdate(encodeStateAsUpdate(doc))).toBeUndefined();
    }),
    { numRuns: 150 },
  );
});
