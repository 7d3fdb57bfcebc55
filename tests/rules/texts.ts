// `npm run verify`: every text a person reads is in the message catalogue, in every language, and in plain words;
// styles name no left or right, so that a mirrored script is complete.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, type AST } from 'svelte/compiler';

const root = path.resolve(import.meta.dirname, '../..');

/** Attributes that people see or hear. */
const SPOKEN = new Set([
  'aria-label',
  'aria-description',
  'aria-roledescription',
  'alt',
  'placeholder',
  'title',
  'label',
]);
/** The name of the product, and signs that say the same in every language. */
const ALLOWED = /^(?:Understory|[\s\d·:…+?.,()/↑↓-]|&nbsp;)*$/u;
/** Words of engineers, which no screen uses at all. */
const JARGON = /\b(?:DHT|CRDT|peer id|multiaddr|WebRTC|WebSocket|ciphertext|plaintext|IndexedDB|Argon2)\b/iu;
/** Physical sides in utility classes and style sheets. */
const PHYSICAL =
  /(?<![\w-])(?:(?:-?m[lr]|p[lr]|-?left|-?right|border-[lr]|rounded-[lrtb][lr]?(?<=-(?:l|r|tl|tr|bl|br)))-[\w[(.]+|text-(?:left|right)|float-(?:left|right))(?![\w-])/u;
const PHYSICAL_CSS =
  /(?:^|[\s;{])(?:margin|padding|border)-(?:left|right)\b|(?:^|[\s;{])(?:left|right)\s*:|text-align:\s*(?:left|right)/mu;

type Entry = string | Record<string, string>;

export function findTexts(source: string, file: string): string[] {
  const findings: string[] = [];
  const line = (at: number): number => source.slice(0, at).split('\n').length;
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) return node.forEach(visit);
    const one = node as AST.SvelteNode & { start: number };
    if (one.type === 'Text' && !ALLOWED.test(one.data)) {
      findings.push(`${file}:${line(one.start)} text outside the catalogue: ${one.data.trim().slice(0, 60)}`);
    }
    if (one.type === 'Attribute') {
      if (SPOKEN.has(one.name) && Array.isArray(one.value)) visit(one.value);
      if (one.name !== 'class') visitExpressions(one.value);
      return;
    }
    for (const [key, value] of Object.entries(one))
      if (!['instance', 'module', 'css', 'options'].includes(key)) visit(value);
  };
  const visitExpressions = (value: unknown): void => {
    for (const part of Array.isArray(value) ? value : [value])
      if ((part as { type?: string })?.type === 'ExpressionTag') visit(part);
  };
  visit(parse(source, { modern: true }).fragment);
  const side = PHYSICAL.exec(source);
  if (side !== null) findings.push(`${file}:${line(side.index)} names a side of the screen: ${side[0]}`);
  return findings;
}

export function findCatalogueFaults(catalogues: Readonly<Record<string, Readonly<Record<string, Entry>>>>): string[] {
  const findings: string[] = [];
  const [base, ...others] = Object.entries(catalogues);
  for (const [locale, texts] of Object.entries(catalogues)) {
    for (const [key, entry] of Object.entries(texts)) {
      for (const text of typeof entry === 'string' ? [entry] : Object.values(entry)) {
        const word = JARGON.exec(text);
        if (word !== null) findings.push(`messages/${locale}.json ${key}: engineers' word "${word[0]}"`);
        if (text.trim() === '') findings.push(`messages/${locale}.json ${key}: empty`);
      }
    }
  }
  for (const [locale, texts] of others) {
    for (const key of new Set([...Object.keys(base![1]), ...Object.keys(texts)])) {
      const [here, there] = [texts[key], base![1][key]];
      if (here === undefined) findings.push(`messages/${locale}.json lacks ${key}`);
      else if (there === undefined) findings.push(`messages/${locale}.json has ${key}, which ${base![0]} has not`);
      else if (inputs(here).join() !== inputs(there).join())
        findings.push(`messages/${locale}.json ${key}: other {names} than in ${base![0]}`);
    }
  }
  return findings;
}

/** The {names} in a text; a plural's own number may be left out, as languages do for "one". */
function inputs(entry: Entry): string[] {
  const text = typeof entry === 'string' ? entry : Object.values(entry).join(' ');
  const by = typeof entry === 'string' ? undefined : entry['by'];
  return [...new Set([...text.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name!))].filter((name) => name !== by).sort();
}

function filesBelow(folder: string, endings: RegExp): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => path.join(folder, file))
    .filter((file) => endings.test(file));
}

function unusedTexts(keys: readonly string[]): string[] {
  const code = filesBelow('src', /\.(?:svelte|ts)$/u)
    .map((file) => readFileSync(path.join(root, file), 'utf8'))
    .join('\n');
  const used = new Set([...code.matchAll(/\bm\.(\w+)/gu)].map(([, key]) => key));
  return [
    ...keys.filter((key) => !used.has(key)).map((key) => `messages/en.json ${key}: no screen uses it`),
    ...[...used]
      .filter((key) => !keys.includes(key!) && /_/u.test(key!))
      .map((key) => `m.${key} is not in the catalogue`),
  ];
}

if (process.argv[1] === import.meta.filename) {
  const read = (locale: string) =>
    JSON.parse(readFileSync(path.join(root, `messages/${locale}.json`), 'utf8')) as Record<string, Entry>;
  const catalogues = { en: read('en'), ar: read('ar') };
  const findings = [
    ...filesBelow('src', /\.svelte$/u).flatMap((file) => findTexts(readFileSync(path.join(root, file), 'utf8'), file)),
    ...filesBelow('src', /\.css$/u).flatMap((file) => {
      const side = PHYSICAL_CSS.exec(readFileSync(path.join(root, file), 'utf8'));
      return side === null ? [] : [`${file} names a side of the screen: ${side[0].trim()}`];
    }),
    ...findCatalogueFaults(catalogues),
    ...unusedTexts(Object.keys(catalogues.en)),
  ];
  for (const finding of findings) console.log(finding);
  process.exit(findings.length === 0 ? 0 : 1);
}
