// Builds the probe page as the app is built: same plugin, same target, its files in a folder that a server can serve.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { webrtcPatchPlugin } from '#adapters/network-libp2p/webrtc-patch-plugin.ts';

let built: Promise<string> | undefined;

/** Once for each process that runs stories; the folder goes with the process. */
export function buildPage(): Promise<string> {
  built ??= buildInto(mkdtempSync(join(tmpdir(), 'understory-probe-')));
  return built;
}

async function buildInto(folder: string): Promise<string> {
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await build({
    root: join(import.meta.dirname, 'page'),
    configFile: false,
    logLevel: 'error',
    plugins: [webrtcPatchPlugin()],
    build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
  });
  return folder;
}
