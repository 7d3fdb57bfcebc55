import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { onlyEd25519Plugin } from './src/adapters/network-libp2p/only-ed25519-plugin.ts';
import { webrtcPatchPlugin } from './src/adapters/network-libp2p/webrtc-patch-plugin.ts';
import { leanPackagesPlugin } from './src/adapters/platform/lean-packages-plugin.ts';
import { packsPlugin } from './packs.config.ts';
import { TEXTS } from './texts.config.ts';
import { announcerPlugin } from './src/ui/shell/announcer-plugin.ts';
import { sealedDocumentsPlugin } from './src/adapters/storage-indexeddb/alias-plugin.ts';

export default defineConfig(({ mode }) => ({
  plugins: [
    sealedDocumentsPlugin(),
    webrtcPatchPlugin(),
    onlyEd25519Plugin(),
    leanPackagesPlugin(),
    announcerPlugin(),
    paraglideVitePlugin(TEXTS),
    tailwindcss(),
    sveltekit(),
    packsPlugin(),
  ],
  // `vite dev --mode screens`: the screens over a device in memory, for looking at them and for the axe run.
  resolve: {
    alias: {
      ...(mode === 'screens' && {
        '#app/start.ts': new URL('./src/ui/testing/start-in-memory.ts', import.meta.url).pathname,
      }),
      // The package offers its code for browsers of ten years ago first, which is nearly twice as long.
      'workbox-window': 'workbox-window/build/workbox-window.prod.mjs',
    },
  },
  // Pre-bundling would hide the packages from the plugin that mends them.
  optimizeDeps: { exclude: ['@libp2p/webrtc', '@libp2p/websockets', '@multiformats/dns'] },
  worker: { format: 'es' },
  build: { target: 'es2022' },
}));
