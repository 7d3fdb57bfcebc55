// No hash, signature or key may pass for another.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, equal, hex } from '../bytes/bytes.ts';
import { derive, hash, hashAfter, hashBy, inScript, labelPrefix } from './hash.ts';
import { LABELS, type Label } from './labels.ts';
import { quickSha256 } from './quick-hash.ts';

const labels = Object.values(LABELS);
const spec = readFileSync(path.join(import.meta.dirname, 'SPEC.md'), 'utf8');

describe('the table of labels', () => {
  it('has no label twice', () => {
    expect(labels.filter((label, i) => labels.indexOf(label) !== i)).toEqual([]);
  });

  it('has no label that begins another, with or without its end mark', () => {
    const pairs = labels.flatMap((a) => labels.map((b) => [a, b] as const));
    expect(pairs.filter(([a, b]) => a !== b && b.startsWith(a))).toEqual([]);
  });

  it.each(labels)('%s is spelt us/<kind>/v<number>', (label) => {
    expect(label).toMatch(/^us\/[a-z][a-z0-9-]*\/v[1-9]\d*$/u);
  });

  it.each(labels)('%s stands in the SPEC', (label) => {
    expect(spec).toContain(`\`${label.split('/')[1]!}\``);
  });

  it('names each row after its kind', () => {
    const camel = (kind: string): string => kind.replace(/-(\w)/gu, (_, letter: string) => letter.toUpperCase());
    expect(Object.entries(LABELS).filter(([name, label]) => camel(label.split('/')[1]!) !== name)).toEqual([]);
  });
});

describe('hash and derive', () => {
  const parts = [new Uint8Array([1]), new Uint8Array([2, 3])] as const;

  it('put the label and one zero byte in front', () => {
    expect(hex.encode(labelPrefix('op'))).toBe('75732f6f702f763100');
    expect(hex.encode(hash('op', ...parts))).toBe(hex.encode(hash('op', new Uint8Array([1, 2, 3]))));
  });

  it('give something else under every label', () => {
    const all = Object.keys(LABELS) as Label[];
    const outputs = all.flatMap((label) => [
      hex.encode(hash(label, ...parts)),
      hex.encode(derive(parts[1], parts[0], label, new Uint8Array(0))),
    ]);
    expect(new Set(outputs).size).toBe(outputs.length);
  });

  it('bind the id of what a key belongs to', () => {
    const key = (salt: number, context: number): Uint8Array =>
      derive(parts[1], new Uint8Array([salt]), 'op', new Uint8Array([context]));
    expect(equal(key(1, 1), key(2, 1))).toBe(false);
    expect(equal(key(1, 1), key(1, 2))).toBe(false);
  });
});

describe('a hash of what begins with something known', () => {
  it('law: is the hash of the whole, whatever was hashed in between', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(bytes, fc.array(bytes, { maxLength: 5 }), (beginning, rests) => {
        const rest = hashAfter('header', beginning);
        for (const one of rests) {
          expect(rest(one)).toEqual(hash('header', concat(beginning, one)));
          hash('body', one);
        }
      }),
    );
  });
});

describe('SHA-256 in WebAssembly', () => {
  const bytes = fc.uint8Array({ maxLength: 300 });

  it('law: says what that in script says, of many hashes in turn', async () => {
    const [script, quick] = [inScript(), await quickSha256()];
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes, fc.array(bytes, { maxLength: 4 })), { maxLength: 6 }), (hashes) => {
        const begun = hashes.map(([beginning]) => [script.begin(beginning), quick.begin(beginning)] as const);
        hashes.forEach(([, parts], i) => {
          script.goOn(begun[i]![0]);
          quick.goOn(begun[i]![1]);
          for (const part of parts) for (const machine of [script, quick]) machine.update(part);
          expect(quick.digest()).toEqual(script.digest());
        });
      }),
    );
  });

  it('takes in what is longer than its memory at once', async () => {
    const [script, quick] = [inScript(), await quickSha256()];
    const long = Uint8Array.from({ length: 100_000 }, (_, i) => i & 0xff);
    for (const machine of [script, quick]) {
      machine.goOn(machine.begin(long));
      machine.update(long);
    }
    expect(quick.digest()).toEqual(script.digest());
  });

  it('takes over at any moment', async () => {
    const [begun, before] = [hashAfter('header', new Uint8Array(70)), hash('body', new Uint8Array(5))];
    const rest = begun(new Uint8Array(3));
    hashBy(await quickSha256());
    try {
      expect(hash('body', new Uint8Array(5))).toEqual(before);
      expect(begun(new Uint8Array(3))).toEqual(rest);
      expect(hashAfter('header', new Uint8Array(70))(new Uint8Array(3))).toEqual(rest);
    } finally {
      hashBy(inScript());
    }
  });
});
