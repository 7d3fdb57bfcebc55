// Web addresses in texts: found, never fetched, never lying about where they lead.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkedText } from './linked-text.ts';

const links = (text: string) => linkedText(text).filter((piece) => piece.is === 'link');

describe('linkedText', () => {
  it('links http and https only', () => {
    expect(links('see https://a.example/x and http://b.example')).toHaveLength(2);
    for (const bad of [
      'javascript:alert(1)',
      'data:text/html,x',
      'file:///etc',
      'ftp://a.example',
      'JAVASCRIPT://%0aalert(1)',
    ]) {
      expect(links(bad), bad).toEqual([]);
    }
  });

  it('leaves the end of the sentence outside', () => {
    expect(links('Look (https://a.example/b_(c)). Nice')).toMatchObject([{ text: 'https://a.example/b_(c)' }]);
    expect(links('https://a.example!')).toMatchObject([{ text: 'https://a.example' }]);
  });

  it('shows where look-alike letters really lead', () => {
    const [link] = links('https://www.аpple.com/login');
    expect(link?.text).toMatch(/^https:\/\/www\.xn--/);
  });

  it('links no address that carries a name before an @', () => {
    expect(links('https://bank.example@evil.example/')).toEqual([]);
  });

  it('loses no letter of a text, whatever it holds', () => {
    const part = fc.oneof(fc.string(), fc.constantFrom('https://', 'http://a.b', ')', '.', ' ', '\n', '@', '<script>'));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const plain = linkedText(text).every((piece) => piece.is === 'text' || /^[\x21-\x7e]+$/.test(piece.text));
        const joined = linkedText(text)
          .map(({ text: shown }) => shown)
          .join('');
        // Addresses in other scripts are shown rewritten; all else comes out as it went in.
        if (/^[\x00-\x7f]*$/.test(text)) expect(joined).toBe(text);
        expect(plain).toBe(true);
      }),
    );
  });
});
