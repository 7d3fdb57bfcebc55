// One verdict in browsers too: the crafted signatures and the wraps of tests/vectors/crypto, computed by the
// browsers' own WebCrypto and by the fall-back.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, test } from 'playwright/test';
import { build } from 'vite';
import { launchFirefox } from './network/firefox.ts';

const vectors = path.resolve(import.meta.dirname, '../vectors');
const cases = (file: string): { readonly wrapped?: string }[] =>
  (JSON.parse(readFileSync(path.join(vectors, 'crypto', file), 'utf8')) as { cases: { wrapped?: string }[] }).cases;

interface VectorPage {
  differing(verdicts: unknown, wraps: unknown): Promise<readonly string[]>;
  hasOwnEd25519(): Promise<boolean>;
}

let server: Server;
let address: string;

test.beforeAll(async () => {
  const script = await bundle();
  server = createServer((request, response) => {
    const isScript = request.url === '/vectors.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><title>vectors</title><script src="/vectors.js"></script>');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

test.afterAll(() => {
  server.close();
});

const verdicts = cases('ed25519-verdicts.json');
const wraps = cases('seals.json').filter(({ wrapped }) => wrapped !== undefined);

test('Chromium agrees with every crafted signature and every wrap', async ({ page }) => {
  await page.goto(address);
  expect(verdicts.length).toBeGreaterThan(40);
  expect(await page.evaluate(() => (globalThis as unknown as VectorPage).hasOwnEd25519())).toBe(true);
  const wrong = await page.evaluate(([a, b]) => (globalThis as unknown as VectorPage).differing(a, b), [
    verdicts,
    wraps,
  ] as const);
  expect(wrong).toEqual([]);
});

test('Firefox agrees too', async () => {
  const browser = await launchFirefox();
  try {
    const page = await browser.newPage();
    await page.goto(address);
    const wrong = await page.evaluate((a, b) => (globalThis as unknown as VectorPage).differing(a, b), verdicts, wraps);
    expect(wrong).toEqual([]);
  } finally {
    await browser.close();
  }
});

/** One classic script, from the sources that ship. */
async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: path.join(vectors, 'in-browser.ts'), formats: ['iife'], name: 'vectors' },
    },
  });
  const [output] = [result].flat();
  if (output === undefined || !('output' in output)) throw new Error('nothing was built');
  return output.output[0].code;
}
