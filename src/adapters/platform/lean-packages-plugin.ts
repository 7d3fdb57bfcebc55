// Build plugin: leaves out of the app what packages take along and nobody here uses. For logging in colours and a handle
// on the document, Yjs and its binding to the editor bring a schema library, random numbers for tests and a templating of
// HTML; libp2p brings a logger, which is never asked, and an alphabet of pictures for writing bytes.

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
];

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
    load: (id) => STAND_INS.find(({ source }) => id === `${ID}${source}`)?.code,
  };
}
