// Maps are taken apart completely or not at all.
import { describe, expect, it } from 'vitest';
import { fields, tuple } from './fields.ts';

const map = { v: 1, id: new Uint8Array(32).fill(0xab), name: 'Zoë', on: true, kind: 'chat', list: [1, 2] };

describe('fields', () => {
  it('reads each type and is content when nothing is left', () => {
    const f = fields(map, 'test');
    f.version('v', 1);
    expect(f.id('id', 32)).toBe('ab'.repeat(32));
    expect(f.text('name', 4)).toBe('Zoë');
    expect(f.bool('on')).toBe(true);
    expect(f.oneOf('kind', ['chat', 'edit'])).toBe('chat');
    expect(f.list('list', 2)).toEqual([1, 2]);
    expect(() => f.end()).not.toThrow();
  });

  it('refuses what was not asked for', () => {
    const f = fields(map, 'test');
    f.version('v', 1);
    expect(() => f.end()).toThrow('test: bad-field');
  });

  it.each<[string, () => unknown, string]>([
    ['a missing field', () => fields(map, 'test').uint('absent'), 'bad-field'],
    ['an inherited name', () => fields(map, 'test').value('toString'), 'bad-field'],
    ['another version', () => fields({ v: 2 }, 'test').version('v', 1), 'unknown-version'],
    ['a version that is no number', () => fields({ v: '1' }, 'test').version('v', 1), 'bad-field'],
    ['a byte string too short', () => fields(map, 'test').bytes('id', 33), 'bad-field'],
    ['a byte string too long', () => fields(map, 'test').bytes('id', { max: 31 }), 'bad-field'],
    ['a text in bytes too long, though not in letters', () => fields(map, 'test').text('name', 3), 'too-long'],
    ['a negative number', () => fields({ n: -1 }, 'test').uint('n'), 'bad-field'],
    ['a number beyond its range', () => fields({ n: 256 }, 'test').uint('n', 255), 'bad-field'],
    ['a word nobody knows', () => fields({ k: 'x' }, 'test').oneOf('k', ['chat']), 'unknown-kind'],
    ['a word that is a number', () => fields({ k: 1 }, 'test').oneOf('k', ['chat']), 'bad-field'],
    ['too many items', () => fields(map, 'test').list('list', 1), 'too-many'],
    ['too few ids', () => fields({ ids: [] }, 'test').ids('ids', 32, { min: 1, max: 8 }), 'bad-field'],
    ['a list for a map', () => fields([], 'test'), 'bad-field'],
    ['bytes for a map', () => fields(new Uint8Array(2), 'test'), 'bad-field'],
    ['null for a map', () => fields(null, 'test'), 'bad-field'],
    ['a tuple of another length', () => tuple([1], 'test', 2), 'bad-field'],
  ] as const)('refuses %s', (_, run, fault) => {
    expect(run).toThrow(`test: ${fault}`);
  });
});
