// Keys that do something, and those that must be left to whoever is writing.
import { describe, expect, it } from 'vitest';
import { SHORTCUTS, shortcutFor } from './shortcuts.ts';

const press = (init: KeyboardEventInit, target: EventTarget = document.body): KeyboardEvent => {
  const event = new KeyboardEvent('keydown', init);
  Object.defineProperty(event, 'target', { value: target });
  return event;
};

describe('shortcutFor', () => {
  it('goes by the place of a key, not by what it writes', () => {
    expect(shortcutFor(press({ code: 'KeyL', key: 'Ò', altKey: true, shiftKey: true }))).toBe('lock');
  });

  it('leaves ? to a field somebody writes in', () => {
    expect(shortcutFor(press({ key: '?', shiftKey: true }))).toBe('help');
    expect(shortcutFor(press({ key: '?', shiftKey: true }, document.createElement('textarea')))).toBeUndefined();
  });

  it('takes no key that writes or that the browser has', () => {
    for (const init of [
      { code: 'KeyL', key: 'l' },
      { code: 'KeyL', key: 'l', ctrlKey: true, shiftKey: true, altKey: true },
    ]) {
      expect(shortcutFor(press(init))).toBeUndefined();
    }
  });

  it('uses no key twice', () => {
    const codes = SHORTCUTS.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
