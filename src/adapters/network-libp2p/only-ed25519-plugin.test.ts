// Only libp2p's import of the unused curve is replaced, and what replaces it fails loudly.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { onlyEd25519Plugin, STAND_IN_CODE } from './only-ed25519-plugin.ts';

const IMPORTER = '/x/node_modules/@libp2p/crypto/dist/src/keys/secp256k1/index.browser.js';

function resolve(source: string, importer: string): unknown {
  const { resolveId } = onlyEd25519Plugin();
  if (typeof resolveId !== 'function') throw new Error('the plugin resolves nothing');
  return resolveId.call({} as never, source, importer, {} as never);
}

describe('the app without secp256k1', () => {
  it('replaces the import of libp2p', () => {
    expect(resolve('@noble/curves/secp256k1.js', IMPORTER)).toContain('no-secp256k1');
  });

  it('leaves every other import alone', () => {
    expect(resolve('@noble/curves/ed25519.js', IMPORTER)).toBeUndefined();
    expect(resolve('@noble/curves/secp256k1.js', '/x/src/core/crypto/ed25519.ts')).toBeUndefined();
  });

  it('still finds the import that it replaces', () => {
    const file = 'node_modules/@libp2p/crypto/dist/src/keys/secp256k1/index.browser.js';
    expect(readFileSync(file, 'utf8')).toContain("'@noble/curves/secp256k1.js'");
  });

  it('refuses whoever comes with such a key, and says why', async () => {
    const module = `data:text/javascript,${encodeURIComponent(STAND_IN_CODE)}`;
    const { secp256k1 } = (await import(module)) as { secp256k1: { verify(): boolean } };
    expect(() => secp256k1.verify()).toThrow('not understood');
  });
});
