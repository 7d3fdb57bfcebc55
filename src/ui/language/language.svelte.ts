// Which language the screens speak, and the direction it is written in. Chosen from the browser at first; what the
// person picks before a vault is open is kept in the clear, since it must be known before anything can be opened.

import { locales, overwriteGetLocale, type Locale } from '#texts/runtime.js';

const PLACE = 'understory.language';
const RTL: readonly Locale[] = ['ar'];
/** Made-up English for finding texts that are too long or not in the catalogue; offered to those who ask for it. */
const PSEUDO: Locale = 'en-XA';

function isLocale(text: string | null | undefined): text is Locale {
  return (locales as readonly string[]).includes(text ?? '');
}

function fromBrowser(): Locale {
  for (const wanted of navigator.languages) {
    if (isLocale(wanted)) return wanted;
    const language = wanted.split('-')[0];
    if (isLocale(language)) return language;
  }
  return 'en';
}

function kept(): string | null {
  try {
    return localStorage.getItem(PLACE);
  } catch {
    return null;
  }
}

class Language {
  #current = $state.raw<Locale>('en');
  #isChosen: boolean;

  constructor() {
    const before = kept();
    this.#isChosen = isLocale(before);
    this.#current = isLocale(before) ? before : fromBrowser();
  }

  get current(): Locale {
    return this.#current;
  }

  get direction(): 'ltr' | 'rtl' {
    return RTL.includes(this.#current) ? 'rtl' : 'ltr';
  }

  /** For `Intl`, which knows no made-up English. */
  get forIntl(): string {
    if (this.#current === PSEUDO) return 'en';
    // The catalogue writes counts with these digits too.
    return this.#current === 'ar' ? 'ar-u-nu-latn' : this.#current;
  }

  get offered(): readonly Locale[] {
    const isPseudoAsked = this.#current === PSEUDO || navigator.languages.includes(PSEUDO);
    return locales.filter((locale) => locale !== PSEUDO || isPseudoAsked);
  }

  /** Takes a choice over unless one was made here. */
  adopt(locale: string | undefined): void {
    if (!this.#isChosen && locale !== this.#current) this.choose(locale);
  }

  choose(locale: string | undefined): void {
    if (!isLocale(locale)) return;
    this.#isChosen = true;
    this.#current = locale;
    try {
      localStorage.setItem(PLACE, locale);
    } catch {
      // A browser that keeps nothing asks again next time.
    }
  }
}

/** One for the page: the message catalogue asks a plain function, not a component. */
export const language = new Language();
overwriteGetLocale(() => language.current);

/** What a language calls itself. */
export function nameOf(locale: string): string {
  const name = new Intl.DisplayNames([locale === PSEUDO ? 'en' : locale], { type: 'language' }).of(locale) ?? locale;
  return name.charAt(0).toLocaleUpperCase(locale === PSEUDO ? 'en' : locale) + name.slice(1);
}
