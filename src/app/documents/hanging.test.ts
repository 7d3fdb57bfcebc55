// Words typed beside text that was taken back, where no message held them yet: they are in the document all the same
// (core/chain/SPEC.md §9).

import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import type { Bytes } from '#core/bytes/bytes.ts';
import { setTool } from '#core/docs/tool.ts';
import type { OpenDocument } from '../api.ts';
import { bodyOf, closeAfterEach, pair, running, settle, shared, write } from '#tests/suites/document-ends.ts';
import { bringBack } from './hanging.ts';

closeAfterEach();

function typeInto({ doc }: OpenDocument, text: string, into: string): void {
  const all = doc.getXmlFragment('body').toArray() as Y.XmlElement[];
  const paragraph = all.find((one) => one.toString().includes(into))!;
  (paragraph.get(0) as Y.XmlText).insert(3, text);
}

test('P33 what was typed into text that is taken back is in the document, though the disk had no room until then', async () => {
  const { alice, bob } = pair();
  const { a, b, id } = await shared(alice, bob);
  write(a, 'begun');
  await settle();
  write(b, 'by bob');
  await settle();
  const byBob = alice.settled.at(-1)!.id;
  alice.answer = 'no-room';
  typeInto(a, 'carefully worded, ', 'bob');
  typeInto(a, 'out of mind, ', 'bob');
  ((a.doc.getXmlFragment('body').get(1) as Y.XmlElement).get(0) as Y.XmlText).delete(3, 'out of mind, '.length);
  await settle();
  expect(a.saved.current).toBe('no-room');
  for (const end of [alice, bob]) end.takeBack(byBob);
  alice.answer = 'saved';
  for (let i = 0; i < 4; i++) await settle();
  const again = await running[0]!.open(id);
  await running[0]!.flush();
  await settle();
  expect(bodyOf(again)).toBe('<paragraph>begun</paragraph><paragraph>carefully worded, </paragraph>');
  expect(again.saved.current).toBe('saved');
  expect(bodyOf(await running[1]!.open(id))).toBe(bodyOf(again));
});

test('what is in the document in any case is not put there once more', async () => {
  const { alice, bob } = pair();
  const { a, b, id } = await shared(alice, bob);
  write(a, 'begun');
  await settle();
  write(b, 'by bob');
  await settle();
  const byBob = alice.settled.at(-1)!.id;
  alice.answer = 'no-room';
  typeInto(a, 'well ', 'begun');
  await settle();
  alice.answer = 'saved';
  for (const end of [alice, bob]) end.takeBack(byBob);
  for (let i = 0; i < 4; i++) await settle();
  const text = bodyOf(await running[0]!.open(id));
  expect(text).toBe('<paragraph>begwell un</paragraph>');
});

/** Edits of a text that stands and of one that will not: where, and what. A letter of its own each, or a deletion. */
const edits = fc.array(
  fc.record({ into: fc.boolean(), at: fc.nat({ max: 40 }), deletes: fc.boolean(), isNewParagraph: fc.boolean() }),
  { minLength: 1, maxLength: 30 },
);

test('whatever was typed and deleted, each word that was left is in the document, and none that was not', () => {
  fc.assert(
    fc.property(edits, (steps) => {
      const [standing, other, full] = [new Y.Doc(), new Y.Doc(), new Y.Doc()];
      other.clientID = 2;
      standing.getXmlFragment('body').push([paragraph('stands')]);
      Y.applyUpdate(other, Y.encodeStateAsUpdate(standing));
      other.getXmlFragment('body').push([paragraph('to be taken back')]);
      Y.applyUpdate(full, Y.encodeStateAsUpdate(other));
      full.clientID = 1;
      const typed: Uint8Array[] = [];
      full.on('update', (update) => typed.push(update));
      for (const [n, { into, at, deletes, isNewParagraph }] of steps.entries()) {
        const body = full.getXmlFragment('body');
        const text = (body.get(into ? 0 : 1) as Y.XmlElement).get(0) as Y.XmlText;
        const where = Math.min(at, text.length);
        if (isNewParagraph) body.push([paragraph(letter(n))]);
        else if (deletes && where < text.length) text.delete(where, 1);
        else text.insert(where, letter(n));
      }
      const left = [
        ...(full
          .getXmlFragment('body')
          .toString()
          .match(/[一-鿿]/g) ?? []),
      ].sort();
      const found = new Y.Doc();
      found.clientID = 1;
      Y.applyUpdate(found, Y.encodeStateAsUpdate(standing));
      // As the guard has it: messages that hang on what is not there do nothing at all.
      bringBack(found, typed as Bytes[]);
      expect(
        [
          ...(found
            .getXmlFragment('body')
            .toString()
            .match(/[一-鿿]/g) ?? []),
        ].sort(),
      ).toEqual(left);
    }),
  );
});

test('a tool is not turned into a text by it', () => {
  const doc = new Y.Doc();
  setTool(doc, { code: 'tool', salt: 'salt' });
  const typed: Uint8Array[] = [];
  const before = new Y.Doc();
  before.on('update', (update) => typed.push(update));
  before.getXmlFragment('body').push([paragraph('words')]);
  bringBack(doc, typed as Bytes[]);
  expect(doc.getXmlFragment('body').length).toBe(0);
});

function paragraph(text: string): Y.XmlElement {
  const element = new Y.XmlElement('paragraph');
  element.insert(0, [new Y.XmlText(text)]);
  return element;
}

/** No two steps have the same. */
const letter = (n: number): string => String.fromCodePoint(0x4e00 + n);
