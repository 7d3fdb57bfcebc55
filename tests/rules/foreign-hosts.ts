// Refuses any address of a foreign host in the built app: nothing may ever be asked of a third party.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const build = process.argv[2] ?? path.resolve(import.meta.dirname, '../../build');

/** Names that libraries use as identifiers or in messages for developers; nothing ever connects to them. */
const NOT_ADDRESSES: readonly RegExp[] = [
  /^www\.w3\.org$/, // XML namespaces
  /^(svelte\.dev|tiptap\.dev|prosemirror\.net|paraglidejs\.com|www\.npmjs\.com)$/, // links in error messages
  /^github\.com$/, // likewise, in Yjs and libp2p
  /^tailwindcss\.com$/, // the licence line of the style sheet
  /^(example|fallback)\.com$/, // bases against which Paraglide parses paths
  /^(localhost|127\.0\.0\.1)$/,
  /^understory\.invalid$/, // RFC 6761: a host that can never exist, as a base for parsing
];

const URL_PATTERN = /(?:(?:https?|wss?):\/\/|(?:stuns?|turns?):)([a-z0-9-]+(?:\.[a-z0-9-]+)+)/gi;

function* textFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* textFiles(place);
    else if (/\.(js|mjs|css|html|json|svg|webmanifest|txt)$/.test(entry.name)) yield place;
  }
}

const found = new Set<string>();
for (const file of textFiles(build)) {
  for (const [address, host] of readFileSync(file, 'utf8').matchAll(URL_PATTERN)) {
    if (!NOT_ADDRESSES.some((known) => known.test(host!))) found.add(`${path.relative(build, file)}: ${address}`);
  }
}
for (const line of [...found].sort()) console.log(line);
process.exit(found.size === 0 ? 0 : 1);
