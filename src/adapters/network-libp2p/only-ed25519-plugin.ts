// Build plugin: leaves all kinds of keys but Ed25519 out of the app. libp2p would accept peers with RSA keys, or keys on
// other curves; relay nodes and apps have none, and secp256k1's arithmetic alone is a tenth of the whole network part.

import type { Plugin } from 'vite';

const CURVE = '@noble/curves/secp256k1.js';
const CURVE_STAND_IN = '\0understory:no-secp256k1';

/** Whoever comes with such a key fails the handshake, as with any key that is not understood. */
export const CURVE_CODE = `export const secp256k1 = new Proxy({}, {
  get() {
    throw new TypeError('keys on secp256k1 are not understood here');
  },
});`;

/** The file that chooses among kinds of keys, and what it takes from those that are left out. */
export const KEYS_FILE = '@libp2p/crypto/dist/src/keys/index.js';
export const KINDS = /^\.\/(rsa|ecdsa)\/\w+\.js$/;
const KINDS_STAND_IN = '\0understory:no-rsa-no-ecdsa';
export const KIND_NAMES = [
  ...['ECDSAPrivateKey', 'generateECDSAKeyPair', 'pkiMessageToECDSAPrivateKey', 'pkiMessageToECDSAPublicKey'],
  ...['unmarshalECDSAPrivateKey', 'unmarshalECDSAPublicKey', 'ECDSA_P_256_OID', 'ECDSA_P_384_OID', 'ECDSA_P_521_OID'],
  ...['decodeDer', 'RSAES_PKCS1_V1_5_OID', 'generateRSAKeyPair', 'pkcs1ToRSAPrivateKey', 'pkixToRSAPublicKey'],
  ...['pkcs1MessageToRSAPrivateKey', 'pkixMessageToRSAPublicKey', 'jwkToRSAPrivateKey'],
] as const;

export const KINDS_CODE = `function refuse() {
  throw new TypeError('RSA and ECDSA keys are not understood here');
}
export { ${KIND_NAMES.map((name) => `refuse as ${name}`).join(', ')} };`;

function standInFor(source: string, importer: string): string | undefined {
  if (source === CURVE && importer.includes('/@libp2p/crypto/')) return CURVE_STAND_IN;
  if (KINDS.test(source) && importer.endsWith(`/${KEYS_FILE}`)) return KINDS_STAND_IN;
  return undefined;
}

/** Only libp2p's own imports are replaced. */
export function onlyEd25519Plugin(): Plugin {
  return {
    name: 'understory:only-ed25519',
    enforce: 'pre',
    applyToEnvironment: (environment) => environment.config.consumer === 'client',
    resolveId: (source, importer) => (importer === undefined ? undefined : standInFor(source, importer)),
    load: (id) => (id === CURVE_STAND_IN ? CURVE_CODE : id === KINDS_STAND_IN ? KINDS_CODE : undefined),
  };
}
