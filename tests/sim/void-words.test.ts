// Words by who had lost the right to write are asked of nobody, nor what hangs on them; all others are.

import { Doc, applyUpdate, encodeStateAsUpdate, encodeStateVector, getState, type Text } from 'yjs';
import { describe, expect, it } from 'vitest';
import type { DeviceId, Incarnation, MessageId } from '#core/charter/ids.ts';
import { clientIdOf } from '#core/docs/client-id.ts';
import { encodeDocUpdate, type DocumentId } from '#core/docs/doc-update.ts';
import type { ContentMessage } from '#app/space-content.ts';
import { Ledger, type WrittenWord } from './ledger.ts';
import { VoidWords } from './void-words.ts';

const document = 'd0'.repeat(16) as DocumentId;
const incarnation = '01'.repeat(8) as Incarnation;

class Scene {
  readonly ledger = new Ledger();
  /** Messages that were said without the right to. */
  readonly void = new Set<MessageId>();
  /** Messages by a device that had been ended. */
  readonly beyondEnd = new Set<MessageId>();
  readonly words = new Map<string, WrittenWord>();

  writer(name: string): Writer {
    return new Writer(this, name);
  }

  get judge(): VoidWords {
    return new VoidWords(this.ledger, {
      lacks: (id, right) => right === 'documents' && this.void.has(id),
      isBeyondEnd: (id) => this.beyondEnd.has(id),
    });
  }
}

class Writer {
  doc!: Doc;
  readonly #scene: Scene;
  readonly #name: string;
  readonly #author: DeviceId;

  constructor(scene: Scene, name: string) {
    this.#scene = scene;
    this.#name = name;
    this.#author = name.repeat(64) as DeviceId;
    this.anew();
  }

  /** Puts its document together from these only. */
  anew(...others: readonly Doc[]): void {
    this.doc = new Doc();
    this.doc.clientID = clientIdOf({ device: this.#author, incarnation }, document);
    this.sees(...others);
  }

  sees(...others: readonly Doc[]): void {
    for (const other of others) applyUpdate(this.doc, encodeStateAsUpdate(other));
  }

  get text(): Text {
    return this.doc.getText('t');
  }

  /** Types a word in one message, called like the word. */
  types(mark: string, { at = 0, isVoid = false } = {}): WrittenWord {
    const { ledger } = this.#scene;
    const { clientID: client, store } = this.doc;
    const [from, before] = [getState(store, client), encodeStateVector(this.doc)];
    this.text.insert(at, mark);
    const letters = { client, from, to: from + mark.length };
    const word = ledger.typed({ mark, author: this.#name, document, letters, within: [] });
    const update = encodeStateAsUpdate(this.doc, before) as ContentMessage['body'];
    const id = mark as MessageId;
    const body = encodeDocUpdate({ document, schema: 1, update });
    ledger.changed(this.#name, { id, author: this.#author, incarnation, body } as unknown as ContentMessage);
    if (isVoid) this.#scene.void.add(id);
    return word;
  }
}

describe('a word in a document of everyone', () => {
  it('is nobody’s where its writer had lost the right', () => {
    const scene = new Scene();
    const alice = scene.writer('a');
    const [kept, lost] = [alice.types('kept'), alice.types('lost', { isVoid: true })];
    expect([scene.judge.isVoid(kept), scene.judge.isForbidden(kept)]).toEqual([false, false]);
    expect([scene.judge.isVoid(lost), scene.judge.isForbidden(lost)]).toEqual([true, true]);
  });

  it('hangs in the air where it was typed beside such a word, and not where it only came later', () => {
    const scene = new Scene();
    const [alice, bob] = [scene.writer('a'), scene.writer('b')];
    const first = bob.types('first');
    alice.sees(bob.doc);
    alice.types('lost', { at: 5, isVoid: true });
    bob.sees(alice.doc);
    const [beside, apart] = [bob.types('beside', { at: 9 }), bob.types('apart')];
    expect([first, beside].map((word) => scene.judge.isVoid(word))).toEqual([false, true]);
    expect(scene.judge.isForbidden(beside)).toBe(false);
    // One’s own numbers have no holes: what follows what was refused is refused.
    expect(scene.judge.isVoid(apart)).toBe(true);
  });

  it('hangs in the air beside one by a device that was ended, which itself may be there', () => {
    const scene = new Scene();
    const [alice, bob] = [scene.writer('a'), scene.writer('b')];
    const ended = alice.types('ended');
    scene.beyondEnd.add('ended' as MessageId);
    bob.sees(alice.doc);
    const beside = bob.types('beside', { at: 5 });
    expect([ended, beside].map((word) => scene.judge.isVoid(word))).toEqual([true, true]);
    expect([ended, beside].map((word) => scene.judge.isForbidden(word))).toEqual([false, false]);
  });

  it('is everybody’s again where the right came back, though under numbers that were used before', () => {
    const scene = new Scene();
    const alice = scene.writer('a');
    const lost = alice.types('lost', { isVoid: true });
    alice.anew();
    const again = alice.types('again');
    expect(again.letters.from).toBe(lost.letters.from);
    expect([lost, again].map((word) => scene.judge.isVoid(word))).toEqual([true, false]);
  });

  it('is to be there where nobody knows how it travelled', () => {
    const scene = new Scene();
    const letters = { client: 7, from: 0, to: 4 };
    const word = scene.ledger.typed({ mark: 'lone', author: 'a', document, letters, within: [] });
    expect([scene.judge.isVoid(word), scene.judge.isForbidden(word)]).toEqual([false, false]);
  });
});
