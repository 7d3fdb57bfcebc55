// What the edit-latency bench asks of a page, ours and the peer's alike. Both type into the same kind of tree, the one
// that the editor makes.
import { XmlElement, XmlText, type Doc } from 'yjs';

export interface LatencyPage {
  /** Meets the other browser; resolves when edits can flow. */
  join(where: string): Promise<void>;
  /** Types a word at the end and gives the moment, in milliseconds since 1970. */
  write(mark: string): number;
  /** From now on notes when each word becomes readable; gives a way to read the notes. */
  listen(): () => Record<string, number>;
}

/** The text of the document's one paragraph, made when it is not there yet. */
export function paragraphOf(doc: Doc): XmlText {
  const body = doc.getXmlFragment('body');
  if (body.length === 0) {
    const paragraph = new XmlElement('paragraph');
    paragraph.insert(0, [new XmlText()]);
    body.insert(0, [paragraph]);
  }
  return (body.get(0) as XmlElement).get(0) as XmlText;
}

/** Calls back for each word that is inserted, in whichever text of the document. */
export function observeWords(doc: Doc, seen: (mark: string) => void): void {
  doc.getXmlFragment('body').observeDeep((events) => {
    for (const { changes } of events) {
      for (const { insert } of changes.delta) {
        if (typeof insert !== 'string') continue;
        for (const mark of insert.split(' ')) if (mark !== '') seen(mark);
      }
    }
  });
}
