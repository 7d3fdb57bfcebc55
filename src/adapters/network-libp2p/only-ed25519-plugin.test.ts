// Only libp2p's imports of keys that nobody has are replaced, and what replaces them fails loudly.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CURVE_CODE, KEYS_FILE, KIND_NAMES, KINDS, KINDS_CODE, onlyEd25519Plugin } from './only-ed25519-plugin.ts';

const IMPORTER = '/x/node_modules/@libp2p/crypto/dist/src/keys/secp256k1/index.browser.js';
const CHOOSER = `/x/node_modules/${KEYS_FILE}`;

function resolve(source: string, importer: string): unknown {
  const { resolveId } = onlyEd25519Plugin();
  if (typeof resolveId !== 'function') throw new Error('the plugin resolves nothing');
  return resolveId.call({} as never, source, importer, {} as never);
}

const load = (code: string): Promise<unknown> => import(`data:text/javascript,${encodeURIComponent(code)}`);

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
    const { secp256k1 } = (await load(CURVE_CODE)) as { secp256k1: { verify(): boolean } };
    expect(() => secp256k1.verify()).toThrow('not understood');
  });
});

describe('the app without RSA and ECDSA', () => {
  it('replaces what libp2p takes from there, all of it and nothing else', () => {
    const code = readFileSync(`node_modules/${KEYS_FILE}`, 'utf8');
    const imports = [...code.matchAll(/^import \{([^}]*)\} from "([^"]+)";$/gmu)];
    const replaced = imports.filter(([, , source]) => KINDS.test(source!));
    for (const [, , source] of imports) {
      expect(resolve(source!, CHOOSER) !== undefined, source).toBe(/\/(rsa|ecdsa)\//.test(source!));
    }
    const names = replaced.flatMap(([, list]) => list!.split(',').map((name) => name.trim().split(' as ')[0]!));
    expect(names.sort()).toEqual([...KIND_NAMES].sort());
  });

  it('leaves those parts among themselves alone', () => {
    expect(resolve('./rsa/utils.js', '/x/src/core/crypto/ed25519.ts')).toBeUndefined();
  });

  it('refuses whoever comes with such a key, and says why', async () => {
    const module = (await load(KINDS_CODE)) as Record<string, () => unknown>;
    expect(Object.keys(module).sort()).toEqual([...KIND_NAMES].sort());
    expect(() => module['pkixToRSAPublicKey']!()).toThrow('not understood');
  });
});
