// Reads messages/<locale>.json for Paraglide, without fetching a plugin from a stranger's host. A text is a string
// with {names} in it, or an object of plural forms: {"by": "count", "one": "...", "other": "..."}. The pseudo-locale
// en-XA is made here from English, so that it can never lag behind: accents, a third more length, brackets.

// ASCII only in this file: Inlang passes plugins through btoa.
const FORMS = ['zero', 'one', 'two', 'few', 'many', 'other'];

function pseudo(text) {
  const inner = text
    .split(/(\{[a-zA-Z]+\})/u)
    .map((part) => (part.startsWith('{') ? part : part.replace(/[a-zA-Z]/gu, '$&\u0301')))
    .join('');
  return `\u27e6${inner}${'\u00b7'.repeat(Math.ceil(text.length / 3))}\u27e7`;
}

function names(text) {
  return [...text.matchAll(/\{([a-zA-Z]+)\}/gu)].map(([, name]) => name);
}

function pattern(text) {
  return text
    .split(/(\{[a-zA-Z]+\})/u)
    .filter((part) => part !== '')
    .map((part) =>
      part.startsWith('{')
        ? { type: 'expression', arg: { type: 'variable-reference', name: part.slice(1, -1) } }
        : { type: 'text', value: part },
    );
}

function variantsOf(entry) {
  if (typeof entry === 'string') return [{ matches: [], text: entry }];
  return FORMS.filter((form) => entry[form] !== undefined).map((form) => ({
    matches: [
      form === 'other'
        ? { type: 'catchall-match', key: `${entry.by}Plural` }
        : { type: 'literal-match', key: `${entry.by}Plural`, value: form },
    ],
    text: entry[form],
  }));
}

function declarationsOf(entry) {
  const used = new Set(variantsOf(entry).flatMap(({ text }) => names(text)));
  if (typeof entry !== 'string') used.add(entry.by);
  const inputs = [...used].map((name) => ({ type: 'input-variable', name }));
  if (typeof entry === 'string') return inputs;
  const plural = {
    type: 'local-variable',
    name: `${entry.by}Plural`,
    value: {
      type: 'expression',
      arg: { type: 'variable-reference', name: entry.by },
      annotation: { type: 'function-reference', name: 'plural', options: [] },
    },
  };
  return [...inputs, plural];
}

function pseudoEntry(entry) {
  if (typeof entry === 'string') return pseudo(entry);
  return Object.fromEntries(Object.entries(entry).map(([form, text]) => [form, form === 'by' ? text : pseudo(text)]));
}

// eslint-disable-next-line no-restricted-syntax -- Inlang reads the default export
export default {
  key: 'understory.catalogue',
  toBeImportedFiles: ({ settings }) =>
    settings.locales.map((locale) => ({ path: `./messages/${locale === 'en-XA' ? 'en' : locale}.json`, locale })),
  importFiles({ files }) {
    const bundles = new Map();
    const messages = [];
    const variants = [];
    for (const { locale, content } of files) {
      for (const [id, raw] of Object.entries(JSON.parse(new TextDecoder().decode(content)))) {
        const entry = locale === 'en-XA' ? pseudoEntry(raw) : raw;
        if (!bundles.has(id)) bundles.set(id, { id, declarations: declarationsOf(entry) });
        const selectors = typeof entry === 'string' ? [] : [{ type: 'variable-reference', name: `${entry.by}Plural` }];
        messages.push({ bundleId: id, locale, selectors });
        for (const { matches, text } of variantsOf(entry)) {
          variants.push({ messageBundleId: id, messageLocale: locale, matches, pattern: pattern(text) });
        }
      }
    }
    return { bundles: [...bundles.values()], messages, variants };
  },
};
