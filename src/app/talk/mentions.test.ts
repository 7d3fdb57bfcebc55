// Who a text names, whatever their names are made of.
import { expect, test } from 'vitest';
import { mentionsIn } from './mentions.ts';
import type { PersonId } from './talk-api.ts';

const people = ['Ana', 'Ana Maria', 'Bo', 'ليلى', 'Bo', ''].map((name, index) => ({
  id: `${name} ${index}` as PersonId,
  name,
}));
const who = (text: string): string[] => mentionsIn(text, people).map(({ person }) => person);

test('the longest name that fits is named', () => {
  expect(who('@Ana, come')).toEqual(['Ana 0']);
  expect(who('@ana maria: come')).toEqual(['Ana Maria 1']);
  expect(mentionsIn('so @Ana!', people)).toEqual([{ person: 'Ana 0', start: 3, end: 7 }]);
});

test('a part of a word and an address name nobody', () => {
  expect(who('@Anastasia')).toEqual([]);
  expect(who('mail ana@bo')).toEqual([]);
  expect(who('@ nobody, @')).toEqual([]);
});

test('both who share a name are named, in any script', () => {
  expect(who('(@Bo)')).toEqual(['Bo 2', 'Bo 4']);
  expect(who('اسأل @ليلى؟')).toEqual(['ليلى 3']);
});
