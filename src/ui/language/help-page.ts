// Where an explainer stands (static/help), in the reader's language.

import { language } from './language.svelte.ts';

export type Explainer = 'index' | 'groups' | 'who-sees-what' | 'passphrase' | 'devices' | 'relay' | 'backup';

export function helpPage(explainer: Explainer): string {
  return `help/${language.current === 'ar' ? 'ar/' : ''}${explainer}.html`;
}
