// Which messages may come without a body because what they brought went elsewhere.

import { expect, test } from 'vitest';
import type { DeviceId, Incarnation, Scope } from '#core/charter/ids.ts';
import type { Header } from '#core/charter/header.ts';
import type { CoveredChain } from '#core/docs/covered-chains.ts';
import { encodeDocMove } from '#core/docs/doc-move.ts';
import type { DocumentId } from '#core/docs/doc-update.ts';
import { Covered } from './covered.ts';
import type { Entry } from './log.ts';

const device = 'ab'.repeat(32) as DeviceId;
const incarnation = 'cd'.repeat(8) as Incarnation;
const everyone = 'everyone' as Scope;

function header(seq: number, change: Partial<Header> = {}): Header {
  return { device, incarnation, scope: everyone, kind: 'doc.update', seq, ...change } as Header;
}

function departure(spans: CoveredChain['spans'], change: Partial<Header> = {}, stands = true): Entry {
  const [document, as] = ['01'.repeat(16), '02'.repeat(16)] as [DocumentId, DocumentId];
  const covers = [{ device, incarnation, spans }];
  const body = encodeDocMove({ is: 'went', document, to: 'stewards' as Scope, as, covers });
  const message = { header: header(99, { kind: 'doc.move', ...change }) };
  return { message, open: { salt: new Uint8Array(32), body }, stands } as unknown as Entry;
}

test('only what a departure names, in its own scope, and only changes of documents', () => {
  const covered = new Covered();
  covered.note(departure([{ from: 2, to: 4 }]));
  covered.note(departure([{ from: 7, to: 8 }]));
  expect([1, 2, 3, 4, 7, 8].map((seq) => covered.has(header(seq)))).toEqual([false, true, true, false, true, false]);
  expect(covered.has(header(2, { kind: 'task' }))).toBe(false);
  expect(covered.has(header(2, { scope: 'stewards' as Scope }))).toBe(false);
  expect(covered.has(header(2, { device: 'ef'.repeat(32) as DeviceId }))).toBe(false);
});

test('nothing by a message that breaks a rule, of another kind, or that says nothing', () => {
  const covered = new Covered();
  covered.note(departure([{ from: 0, to: 9 }], {}, false));
  covered.note(departure([{ from: 0, to: 9 }], { kind: 'doc.update' }));
  covered.note({ ...departure([{ from: 0, to: 9 }]), open: { salt: new Uint8Array(32), body: new Uint8Array([1]) } });
  expect(covered.has(header(1))).toBe(false);
});
