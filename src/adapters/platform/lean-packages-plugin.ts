// Build plugin: leaves out of the app what packages take along and nobody here uses. For logging in colours and a handle
// on the document, Yjs and its binding to the editor bring a schema library, random numbers for tests and a templating of
// HTML; libp2p brings a logger, which is never asked, ways to ask strangers where things are, an alphabet of pictures for
// writing bytes, and for each of its messages a third codec, which reads it field by field; X-Wing brings an X25519 of its
// own, with a curve and hashes for it.

import type { Plugin } from 'vite';

interface StandIn {
  readonly source: string;
  /** A part of the path of the one package whose import is replaced. */
  readonly importer: string;
  readonly code: string;
}

/** What stands in: all that these packages ask for of these modules. */
export const STAND_INS: readonly StandIn[] = [
  {
    source: 'lib0/logging',
    importer: '/node_modules/yjs/',
    // Codes for colours say nothing in plain text.
    code: `const say = (to) => (...parts) => to(...parts.filter((part) => part !== ''));
export const print = say((...parts) => console.info(...parts));
export const warn = say((...parts) => console.warn(...parts));
export const [BOLD, UNBOLD, ORANGE, RED] = ['', '', '', ''];`,
  },
  {
    source: 'lib0/dom',
    importer: '/node_modules/@tiptap/y-tiptap/',
    code: `export const doc = globalThis.document;`,
  },
  {
    source: '@libp2p/logger',
    importer: '/node_modules/libp2p/',
    // Who makes a node passes a silent one (node.ts in network-libp2p): logs would name peers and addresses.
    code: `export function defaultLogger() {
  throw new Error('libp2p is to be given a logger');
}`,
  },
  {
    source: './bases/base256emoji.js',
    importer: '/node_modules/multiformats/',
    code: `export {};`,
  },
  {
    source: './content-routing.js',
    importer: '/node_modules/libp2p/',
    // Asked for keys that a peer id does not hold; here each does (only-ed25519-plugin.ts in network-libp2p).
    code: `export class CompoundContentRouting {
  get() {
    throw new Error('nobody here is asked where things are');
  }
}`,
  },
  {
    source: './random-walk.js',
    importer: '/node_modules/libp2p/',
    // For whoever looks for any relay node; here each is named.
    code: `export class RandomWalk {
  walk() {
    throw new Error('nobody here is looked for at random');
  }
}`,
  },
  {
    source: '@hpke/dhkem-x25519',
    importer: '/node_modules/@hpke/hybridkem-x-wing/',
    // It is given the platform's, or noble's (hpke.ts in core/crypto).
    code: `export class HkdfSha256 {}
export class X25519 {
  derive() {
    throw new Error('X-Wing is to be given its X25519');
  }
}`,
  },
];

/** How the generator of these codecs writes that third one, and what calls it. */
const BY_FIELD = ', function* (reader, length, prefix, opts = {}) {';
const CALL = /\n *function stream\(buf, opts\) \{\n *return streamMessage\([^\n]*\n *\}\n *[\w$]+\.stream = stream;/g;

/** The code of a module of codecs without those that read field by field. */
export function withoutReadingByField(code: string): string {
  const parts = code.split(BY_FIELD);
  const [first, ...rest] = parts.map((part, i) => (i === 0 ? part : part.slice(endOfBlock(part))));
  return [first, ...rest].join('').replace(CALL, '').replace(', streamMessage }', ' }');
}

/** Behind the brace that closes what was opened before `code`. */
function endOfBlock(code: string): number {
  let depth = 1;
  for (let i = 0; i < code.length; i++) {
    if (code[i] === '{') depth++;
    else if (code[i] === '}' && --depth === 0) return i + 1;
  }
  throw new Error('a codec that does not end');
}

const ID = '\0understory:lean-';

export function leanPackagesPlugin(): Plugin {
  return {
    name: 'understory:lean-packages',
    enforce: 'pre',
    applyToEnvironment: (environment) => environment.config.consumer === 'client',
    resolveId: (wanted, from) =>
      STAND_INS.some(({ source, importer }) => source === wanted && from?.includes(importer) === true)
        ? `${ID}${wanted}`
        : undefined,
    transform: {
      filter: { id: /\/node_modules\/(@libp2p|@chainsafe)\/.*\.js/, code: 'streamMessage' },
      handler: (code) => ({ code: withoutReadingByField(code), map: null }),
    },
    load: (id) => STAND_INS.find(({ source }) => id === `${ID}${source}`)?.code,
  };
}
