// Build plugin: leaves the curve secp256k1 out of the app. libp2p would accept peers with such keys; relay nodes and apps
// have Ed25519 keys only, and the curve's arithmetic is a tenth of the whole network part.

import type { Plugin } from 'vite';

const CURVE = '@noble/curves/secp256k1.js';
const STAND_IN = '\0understory:no-secp256k1';

/** Whoever comes with such a key fails the handshake, as with any key that is not understood. */
export const STAND_IN_CODE = `export const secp256k1 = new Proxy({}, {
  get() {
    throw new TypeError('keys on secp256k1 are not understood here');
  },
});`;

/** Only libp2p's own import is replaced. */
export function onlyEd25519Plugin(): Plugin {
  return {
    name: 'understory:only-ed25519',
    enforce: 'pre',
    applyToEnvironment: (environment) => environment.config.consumer === 'client',
    resolveId: (source, importer) =>
      source === CURVE && importer?.includes('/@libp2p/crypto/') === true ? STAND_IN : undefined,
    load: (id) => (id === STAND_IN ? STAND_IN_CODE : undefined),
  };
}
