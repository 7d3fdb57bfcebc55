// What was typed beside text that was taken back, and was on no disk yet when that was heard: it hangs on that text, and in
// the document as it is put together anew nothing comes of it (core/chain/SPEC.md §9).

import { ContentString, ContentType, Item, XmlElement, XmlText, decodeUpdate, getState, type Doc } from 'yjs';
import type { Bytes } from '#core/bytes/bytes.ts';
import { kindOf } from '#core/docs/tool.ts';

/** Puts what people typed at the end of a document, as far as it is not in it, so that no word of theirs is gone. */
export function bringBack(doc: Doc, typed: readonly Bytes[]): void {
  const lines = kindOf(doc) === 'text' ? hangingLines(doc, typed) : [];
  if (lines.length === 0) return;
  doc.transact(() => {
    const paragraphs = lines.map((line) => {
      const paragraph = new XmlElement('paragraph');
      paragraph.insert(0, [new XmlText(line)]);
      return paragraph;
    });
    doc.getXmlFragment('body').push(paragraphs);
  });
}

/** One for each paragraph that was begun, or place that was typed at; without what was deleted again. */
function hangingLines(doc: Doc, typed: readonly Bytes[]): readonly string[] {
  const updates = typed.map((update) => decodeUpdate(update));
  const deleted = updates.flatMap(({ ds }) => [...ds.clients]);
  const isDeleted = (client: number, clock: number): boolean =>
    deleted.some(
      ([of, ranges]) => of === client && ranges.some(({ clock: at, len }) => clock >= at && clock < at + len),
    );
  const lines: string[] = [''];
  for (const struct of updates.flatMap(({ structs }) => structs)) {
    const { client, clock } = struct.id;
    if (!(struct instanceof Item) || getState(doc.store, client) >= clock + struct.length) continue;
    const { content, origin } = struct;
    const goesOn = origin?.client === client && origin.clock === clock - 1;
    if (content instanceof ContentType || !goesOn) lines.push('');
    if (!(content instanceof ContentString)) continue;
    const kept = [...Array(content.str.length).keys()].filter((at) => !isDeleted(client, clock + at));
    lines[lines.length - 1] += kept.map((at) => content.str[at]).join('');
  }
  return lines.filter((line) => line.trim() !== '');
}
