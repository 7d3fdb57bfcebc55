// Vite plugin: SvelteKit hides its page announcer with a style in the markup, which a strict policy for styles
// refuses. The class of the same effect takes its place; the build stops when that markup changes.

import type { Plugin } from 'vite';

const HIDDEN_BY_STYLE = /(<div id="svelte-announcer"[^>]*?) style="[^"]*"/u;

export function announcerPlugin(): Plugin {
  return {
    name: 'understory-announcer',
    enforce: 'pre',
    transform(code, id) {
      if (!id.split('?')[0]!.endsWith('/generated/root.svelte')) return undefined;
      if (!HIDDEN_BY_STYLE.test(code)) throw new Error('SvelteKit changed its announcer: look at announcer-plugin.ts.');
      return code.replace(HIDDEN_BY_STYLE, '$1 class="only-read"');
    },
  };
}
