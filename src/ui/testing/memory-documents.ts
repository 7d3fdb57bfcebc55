// Documents in memory, with a second writer who has the first one open.

import { Awareness } from 'y-protocols/awareness';
import { Doc, XmlElement, XmlText } from 'yjs';
import { groupHome } from '#app/documents/document-homes.ts';
import type { ContactId, DocumentEntry, DocumentId, Documents, OpenDocument } from '#app/api.ts';
import type { DocumentHome, Moved, MoveResult, NewDocument } from '#app/documents/document-api.ts';
import type { GroupId } from '#app/groups/group-api.ts';
import { LiveValue } from '#app/live-value.ts';
import type { PrincipalId } from '#core/charter/ids.ts';
import { setTool } from '#core/docs/tool.ts';
import type { Millis } from '#core/ports.ts';

const TOOL = 'Which evening?';
const EVENING_TOOL = `onmessage = ({ data }) => {
  if (data.state === undefined) return;
  const evening = (name) => ({ is: 'li', has: { is: 'button', on: name, has: name } });
  postMessage({ show: [{ is: 'h1', has: 'Which evening?' }, { is: 'ul', has: ['Monday', 'Thursday'].map(evening) }] });
};`;

function element(name: string, ...texts: readonly string[]): XmlElement {
  const made = new XmlElement(name);
  made.insert(
    0,
    texts.map((text) => new XmlText(text)),
  );
  return made;
}

export class MemoryDocuments implements Documents {
  readonly list: LiveValue<readonly DocumentEntry[]>;
  readonly #docs = new Map<DocumentId, Doc>();
  readonly #moved = new Map<DocumentId, Moved>();

  constructor(people: readonly ContactId[]) {
    const entry = (title: string, who: DocumentHome, hoursAgo: number): DocumentEntry => ({
      id: `document ${title}` as DocumentId,
      title,
      with: who,
      kind: title === TOOL ? 'tool' : 'text',
      changedAt: (Date.now() - hoursAgo * 3_600_000) as Millis,
    });
    this.list = new LiveValue<readonly DocumentEntry[]>(
      people.length < 2
        ? []
        : [
            entry('Walk on Saturday', people[0]!, 1),
            entry('Seed list', people[1]!, 30),
            entry('From a newer version', people[1]!, 90),
            entry(TOOL, people[0]!, 100),
            entry('Who cooks when', groupHome('group kitchen' as GroupId, 'everyone'), 200),
          ],
    );
  }

  create({ title, with: companion, tool }: NewDocument): Promise<DocumentId> {
    const id = `document ${title} ${this.list.current.length}` as DocumentId;
    const entry = { id, title, with: companion, kind: tool === undefined ? 'text' : 'tool' } as const;
    this.list.set([...this.list.current, { ...entry, changedAt: Date.now() as Millis }]);
    const doc = new Doc();
    if (tool !== undefined) setTool(doc, { code: tool, salt: '' });
    this.#docs.set(id, doc);
    return Promise.resolve(id);
  }

  rename(document: DocumentId, title: string): Promise<void> {
    this.list.set(this.list.current.map((one) => (one.id === document ? { ...one, title } : one)));
    return Promise.resolve();
  }

  open(id: DocumentId): Promise<OpenDocument> {
    let doc = this.#docs.get(id);
    if (doc === undefined) {
      doc = new Doc();
      if (id.includes('Saturday')) this.#fill(doc);
      if (id.includes(TOOL)) setTool(doc, { code: EVENING_TOOL, salt: '' });
      this.#docs.set(id, doc);
    }
    const saved = new LiveValue<'saved' | 'saving' | 'no-room'>('saved');
    const onupdate = (): void => {
      saved.set('saving');
      setTimeout(() => saved.set('saved'), 400);
    };
    doc.on('update', onupdate);
    const shown = doc;
    const awareness = new Awareness(doc);
    return Promise.resolve({
      id,
      doc,
      awareness,
      mode: id.includes('newer') ? 'read-only-newer' : 'edit',
      saved,
      isOver: new LiveValue(false),
      authorOf: () => ({ person: 'ana' as PrincipalId, name: 'Ana' }),
      close: () => {
        shown.off('update', onupdate);
        awareness.destroy();
        return Promise.resolve();
      },
    });
  }

  move(document: DocumentId, to: DocumentHome): Promise<MoveResult> {
    const entry = this.list.current.find(({ id }) => id === document);
    if (entry === undefined) return Promise.resolve('gone');
    const id = `${document} moved` as DocumentId;
    const doc = this.#docs.get(document);
    if (doc !== undefined) this.#docs.set(id, doc);
    this.#moved.set(document, { document: id, home: to, isHere: true });
    this.list.set(this.list.current.map((one) => (one === entry ? { ...one, id, with: to } : one)));
    return Promise.resolve(id);
  }

  movedTo(document: DocumentId): Moved | undefined {
    return this.#moved.get(document);
  }

  #fill(doc: Doc): void {
    const item = (text: string, checked: boolean): XmlElement => {
      const made = new XmlElement('taskItem');
      made.setAttribute('checked', checked as never);
      made.insert(0, [element('paragraph', text)]);
      return made;
    };
    const tasks = new XmlElement('taskList');
    tasks.insert(0, [item('Map and compass', true), item('Thermos', false), item('The good rope', false)]);
    const heading = element('heading', 'The path by the stream');
    heading.setAttribute('level', 2 as never);
    doc
      .getXmlFragment('body')
      .insert(0, [
        heading,
        element(
          'paragraph',
          'We meet at the mill at nine and follow the stream up to the old beeches. Bring boots: it rained for a week.',
        ),
        tasks,
        element('paragraph', 'If the bridge is closed we take the upper path.'),
      ]);
  }
}
