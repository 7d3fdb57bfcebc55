import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { webrtcPatchPlugin } from './src/adapters/network-libp2p/webrtc-patch-plugin.ts';

export default defineConfig({
  plugins: [webrtcPatchPlugin(), tailwindcss(), sveltekit()],
  // Pre-bundling would hide the package from the plugin that mends it.
  optimizeDeps: { exclude: ['@libp2p/webrtc'] },
  worker: { format: 'es' },
  build: { target: 'es2022' },
});
