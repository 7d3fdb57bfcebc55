// Whatever keeps the text of messages, or anything made from it, stands in src/app/derived.ts: else it would outlive the
// rule by which a group lets messages disappear.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DERIVED, storeOf, TEXTLESS } from '#app/derived.ts';

const APP = join(import.meta.dirname, '../../src/app');

/** Files that open bodies of messages, but only such as never disappear. */
const OF_OTHER_KINDS: Readonly<Record<string, string>> = {
  'backup-state.ts': 'hashes for a comparison',
  'contents.ts': 'documents',
  'own-devices/siblings.ts': "a person's own devices have no rules",
  'joining/knock-book.ts': 'letters of strangers, which go by a rule of their own',
  'people/pair.ts': 'two people have no rules',
  'neighbours/neighbour-log.ts': 'tasks between groups',
  'space/claims.ts': 'checkpoints of documents',
  'space/covered.ts': 'where documents went',
  'space/for-newcomers.ts': 'what a group works with',
  'space/deletions.ts': 'which messages were deleted',
  'questions/question-messages.ts': 'decisions, which a group works with',
  'tasks/task-messages.ts': 'tasks',
};

const OPENS_BODIES = /\bdecodeChatBody\b|\bopen\??\.body\b|\b(?:open|entry)\.open\b.*\bbody\b/;
const NAMES_ROWS =
  /(?:COLLECTION|CURSORS|FETCHED|READ_DAYS|LIST|READ|TAKEN_BACK|GUARDS) = '([a-z.-]+)'|Collection\([^)]*\)[^{]*\{\s+return `([a-z]+):\$\{/g;

function sources(): readonly { readonly name: string; readonly text: string }[] {
  const names = readdirSync(APP, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => ({ name, text: readFileSync(join(APP, name), 'utf8') }));
}

function withoutPlace(files: readonly { readonly name: string; readonly text: string }[]): readonly string[] {
  const known = new Set([
    ...Object.values(DERIVED).flatMap(({ opened }) => [...opened]),
    ...Object.keys(OF_OTHER_KINDS),
  ]);
  return files.filter(({ name, text }) => OPENS_BODIES.test(text) && !known.has(name)).map(({ name }) => name);
}

test('every file that opens bodies of messages does so for a store that joined, or is none of these', () => {
  expect(withoutPlace(sources())).toEqual([]);
});

test('a new file that opens bodies and joined nothing is found', () => {
  const text = 'export const quotes = entries.map((entry) => decodeChatBody(entry.kind, entry.open.body));';
  expect(withoutPlace([...sources(), { name: 'quotes.ts', text }])).toEqual(['quotes.ts']);
});

test('whatever is named here does open bodies', () => {
  const opening = new Set(sources().flatMap(({ name, text }) => (OPENS_BODIES.test(text) ? [name] : [])));
  const named = [...Object.values(DERIVED).flatMap(({ opened }) => [...opened]), ...Object.keys(OF_OTHER_KINDS)];
  expect(named.filter((name) => !opening.has(name))).toEqual([]);
});

test('every collection of rows that is named in the app has a place', () => {
  const named = sources().flatMap(({ text }) =>
    [...text.matchAll(NAMES_ROWS)].map(([, plain, spaced]) => plain ?? spaced!),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => storeOf(name) === undefined)).toEqual([]);
});

test('no collection is both with and without texts', () => {
  const rows = Object.values(DERIVED).flatMap(({ rows: names }): readonly string[] => names);
  expect(rows.filter((name) => TEXTLESS[name] !== undefined)).toEqual([]);
  expect(storeOf('log:ab')).toBe('log');
  expect(storeOf('quote:ab')).toBeUndefined();
});
