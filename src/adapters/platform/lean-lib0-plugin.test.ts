// Only the imports of Yjs and of its binding are replaced, by something that has all that they ask for.

import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { leanLib0Plugin, STAND_INS } from './lean-lib0-plugin.ts';

const USERS = [
  { source: 'lib0/logging', name: 'logging', file: 'node_modules/yjs/dist/yjs.mjs' },
  { source: 'lib0/dom', name: 'dom', file: 'node_modules/@tiptap/y-tiptap/dist/y-tiptap.js' },
] as const;

function resolve(source: string, importer: string): unknown {
  const { resolveId } = leanLib0Plugin();
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
