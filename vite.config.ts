import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { webrtcPatchPlugin } from './src/adapters/network-libp2p/webrtc-patch-plugin.ts';
import { sealedDocumentsPlugin } from './src/adapters/storage-indexeddb/alias-plugin.ts';

const TEXTS = {
  project: './project.inlang',
  outdir: './.paraglide',
  // The screens keep the language (src/ui/language): no cookie, no address, nothing a host could see.
  strategy: ['globalVariable', 'baseLocale'] as ('globalVariable' | 'baseLocale')[],
  emitGitIgnore: false,
  emitReadme: false,
};

export default defineConfig(({ mode }) => ({
  plugins: [sealedDocumentsPlugin(), webrtcPatchPlugin(), paraglideVitePlugin(TEXTS), tailwindcss(), sveltekit()],
  // `vite dev --mode screens`: the screens over a device in memory, for looking at them and for the axe run.
  resolve:
    mode === 'screens'
      ? { alias: { '#app/start.ts': new URL('./src/ui/testing/start-in-memory.ts', import.meta.url).pathname } }
      : {},
  // Pre-bundling would hide the package from the plugin that mends it.
  optimizeDeps: { exclude: ['@libp2p/webrtc'] },
  worker: { format: 'es' },
  build: { target: 'es2022' },
}));
