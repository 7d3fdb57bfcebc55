// Who is named in a text, and how a name gets into it.
import { describe, expect, it } from 'vitest';
import type { PersonId } from '#app/talk/talk-api.ts';
import { fitting, isWhole, mentionQuery, withName } from './mention-query.ts';
import { manyVoices, richText, twoVoices } from './voices.ts';

const people = ['Ana', 'Chidi Okonkwo', 'Bo'].map((name, index) => ({
  id: `person ${index}` as PersonId,
  name,
  isMe: index === 2,
  isIn: index !== 0,
}));

describe('richText', () => {
  const voices = manyVoices(people);

  it('finds names beside links, and says which is one’s own', () => {
    expect(richText('@Bo see https://a.example/@Bo, @Chidi Okonkwo!', voices)).toEqual([
      { is: 'mention', text: '@Bo', isMe: true },
      { is: 'text', text: ' see ' },
      { is: 'link', text: 'https://a.example/@Bo', href: 'https://a.example/@Bo' },
      { is: 'text', text: ', ' },
      { is: 'mention', text: '@Chidi Okonkwo', isMe: false },
      { is: 'text', text: '!' },
    ]);
  });

  it('names nobody who is gone, and nobody between two', () => {
    expect(richText('@Ana', voices)).toEqual([{ is: 'text', text: '@Ana' }]);
    expect(richText('@Bo', twoVoices('Bo'))).toEqual([{ is: 'text', text: '@Bo' }]);
  });
});

describe('naming somebody', () => {
  it('begins at an @ that begins a word', () => {
    expect(mentionQuery('hi @ch', 6)).toEqual({ start: 3, words: 'ch' });
    expect(mentionQuery('hi @ch and more', 6)).toEqual({ start: 3, words: 'ch' });
    expect(mentionQuery('mail bo@ch', 10)).toBeUndefined();
    expect(mentionQuery('@ ch', 4)).toBeUndefined();
    expect(mentionQuery('nothing', 7)).toBeUndefined();
  });

  it('offers whom the letters fit, by any word of the name', () => {
    expect(fitting(people, 'ok').map(({ name }) => name)).toEqual(['Chidi Okonkwo']);
    expect(fitting(people, '')).toHaveLength(3);
  });

  it('knows when a name stands there already, so that Enter sends', () => {
    const [, , bo] = people;
    expect(isWhole(bo!, 'bo')).toBe(true);
    expect(isWhole(bo!, 'b')).toBe(false);
    const both = [{ id: 'x' as PersonId, name: 'Bob' }, bo!];
    expect(fitting(both, 'bo').map(({ name }) => name)).toEqual(['Bo', 'Bob']);
  });

  it('puts the name in and the cursor behind it', () => {
    expect(withName('hi @ch, you', { start: 3, words: 'ch' }, 'Chidi')).toEqual({
      text: 'hi @Chidi , you',
      cursor: 10,
    });
    expect(withName('@b now', { start: 0, words: 'b' }, 'Bo')).toEqual({ text: '@Bo now', cursor: 4 });
  });
});
