// Whose word counts for a checkpoint, and which messages may come without a body because of it.

import { describe, expect, test } from 'vitest';
import type { Header } from '#core/charter/header.ts';
import type { DeviceId, Incarnation, MessageId, PrincipalId, Scope } from '#core/charter/ids.ts';
import { encodeAttest, encodeDocCheckpoint, type StateHash } from '#core/docs/doc-checkpoint.ts';
import type { DocumentId } from '#core/docs/doc-update.ts';
import type { Millis } from '#core/ports.ts';
import { Claims } from './claims.ts';
import type { Entry } from './log.ts';

const everyone = 'everyone' as Scope;
const incarnation = 'cd'.repeat(8) as Incarnation;
const document = '01'.repeat(16) as DocumentId;
const state = '02'.repeat(32) as StateHash;
const device = (of: string): DeviceId => of.repeat(32) as DeviceId;
/** A device of whom: its first letter. */
const principalOf = (of: DeviceId): PrincipalId => of[0]! as string as PrincipalId;
const [ALICE, ALICE_TOO, BOB, CAROL] = ['a1', 'a2', 'b1', 'c1'].map(device) as [DeviceId, DeviceId, DeviceId, DeviceId];
const id = (of: number): MessageId => of.toString(16).padStart(64, '0') as MessageId;

function entry(of: number, by: DeviceId, kind: string, body: Uint8Array, change: Partial<Entry> = {}): Entry {
  const header = { device: by, incarnation, scope: everyone, kind, seq: of, lamport: of };
  const message = { id: id(of), header };
  return {
    message,
    open: { salt: new Uint8Array(32), body },
    stands: true,
    heardAt: of,
    ...change,
  } as unknown as Entry;
}

const spans = (from: number, to: number) => [{ device: CAROL, incarnation, spans: [{ from, to }] }];

function claim(of: number, by: DeviceId, covers = spans(0, 5), base?: number): Entry {
  const claimed = {
    is: 'claim',
    document,
    state,
    parts: 1,
    base: base === undefined ? undefined : id(base),
    covers,
  } as const;
  return entry(of, by, 'doc.checkpoint', encodeDocCheckpoint(claimed));
}

const word = (of: number, by: DeviceId, about: number, agrees = true): Entry =>
  entry(of, by, 'attest', encodeAttest({ checkpoint: id(about), agrees }));

const part = (of: number, by: DeviceId): Entry =>
  entry(
    of,
    by,
    'doc.checkpoint',
    encodeDocCheckpoint({ is: 'part', document, state, at: 0, bytes: new Uint8Array(3) }),
  );

const change = (seq: number, other: Partial<Header> = {}): Header =>
  ({ device: CAROL, incarnation, scope: everyone, kind: 'doc.update', seq, ...other }) as Header;

function told(entries: readonly Entry[], silent: readonly number[] = []): Claims {
  const counts = ({ message, stands }: Entry): boolean => stands && !silent.some((of) => message.id === id(of));
  const claims = new Claims({
    counts,
    willCount: counts,
    authorOf: (header) => principalOf(header.device),
    basis: () => [],
  });
  for (const one of entries) claims.note(one);
  return claims;
}

const stateOf = (claims: Claims): string | undefined => claims.get(id(20))?.state;

describe('a checkpoint', () => {
  test('is vouched for when a second person came to the same, not by its author’s other device', () => {
    expect(stateOf(told([claim(20, ALICE)]))).toBe('claimed');
    expect(stateOf(told([claim(20, ALICE), word(21, ALICE_TOO, 20)]))).toBe('claimed');
    expect(stateOf(told([claim(20, ALICE), word(21, BOB, 20)]))).toBe('vouched');
    expect(told([claim(20, ALICE), word(30, BOB, 20), word(25, CAROL, 20)]).get(id(20))?.vouchedAt).toBe(25 as Millis);
  });

  test('is disputed as soon as anybody came to something else, whoever agreed', () => {
    expect(stateOf(told([claim(20, ALICE), word(21, BOB, 20), word(22, CAROL, 20, false)]))).toBe('disputed');
    expect(stateOf(told([word(22, CAROL, 20, false), word(21, BOB, 20), claim(20, ALICE)]))).toBe('disputed');
  });

  test('counts only while it stands and its author had the right, and so do words for and against it', () => {
    const all = [claim(20, ALICE), word(21, BOB, 20), word(22, CAROL, 20, false)];
    expect(stateOf(told(all, [20]))).toBe('void');
    expect(stateOf(told(all, [22]))).toBe('vouched');
    expect(stateOf(told(all, [21, 22]))).toBe('claimed');
  });

  test('or a word that breaks a rule is as if it had not come', () => {
    const claims = told([claim(20, ALICE), word(21, BOB, 20)]);
    claims.note(word(21, BOB, 20));
    expect(stateOf(claims)).toBe('vouched');
    claims.note({ ...word(21, BOB, 20), stands: false });
    expect(stateOf(claims)).toBe('claimed');
    claims.note({ ...claim(20, ALICE), stands: false });
    expect(stateOf(claims)).toBeUndefined();
  });

  test('that says nothing is passed over', () => {
    const junk = new Uint8Array([1, 2, 3]);
    expect(told([entry(20, ALICE, 'doc.checkpoint', junk), entry(21, BOB, 'attest', junk)]).in(everyone)).toEqual([]);
  });
});

describe('a message may come without its body', () => {
  test('only when two people stand for the checkpoint that names its place', () => {
    expect(told([claim(20, ALICE)]).has(change(2))).toBe(false);
    const claims = told([claim(20, ALICE), word(21, BOB, 20)]);
    expect([0, 4, 5].map((seq) => claims.has(change(seq)))).toEqual([true, true, false]);
    expect(claims.has(change(2, { kind: 'chat' }))).toBe(false);
    expect(claims.has(change(2, { kind: 'attest' }))).toBe(false);
    expect(claims.has(change(2, { scope: 'stewards' as Scope }))).toBe(false);
    expect(claims.has(change(2, { device: BOB }))).toBe(false);
    claims.note(word(22, CAROL, 20, false));
    expect(claims.has(change(2))).toBe(false);
  });

  test('also when they stand for one that goes on from it, and not the other way', () => {
    const line = [claim(20, ALICE), claim(40, BOB, spans(5, 9), 20)];
    const later = told([...line, word(41, CAROL, 40)]);
    expect([2, 7].map((seq) => later.has(change(seq)))).toEqual([true, true]);
    const earlier = told([...line, word(41, CAROL, 20)]);
    expect([2, 7].map((seq) => earlier.has(change(seq)))).toEqual([true, false]);
  });

  test('and is given with the words that say so', () => {
    const line = [claim(20, ALICE), claim(40, BOB, spans(5, 9), 20), word(41, CAROL, 40)];
    expect(told(line).evidenceFor(change(2))).toEqual([20, 40, 41].map(id));
    expect(told(line).evidenceFor(change(12))).toEqual([]);
  });

  test('to newcomers only where what it came to is here', () => {
    const said = [claim(20, ALICE), word(21, BOB, 20)];
    expect(told(said).hasWhole(change(2))).toBe(false);
    expect(told([part(19, ALICE), ...said]).hasWhole(change(2))).toBe(true);
    for (const other of [part(90, ALICE), part(19, ALICE_TOO), part(19, BOB)]) {
      expect(told([other, ...said]).hasWhole(change(2))).toBe(false);
    }
  });
});
