// Only the imports of the packages named are replaced, by something that has all that they ask for.

import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { leanPackagesPlugin, STAND_INS } from './lean-packages-plugin.ts';

const USERS = [
  { source: 'lib0/logging', name: 'logging', file: 'node_modules/yjs/dist/yjs.mjs' },
  { source: 'lib0/dom', name: 'dom', file: 'node_modules/@tiptap/y-tiptap/dist/y-tiptap.js' },
] as const;

function resolve(source: string, importer: string): unknown {
  const { resolveId } = leanPackagesPlugin();
  if (typeof resolveId !== 'function') throw new Error('the plugin resolves nothing');
  return resolveId.call({} as never, source, importer, {} as never);
}

async function load(source: string): Promise<Record<string, (...parts: unknown[]) => void>> {
  const { code } = STAND_INS.find((standIn) => standIn.source === source)!;
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as never;
}

describe('lib0 without what nobody sees', () => {
  it.each(USERS)('replaces $source for one package and nobody else', ({ source, file }) => {
    expect(resolve(source, `/x/${file}`)).toContain(source);
    expect(resolve('lib0/encoding', `/x/${file}`)).toBeUndefined();
    expect(resolve(source, '/x/node_modules/y-protocols/sync.js')).toBeUndefined();
  });

  it.each(USERS)('still finds the import of $source, and has every name used of it', async ({ source, name, file }) => {
    const code = readFileSync(file, 'utf8');
    expect(code).toContain(`import * as ${name} from '${source}'`);
    const used = new Set([...code.matchAll(new RegExp(`(?<![.\\w])${name}\\.(\\w+)`, 'g'))].map(([, used]) => used!));
    expect(used.size).toBeGreaterThan(0);
    expect(Object.keys(await load(source))).toEqual(expect.arrayContaining([...used]));
  });

  it('says what Yjs says, without the codes for colours', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
    const { print, warn: say, BOLD } = await load('lib0/logging');
    say!('Invalid access');
    print!(BOLD, '[yjs]', BOLD, 'Structs');
    expect(warn).toHaveBeenCalledWith('Invalid access');
    expect(info).toHaveBeenCalledWith('[yjs]', 'Structs');
    vi.restoreAllMocks();
  });
});

describe('libp2p without what is never asked', () => {
  it.each(['libp2p.js', 'components.js'])(
    'finds the import of its logger in %s, and has all that is asked of it',
    (file) => {
      const path = `node_modules/libp2p/dist/src/${file}`;
      expect(readFileSync(path, 'utf8')).toContain(`import { defaultLogger } from '@libp2p/logger';`);
      expect(resolve('@libp2p/logger', `/x/${path}`)).toContain('@libp2p/logger');
      expect(resolve('@libp2p/logger', '/x/node_modules/@libp2p/utils/dist/src/index.js')).toBeUndefined();
    },
  );

  it('would rather not start than log where nobody passed a logger', async () => {
    const { defaultLogger } = await load('@libp2p/logger');
    expect(() => defaultLogger!()).toThrow('libp2p is to be given a logger');
  });

  it('has every alphabet for bytes but that of pictures', async () => {
    const path = 'node_modules/multiformats/dist/src/basics.js';
    const source = './bases/base256emoji.js';
    expect(readFileSync(path, 'utf8')).toContain(`import * as base256emoji from "${source}";`);
    expect(resolve(source, `/x/${path}`)).toContain(source);
    expect(resolve('./bases/base58.js', `/x/${path}`)).toBeUndefined();
    // Whoever goes through all of them meets no hole.
    expect({ ...(await load(source)) }).toEqual({});
  });
});
