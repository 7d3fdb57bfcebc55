// A hostile contact with all the time in the world: mutated, spliced and crafted docUpdates against the guard. Whatever
// is admitted must go into Yjs without trouble, and honest authors must be heard afterwards.

import fc from 'fast-check';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { clientIdOf, type Author } from './client-id.ts';
import { contentHash } from './content-hash.ts';
import type { DocumentId } from './doc-update.ts';
import { DocumentGuard } from './guard.ts';
import type { Reach } from './past.ts';
import { sliceUpdate } from './split-update.ts';

const DOCUMENT = '0f'.repeat(16) as DocumentId;
const HONEST: Author = { device: 'a1'.repeat(32), incarnation: '01'.repeat(8) };
const HOSTILE: Author = { device: 'b2'.repeat(32), incarnation: '02'.repeat(8) };
const ALL: Reach = { reach: () => Number.MAX_SAFE_INTEGER };
const honest = clientIdOf(HONEST, DOCUMENT);
const hostile = clientIdOf(HOSTILE, DOCUMENT);

/** A replica that admits and applies, as an app does. */
class Replica {
  readonly guard = new DocumentGuard(DOCUMENT);
  readonly doc = new Y.Doc();
  admitted = 0;
  #seqs = new Map<Author, number>();

  take(author: Author, update: Uint8Array, past = ALL): boolean {
    const seq = this.#seqs.get(author) ?? 0;
    this.#seqs.set(author, seq + 1);
    const body = { document: DOCUMENT, schema: 1, update: new Uint8Array(update) };
    if (!this.guard.admit({ author, seq, past, body }).ok) return false;
    this.admitted++;
    Y.applyUpdate(this.doc, update);
    return true;
  }

  /** Nothing waits inside Yjs, and each clock is the one that was admitted. */
  expectSound(): void {
    expect(this.doc.store.pendingStructs).toBeNull();
    expect(this.doc.store.pendingDs).toBeNull();
    for (const [client, clock] of this.guard.heads()) expect(Y.getState(this.doc.store, client)).toBe(clock);
  }
}

/** What an honest editor makes: elements, texts, marks, attributes, deletions, as one update per transaction. */
function edits(client: number, base: Uint8Array, choices: readonly number[]): Uint8Array[] {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, base);
  doc.clientID = client;
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  const body = doc.getXmlFragment('body');
  for (const choice of choices) {
    const element = body.length === 0 ? undefined : body.get(choice % body.length);
    const text = element instanceof Y.XmlElement ? element.get(0) : undefined;
    doc.transact(() => {
      if (choice % 5 === 0 || !(text instanceof Y.XmlText)) {
        const made = new Y.XmlElement('paragraph');
        made.insert(0, [new Y.XmlText(`words ${choice} 🌱`)]);
        if (choice % 2 === 0) made.setAttribute('checked', true as unknown as string);
        body.insert(body.length === 0 ? 0 : choice % body.length, [made]);
      } else if (choice % 5 === 1) text.insert(choice % (text.length + 1), `more${choice}`);
      else if (choice % 5 === 2 && text.length > 3) text.delete(choice % (text.length - 2), 2);
      else if (choice % 5 === 3 && text.length > 2) text.format(0, 2, { bold: choice % 2 === 0 ? true : null });
      else if (body.length > 3) body.delete(choice % body.length, 1);
      else doc.getMap('meta').set('title', `title ${choice}`);
    });
  }
  return updates;
}

const choices = fc.array(fc.nat(10_000), { minLength: 1, maxLength: 12 });
const empty = Y.encodeStateAsUpdate(new Y.Doc());

describe('a fuzzed hostile contact', () => {
  it('never keeps an honest author from being heard, whatever it sends', () => {
    fc.assert(
      fc.property(choices, choices, fc.infiniteStream(fc.nat()), (mine, theirs, dice) => {
        const replica = new Replica();
        const mirror = new Replica();
        for (const update of edits(honest, empty, mine)) {
          expect(replica.take(HONEST, update)).toBe(true);
          mirror.take(HONEST, update);
        }
        const base = Y.encodeStateAsUpdate(replica.doc);
        const genuine = edits(hostile, base, theirs);
        for (const update of genuine.flatMap((one) => mangled(one, dice))) {
          const taken = replica.take(HOSTILE, update);
          expect(mirror.take(HOSTILE, update), 'alike on every replica').toBe(taken);
          replica.expectSound();
        }
        const answer = edits(honest, Y.encodeStateAsUpdate(replica.doc), mine.slice(0, 3));
        for (const update of answer) {
          expect(replica.take(HONEST, update), 'still heard').toBe(true);
          mirror.take(HONEST, update);
        }
        replica.expectSound();
        expect(contentHash(mirror.doc)).toBe(contentHash(replica.doc));
      }),
      { numRuns: 400 },
    );
  });

  it('meets an honest docUpdate’s every one-byte change without a throw and in no time', () => {
    const genuine = edits(hostile, empty, [0, 1, 2, 3, 5, 6, 8]);
    let worst = 0;
    for (const update of genuine) {
      for (let at = 0; at < update.length; at++) {
        for (const value of [0, 1, 0x7f, 0x80, 0xff, update[at]! ^ 1]) {
          const changed = update.slice();
          changed[at] = value;
          worst = Math.max(
            worst,
            quickestOf(3, () => tookFor(changed)),
          );
        }
      }
    }
    expect(worst).toBeLessThan(50);
  });

  it('admits what honest editors make, in any order that keeps their pasts', () => {
    fc.assert(
      fc.property(choices, choices, (mine, theirs) => {
        const [one, two] = [new Replica(), new Replica()];
        const a = edits(honest, empty, mine);
        const b = edits(hostile, empty, theirs);
        for (const update of [...a]) expect(one.take(HONEST, update)).toBe(true);
        for (const update of [...b]) expect(one.take(HOSTILE, update)).toBe(true);
        for (let i = 0; i < Math.max(a.length, b.length); i++) {
          if (b[i] !== undefined) expect(two.take(HOSTILE, b[i]!)).toBe(true);
          if (a[i] !== undefined) expect(two.take(HONEST, a[i]!)).toBe(true);
        }
        one.expectSound();
        expect(contentHash(two.doc)).toBe(contentHash(one.doc));
      }),
      { numRuns: 200 },
    );
  });
});

describe('slices', () => {
  it('lead where the whole leads', () => {
    fc.assert(
      fc.property(choices, fc.integer({ min: 1, max: 4 }), (mine, most) => {
        const whole = Y.mergeUpdates(edits(honest, empty, mine));
        const [a, b] = [new Y.Doc(), new Y.Doc()];
        Y.applyUpdate(a, whole);
        for (const slice of sliceUpdate(new Uint8Array(whole), most)) Y.applyUpdate(b, slice);
        expect(contentHash(b)).toBe(contentHash(a));
        expect(b.store.pendingStructs).toBeNull();
      }),
    );
  });
});

/** How long a fresh replica needs for an update that may be anything. */
function tookFor(update: Uint8Array): number {
  const replica = new Replica();
  const before = performance.now();
  replica.take(HOSTILE, update);
  const took = performance.now() - before;
  replica.expectSound();
  return took;
}

/** Tried again when it took long: a busy machine takes the processor away for longer than the guard ever needs. */
function quickestOf(tries: number, measure: () => number): number {
  let quickest = measure();
  for (let i = 1; i < tries && quickest > 10; i++) quickest = Math.min(quickest, measure());
  return quickest;
}

/** The update itself now and then; else flipped, cut, joined with itself, or with numbers made huge. */
function mangled(update: Uint8Array, dice: Iterator<number>): Uint8Array[] {
  const roll = (sides: number): number => (dice.next().value as number) % sides;
  const out: Uint8Array[] = [];
  for (let i = 0; i < 6; i++) {
    const copy = update.slice();
    const at = roll(copy.length);
    const kind = roll(6);
    if (kind === 0) out.push(copy);
    else if (kind === 1) out.push(copy.subarray(0, at));
    else if (kind === 2) out.push(new Uint8Array([...copy, ...copy]));
    else if (kind === 3) {
      out.push(new Uint8Array([...copy.subarray(0, at), 0xff, 0xff, 0xff, 0xff, 0x0f, ...copy.subarray(at + 1)]));
    } else {
      copy[at] = roll(256);
      out.push(copy);
    }
  }
  return out;
}
