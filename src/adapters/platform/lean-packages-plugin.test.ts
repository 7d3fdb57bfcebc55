// Only the imports of the packages named are replaced, by something that has all that they ask for.

import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { leanPackagesPlugin, STAND_INS, withoutReadingByField } from './lean-packages-plugin.ts';

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

  it.each([
    { source: './content-routing.js', name: 'CompoundContentRouting', used: 'contentRouting', method: 'get' },
    { source: './random-walk.js', name: 'RandomWalk', used: 'randomWalk', method: undefined },
  ])('asks nobody where things are: $name', async ({ source, name, used, method }) => {
    const path = 'node_modules/libp2p/dist/src/libp2p.js';
    const code = readFileSync(path, 'utf8');
    expect(code).toContain(`import { ${name} } from "${source}";`);
    expect(resolve(source, `/x/${path}`)).toContain(source);
    const asked = [...code.matchAll(new RegExp(`\\.${used}\\.(\\w+)`, 'g'))].map(([, what]) => what);
    expect(asked).toEqual(method === undefined ? [] : [method]);
    const StandIn = (await load(source))[name] as unknown as new () => Record<string, () => unknown>;
    expect(() => new StandIn()[method ?? 'walk']!()).toThrow('nobody here is');
  });

  it.each([
    '@libp2p/circuit-relay-v2/dist/src/pb/index.js',
    '@libp2p/crypto/dist/src/keys/keys.js',
    '@libp2p/identify/dist/src/pb/message.js',
    '@libp2p/peer-store/dist/src/pb/peer.js',
    '@libp2p/webrtc/dist/src/private-to-private/pb/message.js',
  ])('reads no message field by field: %s', (file) => {
    const before = readFileSync(`node_modules/${file}`, 'utf8');
    const after = withoutReadingByField(before);
    expect(before).toMatch(/yield[^]*streamMessage/);
    expect(after).not.toMatch(/yield|streamMessage|function\* |\.stream\b/);
    // Nothing else of it: what is left stands in the same order, and each codec is made of two.
    const lines = before.split('\n');
    let at = 0;
    for (const line of after.split('\n').slice(1)) {
      const isFound = (found: string): boolean => found === line || (line.endsWith('});') && found.trim() === '});');
      while (at < lines.length && !isFound(lines[at]!)) at++;
      expect(at, line).toBeLessThan(lines.length);
    }
    expect(after.match(/= message\(/g)).toEqual(before.match(/= message\(/g));
  });
});

describe('X-Wing without an X25519 of its own', () => {
  it('finds the import of it, of which only `derive` is asked', async () => {
    const path = 'node_modules/@hpke/hybridkem-x-wing/esm/src/xWing.js';
    const code = readFileSync(path, 'utf8');
    expect(code).toContain('import { HkdfSha256, X25519 } from "@hpke/dhkem-x25519";');
    expect(resolve('@hpke/dhkem-x25519', `/x/${path}`)).toContain('dhkem-x25519');
    expect(resolve('@hpke/dhkem-x25519', '/x/node_modules/@hpke/core/esm/mod.js')).toBeUndefined();
    expect(new Set(code.match(/this\._x25519\b[.\w]*/g))).toEqual(new Set(['this._x25519', 'this._x25519.derive']));
    expect(code.match(/this\._x25519 = [^;]*/g)).toEqual(['this._x25519 = new X25519(new HkdfSha256())']);
  });

  it('would rather not seal than seal with what it was not given', async () => {
    const { X25519 } = (await load('@hpke/dhkem-x25519')) as unknown as { X25519: new () => { derive: () => void } };
    expect(() => new X25519().derive()).toThrow('X-Wing is to be given its X25519');
  });
});
