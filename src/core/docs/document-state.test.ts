// The one spelling of what a document came to: alike in every order, and enough to go on from.

import * as Y from 'yjs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Built, DOCUMENT, randomHistory, shuffled, type Change } from '#tests/suites/document-history.ts';
import { contentHash } from './content-hash.ts';
import { decodeDocumentState, isGuardWithin, mergeGuards, plant, stateOf } from './document-state.ts';

/** Whole numbers from one number: a history is as long as it is random. */
function picker(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function build(changes: readonly Change[], from = new Built()): Built {
  for (const change of changes) from.add(change);
  return from;
}

/** A replica that was given a state and nothing before it. */
function from(state: Uint8Array): Built {
  const opened = decodeDocumentState(state);
  const built = new Built(opened.guard);
  expect(plant(built.doc, opened, DOCUMENT)).toBeUndefined();
  return built;
}

const spelled = ({ doc, guard }: Built): string => Buffer.from(stateOf(doc, guard.save())).toString('hex');

const histories = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 }),
  people: fc.integer({ min: 1, max: 5 }),
  steps: fc.integer({ min: 1, max: 120 }),
});

test('the same messages in any order come to the same bytes', () => {
  fc.assert(
    fc.property(histories, ({ seed, people, steps }) => {
      const pick = picker(seed);
      const changes = randomHistory(people, steps, pick);
      const one = build(changes);
      expect(one.refused).toBe(0);
      const said = contentHash(one.doc);
      const whole = spelled(one);
      const other = build(shuffled(changes, pick));
      expect(contentHash(other.doc)).toBe(said);
      expect(spelled(other)).toBe(whole);
    }),
    { numRuns: 120 },
  );
});

test('P32 a state and what came after it, in any order, say what all messages say', () => {
  fc.assert(
    fc.property(histories, ({ seed, people, steps }) => {
      const pick = picker(seed);
      const changes = randomHistory(people, steps, pick);
      const whole = build(changes);
      const said = contentHash(whole.doc);
      const all = spelled(whole);
      // Beginnings of an order in which everything comes after its past hold the past of all they hold.
      const order = shuffled(changes, pick);
      const covered = order.slice(0, pick(order.length + 1));
      const state = stateOf(build(covered).doc, build(covered).guard.save());
      const late = from(state);
      for (const change of shuffled(changes, pick)) if (!covered.includes(change)) late.add(change);
      expect(late.refused).toBe(0);
      expect(contentHash(late.doc)).toBe(said);
      expect(spelled(late)).toBe(all);
    }),
    { numRuns: 120 },
  );
});

test('P32 two states of different beginnings, together, are the state of both', () => {
  fc.assert(
    fc.property(histories, ({ seed, people, steps }) => {
      const pick = picker(seed);
      const changes = randomHistory(people, steps, pick);
      const [one, other] = [0, 1].map(() => {
        const order = shuffled(changes, pick);
        return order.slice(0, pick(order.length + 1));
      }) as [Change[], Change[]];
      const states = [one, other].map((part) =>
        decodeDocumentState(stateOf(build(part).doc, build(part).guard.save())),
      );
      const together = new Built(mergeGuards(states[0]!.guard, states[1]!.guard));
      for (const { update } of states) Y.applyUpdate(together.doc, update);
      const both = changes.filter((change) => one.includes(change) || other.includes(change));
      expect(spelled(together)).toBe(spelled(build(both)));
      for (const { guard } of states) expect(isGuardWithin(guard, together.guard.save())).toBe(true);
    }),
    { numRuns: 80 },
  );
});

test('P32 changes that come again after the state that holds them alter nothing in it', () => {
  fc.assert(
    fc.property(histories, ({ seed, people, steps }) => {
      const changes = randomHistory(people, steps, picker(seed));
      const built = build(changes);
      const state = stateOf(built.doc, built.guard.save());
      const late = from(state);
      for (const { body } of changes) Y.applyUpdate(late.doc, body.update);
      expect(spelled(late)).toBe(Buffer.from(state).toString('hex'));
    }),
    { numRuns: 40 },
  );
});

test('a state of other authors, with other clocks, or nested too deep is not taken', () => {
  const pick = picker(7);
  const built = build(randomHistory(2, 60, pick));
  const state = decodeDocumentState(stateOf(built.doc, built.guard.save()));
  const [first, ...others] = state.guard.tracks;
  const refusal = (tracks: typeof state.guard.tracks, update = state.update): unknown =>
    plant(new Y.Doc(), { guard: { ...state.guard, tracks }, update }, DOCUMENT);
  expect(refusal(state.guard.tracks)).toBeUndefined();
  expect(refusal([{ ...first!, author: { ...first!.author, device: 'ff'.repeat(32) } }, ...others])).toBe(
    'not-its-authors',
  );
  expect(refusal([{ ...first!, clocks: first!.clocks.map((clock) => clock + 1) }, ...others])).toBe('not-its-authors');
  expect(refusal(others)).toBe('not-its-authors');
  const deep = new Built();
  deep.doc.clientID = first!.client;
  let within: Y.XmlElement | Y.XmlFragment = deep.doc.getXmlFragment('body');
  for (let depth = 0; depth < 201; depth++) {
    const element = new Y.XmlElement('paragraph');
    within.insert(0, [element]);
    within = element;
  }
  const clocks = [Y.getState(deep.doc.store, first!.client)];
  expect(refusal([{ ...first!, seqs: [0], clocks }], Y.encodeStateAsUpdate(deep.doc) as typeof state.update)).toBe(
    'too-deep',
  );
});

test('a state that lacks what it refers to is not taken', () => {
  const doc = new Y.Doc();
  doc.clientID = 5;
  doc.getXmlFragment('body').insert(0, [new Y.XmlText('first')]);
  const before = Y.encodeStateVector(doc);
  doc.getXmlFragment('body').insert(1, [new Y.XmlText('second')]);
  const update = Y.encodeStateAsUpdate(doc, before) as ReturnType<typeof decodeDocumentState>['update'];
  expect(plant(new Y.Doc(), { guard: { schema: 1, tracks: [], runs: [] }, update }, DOCUMENT)).toBe('not-whole');
});

test('a joined state is what is compared, since Yjs cuts the same document now so, now so', () => {
  let differently = 0;
  for (let seed = 1; seed <= 120; seed++) {
    const pick = picker(seed * 7919);
    const changes = randomHistory(4, 120, pick);
    const [one, other] = [build(changes), build(shuffled(changes, pick))];
    const asIs = [one, other].map(({ doc }) => Buffer.from(Y.encodeStateAsUpdate(doc)).toString('hex'));
    if (asIs[0] !== asIs[1]) differently++;
    expect(spelled(one)).toBe(spelled(other));
  }
  expect(differently).toBeGreaterThan(0);
});
