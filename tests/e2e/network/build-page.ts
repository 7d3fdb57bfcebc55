// Builds the probe page as the app is built: same plugin, same target, its files in a folder that a server can serve.

import { join } from 'node:path';
import { build } from 'vite';
import { webrtcPatchPlugin } from '#adapters/network-libp2p/webrtc-patch-plugin.ts';

const HERE = import.meta.dirname;
const PAGE_FOLDER = join(HERE, '../../../test-results/network-page');

export async function buildPage(): Promise<string> {
  await build({
    root: join(HERE, 'page'),
    configFile: false,
    logLevel: 'error',
    plugins: [webrtcPatchPlugin()],
    build: { outDir: PAGE_FOLDER, emptyOutDir: true, target: 'es2022' },
  });
  return PAGE_FOLDER;
}
