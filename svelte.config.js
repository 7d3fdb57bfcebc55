import adapter from '@sveltejs/adapter-static';

/** @type {import('@sveltejs/kit').Config} */
export default {
  kit: {
    adapter: adapter({ fallback: 'index.html', precompress: true }),
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
        'base-uri': ['none'],
        'form-action': ['none'],
        'require-trusted-types-for': ['script'],
        'trusted-types': ['svelte-trusted-html', 'sveltekit-trusted-url'],
      },
    },
  },
};
