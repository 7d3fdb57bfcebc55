// The guard: the four known attacks as fixed bytes, and the rules one by one.

import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { hex, type Bytes } from '../bytes/bytes.ts';
import { clientIdOf, type Author } from './client-id.ts';
import type { DocumentId } from './doc-update.ts';
import { DocumentGuard, type DocVerdict } from './guard.ts';
import type { Reach } from './past.ts';
import { scanUpdate } from './update-scan.ts';

const DOCUMENT = '00112233445566778899aabbccddeeff' as DocumentId;
const ALICE: Author = { device: 'a1'.repeat(32), incarnation: '01'.repeat(8) };
const BOB: Author = { device: 'b2'.repeat(32), incarnation: '02'.repeat(8) };
const EVERYTHING: Reach = { reach: () => Number.MAX_SAFE_INTEGER };
const alice = clientIdOf(ALICE, DOCUMENT);
const bob = clientIdOf(BOB, DOCUMENT);

/** varUint of lib0. */
function uint(number: number): number[] {
  const bytes: number[] = [];
  let rest = number;
  while (rest > 127) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [...uint(bytes.length), ...bytes];
}

/** One client's structs and no deletes, by hand. */
function structs(client: number, clock: number, ...items: readonly number[][]): Bytes {
  return new Uint8Array([1, ...uint(items.length), ...uint(client), ...uint(clock), ...items.flat(), 0]);
}

/** An element in `body`, without neighbours. */
const paragraph = [0x07, 1, ...text('body'), 3, ...text('paragraph')];

class Chain {
  readonly #guard: DocumentGuard;
  readonly #author: Author;
  #seq = 0;
  constructor(guard: DocumentGuard, author: Author) {
    this.#guard = guard;
    this.#author = author;
  }
  send(update: Uint8Array, options: { past?: Reach; schema?: number } = {}): DocVerdict {
    return this.#guard.admit({
      author: this.#author,
      seq: this.#seq++,
      past: options.past ?? EVERYTHING,
      body: { document: DOCUMENT, schema: options.schema ?? 1, update: new Uint8Array(update) },
    });
  }
}

function setting(): { guard: DocumentGuard; alice: Chain; bob: Chain } {
  const guard = new DocumentGuard(DOCUMENT);
  return { guard, alice: new Chain(guard, ALICE), bob: new Chain(guard, BOB) };
}

/** A Yjs document that writes as `client`. */
function written(client: number, write: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc();
  doc.clientID = client;
  write(doc);
  return Y.encodeStateAsUpdate(doc);
}

function paragraphWith(content: string): (doc: Y.Doc) => void {
  return (doc) => {
    const element = new Y.XmlElement('paragraph');
    element.insert(0, [new Y.XmlText(content)]);
    doc.getXmlFragment('body').insert(0, [element]);
  };
}

const refused = (refusal: string): DocVerdict => ({ ok: false, refusal }) as DocVerdict;

describe('the four known attacks', () => {
  it('refuses eleven bytes that push another author’s clock out of reach', () => {
    // One struct two million clocks long, under the victim’s clientID; Yjs would take it and ignore that author for ever.
    const victim = 0x0a_0b_0c;
    const attack = new Uint8Array([1, 1, ...uint(victim), 0, 0, ...uint(127 * 128 * 128), 0]);
    expect(attack.length).toBe(11);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, attack);
    Y.applyUpdate(doc, written(victim, paragraphWith('silenced')));
    expect(doc.getXmlFragment('body').length, 'the attack works on bare Yjs').toBe(0);

    const { bob } = setting();
    expect(bob.send(attack)).toEqual(refused('foreign-author'));
  });

  it('refuses a second content under a clock that is taken', () => {
    const { bob: chain } = setting();
    const first = written(bob, paragraphWith('to Alice'));
    const second = written(bob, paragraphWith('to Carol'));
    expect(Y.encodeStateVectorFromUpdate(first), 'bare Yjs sees no difference').toEqual(
      Y.encodeStateVectorFromUpdate(second),
    );
    expect(chain.send(first)).toEqual({ ok: true });
    expect(chain.send(second)).toEqual(refused('not-contiguous'));
  });

  it('lets 3,000 orphans wait outside, and judges the next update as before', () => {
    const { bob: chain } = setting();
    const orphan = structs(bob, 50_000, [0x84, ...uint(alice), ...uint(900_000), ...text('x'.repeat(90))]);
    for (let i = 0; i < 3_000; i++) expect(chain.send(orphan).ok).toBe(false);
    expect(chain.send(structs(bob, 0, [0x84, ...uint(alice), 7, ...text('x')]))).toEqual(refused('unknown-reference'));
  });

  it('refuses the V2 bytes that keep a V2 decoder busy for ever', () => {
    // Feature flag; key clocks, clients, left and right clocks, infos, strings, parent infos, type refs, lengths; then one
    // client with 2^49 structs. Run-length columns go on for ever once they are out of bytes.
    const rest = (count: number): number[] => [1, ...uint(count), 0, 0];
    const attack = (count: number): Bytes =>
      new Uint8Array([0, 0, 1, 5, 0, 0, 1, 0, 2, 1, 0, 0, 0, 1, 1, ...rest(count)]);
    const decoded = Y.decodeUpdateV2(attack(20_000));
    expect(decoded.structs.length, 'a few bytes make as many structs as they claim').toBe(20_000);
    const { bob: chain } = setting();
    expect(chain.send(attack(2 ** 49)).ok).toBe(false);
  });
});

describe('clocks', () => {
  it('admits what an author wrote in order', () => {
    const doc = new Y.Doc();
    doc.clientID = alice;
    const { alice: chain } = setting();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    paragraphWith('one')(doc);
    const inner = (doc.getXmlFragment('body').get(0) as Y.XmlElement).get(0) as Y.XmlText;
    inner.insert(3, ' two');
    inner.delete(0, 2);
    for (const update of updates) expect(chain.send(update)).toEqual({ ok: true });
  });

  it('refuses a gap in an author’s clock', () => {
    const { bob: chain } = setting();
    expect(chain.send(structs(bob, 1, paragraph))).toEqual(refused('not-contiguous'));
  });

  it('refuses a struct under another author’s clientID', () => {
    const { bob: chain } = setting();
    expect(chain.send(structs(alice, 0, paragraph))).toEqual(refused('foreign-author'));
  });

  it('refuses a struct too long to have been written', () => {
    const { bob: chain } = setting();
    expect(chain.send(structs(bob, 0, [0x00, ...uint(2 ** 40)]))).toEqual(refused('too-many'));
  });

  it('leaves the clock where it was after a refusal', () => {
    const { bob: chain } = setting();
    chain.send(structs(bob, 5, paragraph));
    expect(chain.send(structs(bob, 0, paragraph))).toEqual({ ok: true });
  });
});

describe('the declared past', () => {
  it('refuses a nine-byte deletion of what someone has not typed yet', () => {
    const { alice: a, bob: b } = setting();
    a.send(written(alice, paragraphWith('short')));
    const early = new Uint8Array([0, 1, ...uint(alice), 1, ...uint(50), 1]);
    expect(b.send(early)).toEqual(refused('deletes-unknown'));
  });

  it('lets an author delete only as far as it had seen', () => {
    const { alice: a, bob: b } = setting();
    a.send(structs(alice, 0, paragraph));
    a.send(structs(alice, 1, paragraph));
    const sawFirst: Reach = { reach: (device) => (device === ALICE.device ? 1 : 0) };
    const deletes = (clock: number): Uint8Array => new Uint8Array([0, 1, ...uint(alice), 1, ...uint(clock), 1]);
    expect(b.send(deletes(1), { past: sawFirst })).toEqual(refused('deletes-unknown'));
    expect(b.send(deletes(0), { past: sawFirst })).toEqual({ ok: true });
  });

  it('refuses a neighbour and a parent its author had not seen', () => {
    const { alice: a, bob: b } = setting();
    a.send(structs(alice, 0, paragraph));
    const sawNothing: Reach = { reach: () => 0 };
    const beside = structs(bob, 0, [0x87, ...uint(alice), 0, 3, ...text('paragraph')]);
    const within = structs(bob, 0, [0x07, 0, ...uint(alice), 0, 6]);
    expect(b.send(beside, { past: sawNothing })).toEqual(refused('unknown-reference'));
    expect(b.send(within, { past: sawNothing })).toEqual(refused('unknown-reference'));
    expect(b.send(within)).toEqual({ ok: true });
  });
});

describe('content', () => {
  it('refuses nesting deeper than any person makes', () => {
    const { bob: chain } = setting();
    const nest = (clock: number): number[] => [0x07, 0, ...uint(bob), ...uint(clock), 3, ...text('li')];
    const items = Array.from({ length: 400 }, (_, i) => (i === 0 ? paragraph : nest(i - 1)));
    expect(chain.send(structs(bob, 0, ...items))).toEqual(refused('too-deep'));
    expect(chain.send(structs(bob, 0, ...items.slice(0, 150)))).toEqual({ ok: true });
    expect(chain.send(structs(bob, 150, ...items.slice(150, 250)))).toEqual(refused('too-deep'));
  });

  it('refuses attribute values that nest without end, before Yjs recurses into them', () => {
    const deep = Array.from({ length: 20_000 }, () => [117, 1]).flat();
    const attack = structs(bob, 0, [0x28, 1, ...text('meta'), ...text('title'), 1, ...deep, 126]);
    expect(scanUpdate(attack)).toBe('too-deep');
  });

  it.each([
    ['a map key', [0x28, 1, ...text('meta'), ...text('__proto__'), 1, 126]],
    ['a key inside a value', [0x28, 1, ...text('meta'), ...text('title'), 1, 118, 1, ...text('__proto__'), 126]],
    ['a root', [0x07, 1, ...text('__proto__'), 3, ...text('p')]],
  ])('refuses __proto__ as %s', (_name, item) => {
    const { bob: chain } = setting();
    expect(chain.send(structs(bob, 0, item))).toEqual(refused('forbidden-content'));
  });

  it('refuses a mark whose value hides __proto__ behind an escape', () => {
    const { bob: chain } = setting();
    const value = String.raw`{"__pro\u0074o__":{"polluted":true}}`;
    const items = [
      paragraph,
      [0x07, 0, ...uint(bob), 0, 6],
      [0x06, 0, ...uint(bob), 1, ...text('link'), ...text(value)],
    ];
    expect(chain.send(structs(bob, 0, ...items))).toEqual(refused('forbidden-content'));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each([
    ['a text among elements', [0x04, 1, ...text('body'), ...text('loose')]],
    ['a map inside the body', [0x07, 1, ...text('body'), 1]],
    ['a document inside a document', [0x09, 1, ...text('body'), ...text('guid'), 118, 0]],
    ['an unknown root', [0x07, 1, ...text('other'), 3, ...text('p')]],
    ['a skip', [0x0a, 5]],
    ['an empty text', [0x04, 1, ...text('body'), 0]],
  ])('refuses %s', (_name, item) => {
    const { bob: chain } = setting();
    expect(chain.send(structs(bob, 0, item)).ok).toBe(false);
  });

  it('refuses a thing inside what is not a holder', () => {
    const { bob: chain } = setting();
    const items = [paragraph, [0x07, 0, ...uint(bob), 0, 6], [0x04, 0, ...uint(bob), 1, ...text('abc')]];
    expect(chain.send(structs(bob, 0, ...items))).toEqual({ ok: true });
    expect(chain.send(structs(bob, 5, [0x07, 0, ...uint(bob), 3, 6]))).toEqual(refused('forbidden-content'));
  });

  it('keeps a newer schema in mind', () => {
    const { guard, bob: chain } = setting();
    expect(chain.send(structs(bob, 0, [0x07, 1, ...text('drawing'), 3, ...text('stroke')]), { schema: 3 })).toEqual({
      ok: true,
    });
    expect(guard.schema).toBe(3);
  });
});

describe('keeping a guard', () => {
  it('judges alike after it was kept and restored', () => {
    const { guard, alice: a, bob: b } = setting();
    a.send(written(alice, paragraphWith('shared')));
    b.send(structs(bob, 0, [0x87, ...uint(alice), 0, 3, ...text('paragraph')]));
    const again = new DocumentGuard(DOCUMENT, guard.save());
    expect(again.heads()).toEqual(guard.heads());
    const next = { author: BOB, seq: 1, past: EVERYTHING };
    for (const update of [structs(bob, 1, paragraph), structs(bob, 2, paragraph), new Uint8Array([0, 0])]) {
      const message = { ...next, body: { document: DOCUMENT, schema: 1, update } };
      expect(again.judge(message)).toEqual(guard.judge(message));
    }
  });

  it('derives a clientID from device, incarnation and document, each of which counts', () => {
    const ids = new Set([
      alice,
      bob,
      clientIdOf({ ...ALICE, incarnation: BOB.incarnation }, DOCUMENT),
      clientIdOf(ALICE, hex.encode(new Uint8Array(16))),
    ]);
    expect(ids.size).toBe(4);
    for (const id of ids) expect(Number.isSafeInteger(id) && id >= 0).toBe(true);
  });
});
