// Chromium for the benches: isolated browser contexts over pages built from tests/bench/pages with the app's own build
// plugins, served by a real relay node.
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright';
import { build, type Plugin } from 'vite';
import { onlyEd25519Plugin } from '../../src/adapters/network-libp2p/only-ed25519-plugin.ts';
import { webrtcPatchPlugin } from '../../src/adapters/network-libp2p/webrtc-patch-plugin.ts';
import { sealedDocumentsPlugin } from '../../src/adapters/storage-indexeddb/alias-plugin.ts';
import { startRelayProcess, type RelayProcess } from '../e2e/network/relay-process.ts';

/** The built app; another folder while somebody builds into that one. */
const BUILD = process.env['UNDERSTORY_BUILD'] ?? path.resolve(import.meta.dirname, '../../build');
const PAGES = path.resolve(import.meta.dirname, 'pages');

export interface BenchPages {
  /** Where the relay node serves the pages. */
  readonly web: string;
  readonly relay: RelayProcess;
  /** Where the built app and the pages lie. */
  readonly folder: string;
  /** A page in a browser context of its own, as on another machine. */
  open(browser: Browser, name: string): Promise<Page>;
  close(): Promise<void>;
}

/** Builds pages, minified like the app. */
async function buildInto(folder: string, names: readonly string[], plugins: Plugin[]): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    root: PAGES,
    // A module that is loaded on demand finds its neighbours from wherever the page lies.
    base: './',
    plugins,
    worker: { format: 'es' },
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'es2022',
      // Names can be read in a profile.
      minify: process.env['BENCH_MINIFY'] !== '0',
      modulePreload: false,
      rollupOptions: {
        input: Object.fromEntries(names.map((name) => [name, path.join(PAGES, `${name}.ts`)])),
        output: { entryFileNames: '[name].js' },
      },
    },
  });
}

/** A page served by a relay node, in a browser context of its own. */
export async function openPage(browser: Browser, web: string, name: string): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(`${name}: ${error.message}`));
  await page.goto(`${web}/${name}.html`);
  await page.waitForFunction(() => 'page' in globalThis);
  return page;
}

/** Serves the named pages; `plain` ones are built without what seals documents on disk, as peers. */
export async function servePages(names: readonly string[], plain: readonly string[] = []): Promise<BenchPages> {
  const folder = mkdtempSync(path.join(tmpdir(), 'understory-bench-'));
  if (!existsSync(path.join(BUILD, 'index.html'))) throw new Error('build the app first: npx vite build');
  // The app itself stands at `/`, over the same storage as the pages.
  cpSync(BUILD, folder, { recursive: true });
  await buildInto(folder, names, [sealedDocumentsPlugin(), webrtcPatchPlugin(), onlyEd25519Plugin()]);
  if (plain.length > 0) await buildInto(folder, plain, []);
  for (const name of [...names, ...plain]) {
    const script = `<script type="module" src="./${name}.js"></script>`;
    writeFileSync(
      path.join(folder, `${name}.html`),
      `<!doctype html><meta charset="utf-8"><title>${name}</title>${script}`,
    );
  }
  const relay = await startRelayProcess({ appFolder: folder });
  return {
    web: relay.web,
    relay,
    folder,
    open: (browser, name) => openPage(browser, relay.web, name),
    async close() {
      await relay.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
