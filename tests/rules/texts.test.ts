// Shows that the rule for texts can fail, and what it lets pass.
import { describe, expect, it } from 'vitest';
import { findCatalogueFaults, findTexts } from './texts.ts';

describe('the rule for texts', () => {
  it('finds words written into a component', () => {
    expect(findTexts('<p>Hello there</p>', 'A.svelte')).toHaveLength(1);
  });

  it('finds words in attributes that are heard', () => {
    expect(findTexts('<button type="button" aria-label="Go on">{name}</button>', 'A.svelte')).toHaveLength(1);
  });

  it('finds words inside conditions and snippets', () => {
    expect(findTexts('{#if a}{#snippet b()}<i>So</i>{/snippet}{:else}Or so{/if}', 'A.svelte')).toHaveLength(2);
  });

  it('finds sides of the screen', () => {
    for (const side of ['ml-2', 'pr-4', 'text-left', 'left-0', 'right-1/2', '-mr-1', 'rounded-l-xl', 'border-r-2']) {
      expect(findTexts(`<p class="flex ${side}">{x}</p>`, 'A.svelte'), side).toHaveLength(1);
    }
  });

  it('lets the catalogue, code, signs and logical sides pass', () => {
    const fine =
      '<p class="ms-2 text-start rounded-lg border-line bg-line" data-x="yes no">{m.hello()} · <b>12</b></p>';
    expect(findTexts(fine, 'A.svelte')).toEqual([]);
  });

  it('finds what a language lacks, has too much, or names otherwise', () => {
    const en = { a: 'Hi {name}', b: 'One' };
    expect(findCatalogueFaults({ en, ar: { a: 'Hi {nam}', c: 'Two' } })).toHaveLength(3);
  });

  it('finds engineers’ words', () => {
    expect(findCatalogueFaults({ en: { a: 'Your peer id is new' } })).toHaveLength(1);
  });
});
