import adapter from '@sveltejs/adapter-static';
import { withHashManifest } from './src/service-worker/hash-manifest.js';

/** A folder for a build that stands aside of the real one: that of the screens over a device in memory. */
const aside = process.env['UNDERSTORY_SCREENS'];

/** @type {import('@sveltejs/kit').Config} */
export default {
  kit: {
    // The service worker keeps only files whose hash the build wrote down; the hashes go in before compression.
    adapter: withHashManifest(adapter({ pages: aside ? `${aside}/app` : 'build', precompress: true })),
    outDir: aside ? `${aside}/kit` : '.svelte-kit',
    // Group and contact ids stay in the fragment: the host never sees them, and one HTML file serves every page.
    router: { type: 'hash' },
    alias: {},
    serviceWorker: { register: false },
    csp: {
      mode: 'hash',
      directives: {
        'default-src': ['none'],
        'script-src': ['self', 'wasm-unsafe-eval'],
        'style-src': ['self'],
        'img-src': ['self', 'blob:', 'data:'],
        'font-src': ['self'],
        'manifest-src': ['self'],
        'connect-src': ['self', 'ws:', 'wss:'],
        'worker-src': ['self'],
        // The page that tools run in, which has a policy of its own (static/tool-frame.html).
        'frame-src': ['self'],
        'base-uri': ['none'],
        'form-action': ['none'],
        'require-trusted-types-for': ['script'],
        // Workers and the service worker are opened through policies of our own that let only own files through;
        // ProseMirror reads what is pasted in a document of its own that runs nothing.
        'trusted-types': [
          'svelte-trusted-html',
          'sveltekit-trusted-url',
          'understory-worker',
          'understory-service-worker',
          'ProseMirrorClipboard',
        ],
      },
    },
  },
};
