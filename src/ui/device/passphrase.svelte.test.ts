// How hard passphrases are to guess, and what is suggested.
import { describe, expect, it } from 'vitest';
import { strengthOf, suggestPassphrase } from './passphrase.ts';

describe('strengthOf', () => {
  it('calls short what has fewer than eight letters', () => {
    expect(strengthOf('aB3$xY!')).toBe('short');
    expect(strengthOf('日本語日本')).toBe('short');
  });

  it('is not taken in by common words, runs and repetition', () => {
    for (const poor of [
      'password',
      'password123',
      'qwertyuiop',
      '12345678',
      'aaaaaaaaaaaaaaaaaa',
      'abcdefghijkl',
      'moss moss moss moss',
    ]) {
      expect(['short', 'weak'], poor).toContain(strengthOf(poor));
    }
  });

  it('finds several words good', () => {
    expect(['fair', 'strong']).toContain(strengthOf('moss under old beeches'));
  });
});

describe('suggestPassphrase', () => {
  it('gives four pronounceable words, each of sixteen bits', () => {
    const at = (value: number) => suggestPassphrase((array) => array.fill(value));
    expect(at(0)).toBe('babab-babab-babab-babab');
    expect(at(0xffff)).toBe('zuzuz-zuzuz-zuzuz-zuzuz');
    expect(['fair', 'strong']).toContain(strengthOf(suggestPassphrase()));
  });

  it('gives another word for each of the 65,536 values', () => {
    const words = new Set(
      Array.from({ length: 65_536 }, (_, value) => suggestPassphrase((array) => array.fill(value)).slice(0, 5)),
    );
    expect(words.size).toBe(65_536);
  });
});
