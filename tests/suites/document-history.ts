// Random histories of one document: several people write, delete, mark and rename, each of them hearing of the others
// late and in an order of their own.

import * as Y from 'yjs';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { DocumentId } from '#core/docs/doc-update.ts';
import { DocumentGuard, type AuthoredUpdate, type SavedGuard } from '#core/docs/guard.ts';
import { splitUpdate } from '#core/docs/split-update.ts';

export const DOCUMENT = '00112233445566778899aabbccddeeff' as DocumentId;

/** One message of a history, in the order in which they were made. */
export interface Change extends AuthoredUpdate {
  /** Of each author how many messages are in its past. */
  readonly knows: readonly number[];
  readonly by: number;
}

/** Puts messages together as a replica does that holds nothing else. */
export class Built {
  readonly doc = new Y.Doc({ gc: true });
  readonly guard: DocumentGuard;
  refused = 0;

  constructor(saved?: SavedGuard) {
    this.guard = new DocumentGuard(DOCUMENT, saved);
    this.doc.on('afterTransaction', (transaction: Y.Transaction) => {
      transaction._needFormattingCleanup = false;
    });
  }

  add(change: AuthoredUpdate): void {
    if (!this.guard.admit(change).ok) this.refused++;
    else Y.applyUpdate(this.doc, change.body.update);
  }
}

interface Writer {
  readonly built: Built;
  readonly knows: number[];
}

export function authorOf(by: number): AuthoredUpdate['author'] {
  return { device: `${by}a`.repeat(32), incarnation: `${by}b`.repeat(8) };
}

/** `pick(n)` gives a whole number below `n`. */
export function randomHistory(people: number, steps: number, pick: (below: number) => number): readonly Change[] {
  const changes: Change[] = [];
  const writers = Array.from({ length: people }, (_, by): Writer => {
    const built = new Built();
    built.doc.clientID = built.guard.clientIdOf(authorOf(by));
    return { built, knows: Array.from({ length: people }, () => 0) };
  });
  for (let step = 0; step < steps; step++) {
    const by = pick(people);
    const writer = writers[by]!;
    if (pick(3) === 0) hear(writer, changes, pick);
    else write(writer, { by, changes }, pick);
  }
  return changes;
}

/** Takes some of what it does not have, each after its past. */
function hear({ built, knows }: Writer, changes: readonly Change[], pick: (below: number) => number): void {
  const upTo = pick(changes.length + 1);
  for (const change of changes.slice(0, upTo)) {
    if (change.seq !== knows[change.by] || change.knows.some((count, of) => of !== change.by && count > knows[of]!))
      continue;
    if (pick(8) === 0) return;
    built.add(change);
    knows[change.by]!++;
  }
}

function write(
  { built, knows }: Writer,
  { by, changes }: { readonly by: number; readonly changes: Change[] },
  pick: (below: number) => number,
): void {
  const made: Uint8Array[] = [];
  const gather = (update: Uint8Array): void => void made.push(update);
  built.doc.on('update', gather);
  built.doc.transact(() => edit(built.doc, pick));
  built.doc.off('update', gather);
  for (const update of made) {
    for (const piece of splitUpdate(update as Bytes).pieces) {
      const known = [...knows];
      const seq = knows[by]!;
      const past = { reach: (device: string) => known[Number(device[0])] ?? 0 };
      const body = { document: DOCUMENT, schema: 1, update: piece };
      const change = { author: authorOf(by), by, seq, knows: known, past, body };
      if (!built.guard.admit(change).ok) throw new Error('an own change was refused');
      changes.push(change);
      knows[by]!++;
    }
  }
}

function edit(doc: Y.Doc, pick: (below: number) => number): void {
  const body = doc.getXmlFragment('body');
  const what = pick(10);
  if (what === 0) doc.getMap('meta').set(pick(2) === 0 ? 'title' : 'schema', `t${pick(1000)}`);
  else if (body.length === 0 || what < 3) body.insert(pick(body.length + 1), [paragraph(`p${pick(1000)} `)]);
  else {
    const element = body.get(pick(body.length)) as Y.XmlElement;
    const text = element.get(0);
    if (what === 3) body.delete(pick(body.length), 1);
    else if (what === 4) element.setAttribute('level', String(pick(4)));
    else if (what === 5 && pick(2) === 0) element.insert(element.length, [paragraph('inner')]);
    else if (!(text instanceof Y.XmlText)) element.insert(0, [new Y.XmlText('again ')]);
    else if (what === 6 && text.length > 1) text.delete(pick(text.length - 1), 1 + pick(Math.min(6, text.length - 1)));
    else if (what === 7 && text.length > 2) {
      const at = pick(text.length - 1);
      text.format(at, 1 + pick(text.length - at - 1), { bold: pick(2) === 0 ? true : null });
    } else text.insert(pick(text.length + 1), 'abcdefghij'.slice(0, 1 + pick(9)));
  }
}

function paragraph(text: string): Y.XmlElement {
  const element = new Y.XmlElement('paragraph');
  element.insert(0, [new Y.XmlText(text)]);
  return element;
}

/** Another order in which everything comes after its past. */
export function shuffled(changes: readonly Change[], pick: (below: number) => number): readonly Change[] {
  const left = [...changes];
  const done: Change[] = [];
  const knows: number[] = [];
  while (left.length > 0) {
    const ready = left.filter((change) => change.knows.every((count, of) => count <= (knows[of] ?? 0)));
    const next = ready[pick(ready.length)]!;
    left.splice(left.indexOf(next), 1);
    knows[next.by] = (knows[next.by] ?? 0) + 1;
    done.push(next);
  }
  return done;
}
