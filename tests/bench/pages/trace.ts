// A keystroke history (josephg/editing-traces, sequential form) typed into a Yjs document.
import * as Y from 'yjs';

export interface Trace {
  readonly txns: readonly { readonly patches: readonly [number, number, string][] }[];
}

/** What the bench of large documents asks of a page, ours and the peer's alike. */
export interface LargePage {
  /** Types the history and puts it on disk; gives the number of edits. */
  prepare(trace: Trace): Promise<number>;
  /** Milliseconds until the text of the document is there, read from disk. */
  open(): Promise<{ ms: number; length: number }>;
}

/** Types the whole history into a document, one transaction per edit. */
export function replay(trace: Trace): { doc: Y.Doc; edits: number } {
  const doc = new Y.Doc();
  const text = doc.getText('body');
  let edits = 0;
  for (const { patches } of trace.txns) {
    for (const [at, deleted, inserted] of patches) {
      edits += 1;
      if (deleted > 0) text.delete(at, deleted);
      if (inserted !== '') text.insert(at, inserted);
    }
  }
  return { doc, edits };
}
