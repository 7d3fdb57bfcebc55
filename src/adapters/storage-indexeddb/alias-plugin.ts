// Build plugin: gives y-indexeddb, and nobody else, the sealed stand-in for `lib0/indexeddb`.

import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const STAND_IN = fileURLToPath(new URL('./lib0-indexeddb.ts', import.meta.url));

/**
 * y-indexeddb is kept out of Vite's dependency bundle: what is bundled there is resolved without plugins, so the
 * development server would quietly write plaintext. Fails the build when the stand-in was never asked for.
 */
export function sealedDocumentsPlugin(): Plugin {
  let sawPersistence = false;
  let gaveStandIn = false;
  return {
    name: 'understory-sealed-documents',
    enforce: 'pre',
    config: () => ({ optimizeDeps: { exclude: ['y-indexeddb'] }, ssr: { noExternal: ['y-indexeddb'] } }),
    resolveId(source, importer) {
      if (importer === undefined || !/[\\/]node_modules[\\/]y-indexeddb[\\/]/.test(importer)) return undefined;
      sawPersistence = true;
      if (source !== 'lib0/indexeddb') return undefined;
      gaveStandIn = true;
      return STAND_IN;
    },
    buildEnd(fault) {
      if (fault === undefined && sawPersistence && !gaveStandIn) {
        throw new Error('y-indexeddb no longer imports lib0/indexeddb: its rows would be written in plain text');
      }
    },
  };
}
