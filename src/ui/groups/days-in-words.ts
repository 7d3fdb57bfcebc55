// How long something lasts, in words of the reader's language. Beside the screens of groups: every page has the others.

import { language } from '#ui/language/language.svelte.ts';

/** "1 day", "4 weeks". */
export function daysInWords(days: number): string {
  const isWeeks = days > 0 && days % 7 === 0;
  const unit = isWeeks ? 'week' : 'day';
  const format = new Intl.NumberFormat(language.forIntl, { style: 'unit', unit, unitDisplay: 'long' });
  return format.format(isWeeks ? days / 7 : days);
}
