// Warns of names that look like something they are not: words that mix writing systems, and names that a hurried eye
// takes for another contact's (SPEC.md §5, after UTS #39 §4 and §5.1).

export type NameWarning = 'mixed-scripts' | 'looks-like-another';

/** A warning for a sanitised name among the names of all others, or `undefined`. */
export function nameWarning(name: string, others: readonly string[]): NameWarning | undefined {
  // Resemblance first: it says more, and every mixed-script imitation is one too.
  const own = [skeleton(name), folded(name)];
  if (others.some((other) => skeleton(other) === own[0] || folded(other) === own[1])) return 'looks-like-another';
  return hasMixedScripts(name) ? 'mixed-scripts' : undefined;
}

/** Writing systems whose letters imitate one another, or that real names combine. All others count as one. */
const SCRIPTS = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Armenian',
  'Georgian',
  'Cherokee',
  'Coptic',
  'Hebrew',
  'Arabic',
  'Devanagari',
  'Thai',
  'Han',
  'Hiragana',
  'Katakana',
  'Hangul',
  'Bopomofo',
] as const;
const letterOf = SCRIPTS.map((script) => ({ script, test: new RegExp(`\\p{Script_Extensions=${script}}`, 'u') }));

/** Systems that languages write together (UTS #39 table 1a); all three also take Latin letters. */
const TOGETHER: Readonly<Record<string, readonly string[]>> = {
  Latin: ['Japanese', 'Korean', 'Chinese'],
  Han: ['Japanese', 'Korean', 'Chinese'],
  Hiragana: ['Japanese'],
  Katakana: ['Japanese'],
  Hangul: ['Korean'],
  Bopomofo: ['Chinese'],
};

/** Whether one word of a name mixes writing systems that no language mixes. Two words may differ: "Ali علي". */
export function hasMixedScripts(name: string): boolean {
  return name.split(/[\s()/|·]+/u).some((word) => {
    let common: readonly string[] | undefined;
    for (const letter of word.match(/\p{L}/gu) ?? []) {
      const scripts = scriptsOf(letter);
      common = common === undefined ? scripts : common.filter((script) => scripts.includes(script));
    }
    return common?.length === 0;
  });
}

function scriptsOf(letter: string): readonly string[] {
  const scripts = letterOf.filter(({ test }) => test.test(letter)).map(({ script }) => script);
  if (scripts.length === 0) return ['other'];
  return scripts.flatMap((script) => [script, ...(TOGETHER[script] ?? [])]);
}

/**
 * Letters that look like one: the letter, then its look-alikes. From the confusables of UTS #39 those that can stand
 * in for a Latin letter or digit in a name at reading size; capital letters stand where only they look alike.
 */
const LOOK_ALIKES = [
  'aᴀаαɑ𝛼Аₐ∂АΑᎪꓮ@4',
  'bⲂⲃЬВΒбƄᏴꓐʙв68',
  'cϹсϲⅽСϹᏟꓚ¢ᴄ',
  'dԁⅾᏧᎠꓓɗ',
  'eеҽΕЕᎬꓰ℮єεɛэ3',
  'fϝſꓝƒғ',
  'gɡցԌᏀꓖɢ9ɡ',
  'hһհНΗᎻꓧʜнɦ',
  'iіιɩⅰıꙇӏⵏ',
  'jјϳЈᎫꓙյ',
  'kκкКΚᏦꓗĸҝ',
  'lʟІΙӀ1|ⅼǀ∣Iוןᛁɭ！!ꓲⵏ',
  'mмМΜⅿᎷꓟϺ',
  'nոռпηΝꓠɴո',
  'oоοօᴏΟОՕ0ഠଠ০०໐๐ⲟⲞσөסهㅇᦞ○ꓳ',
  'pрρΡРᏢꓑⲣþ',
  'qԛգզ',
  'rгᴦⲅɾᎡꓣɼя',
  'sѕꜱЅՏᏚꓢƽ5$',
  'tтΤТᎢꓔτ7+',
  'uսυʋᴜՍꓴцµμ',
  'vνѵⅴᴠᏙꓦ∨',
  'wԝաᴡшщѡᎳꓪɯωω',
  'xхχⅹХΧꓫ×᙮',
  'yуγʏүУΥҮᎩꓬч',
  'zᴢΖᏃꓜʐ2',
] as const;

const prototypes = new Map(LOOK_ALIKES.flatMap((row) => [...row].map((letter) => [letter, row[0]!] as const)));

/** One spelling for all names that look alike: no marks, spaces, punctuation or case; look-alikes by one letter. */
function skeleton(name: string): string {
  // Before and after: decomposing turns some look-alikes into the letters that they do not look like.
  const named = [...name].map((letter) => prototypes.get(letter) ?? letter).join('');
  const bare = named.normalize('NFKD').replace(/[\p{M}\p{Z}\p{Cf}]/gu, '');
  const letters = [...bare].map((letter) => {
    const low = letter.toLowerCase();
    return prototypes.get(letter) ?? prototypes.get(low) ?? low;
  });
  const spelt = letters.join('').replace(/\p{P}/gu, '');
  // Pairs that run together at reading size.
  const joined = spelt.replaceAll('rn', 'm').replaceAll('vv', 'w').replaceAll('cl', 'd');
  return joined === '' ? name : joined;
}

/** Case alone never tells two people apart. */
function folded(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
