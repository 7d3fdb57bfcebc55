// What a document may link to, and names at cursors.
import { describe, expect, it } from 'vitest';
import { caretName, isAllowedLink, linkFrom } from './editor-extensions.ts';

describe('links in documents', () => {
  it('lead to the web and to mail, nowhere else', () => {
    for (const good of ['https://a.example', 'http://a.example/x?y', 'mailto:a@b.example'])
      expect(isAllowedLink(good)).toBe(true);
    for (const bad of [
      'javascript:alert(1)',
      ' javascript:alert(1)',
      'data:text/html,x',
      'blob:x',
      'a.example',
      '/x',
      '',
    ]) {
      expect(isAllowedLink(bad), bad).toBe(false);
    }
  });

  it('are made from what people type', () => {
    expect(linkFrom(' a.example/x ')).toBe('https://a.example/x');
    expect(linkFrom('me@a.example')).toBe('mailto:me@a.example');
    expect(linkFrom('https://a.example')).toBe('https://a.example');
    for (const bad of ['javascript:alert(1)', 'hello', 'java script', '']) expect(linkFrom(bad), bad).toBeUndefined();
  });
});

describe('caretName', () => {
  it('keeps names short and without marks that turn text around', () => {
    expect(caretName('\u202egnp.exe\u0000')).toBe('gnp.exe');
    expect([...caretName('x'.repeat(500))]).toHaveLength(40);
    expect(caretName({ toString: () => 'x' })).toBe('Somebody');
    expect(caretName(' ')).toBe('Somebody');
  });
});
