// Into which files the app's code is packed. Left alone, the bundler writes one small file for each set of pages that
// share a module: on a first visit 80 requests, each a round trip to an old laptop. A pack is what is needed together;
// what nobody may need (reading codes by camera, the workers) stays apart.
import { globSync, readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/** The text editor, which is large: pages of documents and of tasks wait for it, and no others. */
const EDITOR =
  '(src/ui/documents/(Editor|LinkSheet|live-editor|editor-extensions)|node_modules/(@tiptap|prosemirror-|orderedmap|rope-sequence|w3c-keyname|linkifyjs))';

/** Menus that open beside something, and what keeps them there. */
const MENUS =
  '(src/ui/(chat/MessageMenu|tasks/TaskMenu)|node_modules/(@floating-ui/|bits-ui/dist/bits/(menu|dropdown-menu|utilities/(floating|popper|scroll-lock|text-selection)))|bits-ui/dist/internal/(floating|tabbable))';

/** Typing or scanning a code: whoever opens a link never sees it. */
const CODES = 'src/ui/(people/(CodePage|Scanner)|shared/AreaField)';

/** Screens of what the pack `rooms` is for. */
const OF_GROUPS = 'src/ui/(groups/|tasks/|own-devices/|shared/(DayField|focus-soon))';

/** Screens about other groups, for those who deal with some. */
const OF_NEIGHBOURS = 'src/ui/neighbours/';
const OF_ANY_GROUPS = 'src/ui/(groups/|tasks/|own-devices/|neighbours/|shared/(DayField|focus-soon))';
const NEIGHBOUR_TEXTS = textsOnlyOf(OF_NEIGHBOURS);
const GROUP_TEXTS = textsOnlyOf(OF_ANY_GROUPS).filter((text) => !NEIGHBOUR_TEXTS.includes(text));

/** In the order in which a person needs them: a module goes, with all it needs, into the first pack that asks for it. */
const PACKS = [
  {
    // The framework and what stands on the screen while no vault is open; some small parts that every page has.
    name: 'shell',
    test: anyOf(
      'node_modules/@sveltejs/kit/src/runtime/(client|app)/',
      'node_modules/svelte/src/',
      '.paraglide/runtime.js$',
      'src/ui/people/card-address.ts$',
      'src/ui/shell/(AppRoot|Framed|Lost|PageHead|Quiet).svelte$',
      'src/ui/shared/Field.svelte$',
      'src/ui/language/in-words.ts$',
    ),
  },
  // The vault, still locked.
  { name: 'device', test: anyOf('src/app/start.ts$') },
  // What a page reads from an address without the rest of the session.
  {
    name: 'codes',
    test: anyOf(
      'src/core/identity/(card-code|card).ts$',
      'src/core/wire/(cbor|fields).ts$',
      // Small things that pages of chat and documents share with the session.
      'src/app/(talk/mentions|documents/document-homes|live-value).ts$',
      'src/app/documents/cursor-colour.ts$',
    ),
  },
  { name: 'session', test: anyOf('src/app/session.ts$', 'src/core/crypto/production-suite.ts$') },
  // Groups, tasks, own devices: what the session has them for.
  { name: 'rooms', test: anyOf('src/app/session-rooms.ts$') },
  { name: 'documents', test: anyOf('src/app/(documents/documents|device/sealed-document).ts$') },
  // For documents of groups, with what they need of the pack before.
  { name: 'moves', test: anyOf('src/app/documents/of-groups.ts$') },
  { name: 'network', test: anyOf('src/(adapters/network-libp2p/network|core/crypto/quick-hash).ts$') },
  // The pages of somebody who is new.
  { name: 'arriving', test: anyOf('src/routes/(card/\\[\\[code\\]\\]|create)/\\+page.svelte$') },
  // The frame around every page of an open vault.
  { name: 'inside', test: anyOf('src/ui/shell/Shell.svelte$') },
  // What reading and drawing QR codes share: whoever came by a link shows one later, if at all.
  { name: 'qr', test: anyOf('node_modules/qr/index.js$') },
  // What is left and used by several pages; before the editor, so that no page waits for it.
  {
    name: 'screens',
    minShareCount: 2,
    test: noneOf(EDITOR, MENUS, CODES, OF_ANY_GROUPS, ...GROUP_TEXTS, ...NEIGHBOUR_TEXTS),
  },
  { name: 'editor', test: anyOf('src/ui/documents/(Editor.svelte|live-editor.ts)$') },
  // For whoever opens one.
  { name: 'menus', test: anyOf('src/ui/chat/MessageMenu.svelte$') },
  // Small programs that a group uses together, for those who open one.
  { name: 'tools', test: anyOf('src/ui/tools/Tool(Page|Choice).svelte$') },
  // What pages of groups share, for those who have one.
  { name: 'groups', minShareCount: 2, test: anyOf(OF_GROUPS, ...GROUP_TEXTS) },
  { name: 'neighbours', minShareCount: 2, test: anyOf(OF_NEIGHBOURS, ...NEIGHBOUR_TEXTS) },
];

/** Ends of module ids; a point in them is a point. */
function anyOf(...ends: readonly string[]): RegExp {
  return new RegExp(`/(${ends.map((end) => end.replaceAll('.', '\\.')).join('|')})`);
}

/** The modules of texts that no screen outside of a folder shows. */
function textsOnlyOf(folder: string): readonly string[] {
  const inside = new Set<string>();
  const outside = new Set<string>();
  for (const file of globSync('src/{ui,routes}/**/*.{svelte,ts}')) {
    const used = new RegExp(folder).test(`${file}/`) ? inside : outside;
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/\bm\.(\w+)/g)) used.add(name!);
  }
  return [...inside].filter((name) => !outside.has(name)).map((name) => `.paraglide/messages/${name}.js$`);
}

/** Ids in which none of these stands. */
function noneOf(...parts: readonly string[]): RegExp {
  return new RegExp(`^(?!.*/(${parts.map((part) => part.replaceAll('.', '\\.')).join('|')}))`);
}

/** Packs the app's code for browsers, not that for rendering pages while building. */
export function packsPlugin(): Plugin {
  const groups = PACKS.map((pack, place) => ({ ...pack, priority: PACKS.length - place }));
  return {
    name: 'packs',
    apply: 'build',
    // After SvelteKit has said which of its two builds this is.
    enforce: 'post',
    config: ({ build }) =>
      build?.ssr ? {} : { build: { rolldownOptions: { output: { codeSplitting: { groups } } } } },
  };
}
