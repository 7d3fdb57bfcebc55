// What people do with a document they write together, at a pace at which its checkpoints come within minutes.

import * as Y from 'yjs';
import { SECOND, type Millis } from '#core/ports.ts';
import type { DocumentId, OpenDocument } from '#app/api.ts';
import type { CheckpointPace } from '#app/documents/checkpoints.ts';
import { openDocuments } from '#app/documents/documents.ts';
import type { OpenDocuments } from '#app/space-content.ts';
import type { SessionWorld, TestPerson } from './session-world.ts';

interface Writer {
  readonly person: TestPerson;
}

export const PACE: CheckpointPace = { changes: 5, within: (2 * SECOND) as Millis, keep: (300 * SECOND) as Millis };

/** Something that is written and deleted again: it is in no checkpoint. */
export const DRAFT = 'a draft nobody kept';

export const openPaced: OpenDocuments = (host) => openDocuments(host, { pace: PACE });

/** Goes on with documents opened in some way. */
export async function again({ person }: Writer, documents: OpenDocuments = openPaced): Promise<void> {
  person.documents = documents;
  await person.stop();
  await person.start();
}

export async function opened<T>(
  world: SessionWorld,
  { person }: Writer,
  id: DocumentId,
  use: (document: OpenDocument) => T,
): Promise<T> {
  const document = await world.during(person.session.documents.open(id));
  const result = use(document);
  await world.pass(200);
  await world.during(document.close());
  return result;
}

export const texts = ({ doc }: OpenDocument): string => doc.getXmlFragment('body').toString();

export function write({ doc }: OpenDocument, text: string): void {
  const element = new Y.XmlElement('paragraph');
  element.insert(0, [new Y.XmlText(text)]);
  doc.getXmlFragment('body').push([element]);
}

/** Into the paragraph that somebody else wrote. */
export function writeInto({ doc }: OpenDocument, text: string, into: string): void {
  const paragraph = doc
    .getXmlFragment('body')
    .toArray()
    .find((one) => one.toString().includes(into)) as Y.XmlElement;
  (paragraph.get(0) as Y.XmlText).insert(0, text);
}

/** The rooms of rows in which some text stands in clear: the disk of these tests seals nothing. */
export const rowsWith = ({ person }: Writer, text: string): readonly string[] =>
  person.disk.rows.flatMap(({ collection, value }) => {
    return value !== null && Buffer.from(value).includes(text) ? [collection.split(/[:/]/)[0]!] : [];
  });
