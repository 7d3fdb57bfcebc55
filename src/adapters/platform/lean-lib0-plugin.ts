// Build plugin: leaves out of the app what Yjs and its binding to the editor take from lib0 for one word each. Logging in
// colours and a handle on the document bring a schema library, random numbers for tests and a templating of HTML along.

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
];

const ID = '\0understory:lean-';

export function leanLib0Plugin(): Plugin {
  return {
    name: 'understory:lean-lib0',
    enforce: 'pre',
    applyToEnvironment: (environment) => environment.config.consumer === 'client',
    resolveId: (wanted, from) =>
      STAND_INS.some(({ source, importer }) => source === wanted && from?.includes(importer) === true)
        ? `${ID}${wanted}`
        : undefined,
    load: (id) => STAND_INS.find(({ source }) => id === `${ID}${source}`)?.code,
  };
}
