// The page that tools run in: its policy names its two scripts by their hashes and lets nothing else out or in. Whoever
// changes a script writes the hash that is expected here into the policy.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const page = readFileSync(path.resolve(import.meta.dirname, '../../static/tool-frame.html'), 'utf8');
const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/u.exec(page)?.[1] ?? '';
const directives = new Map(
  policy.split(';').map((directive) => {
    const [name, ...values] = directive.trim().split(' ');
    return [name!, values.join(' ')];
  }),
);

test('P25 the policy of the page that tools run in names its scripts, and they are these', () => {
  const hashes = [...page.matchAll(/<script>([^]*?)<\/script>/gu)].map(
    ([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`,
  );
  expect(hashes).toHaveLength(2);
  expect(directives.get('script-src')).toBe(`${hashes.join(' ')} blob:`);
});

test('P25 the policy lets a tool ask nobody, load nothing and go nowhere', () => {
  for (const name of ['default', 'connect', 'img', 'font', 'media', 'object', 'frame', 'manifest'])
    expect(directives.get(`${name}-src`), name).toBe("'none'");
  for (const name of ['form-action', 'base-uri']) expect(directives.get(name), name).toBe("'none'");
  expect(directives.get('worker-src')).toBe('blob:');
  expect(directives.get('require-trusted-types-for')).toBe("'script'");
  // Before everything it speaks of: what stands above it would not be under it.
  expect(page.indexOf('<script>')).toBeGreaterThan(page.indexOf('http-equiv'));
  expect(page).toContain("room.sandbox = 'allow-scripts';");
});
