// Shows that the rules of the house can fail: each is run on a copy of the tree into which its violation was planted.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(path.join(tmpdir(), 'understory-rules-'));
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter((name) => name !== '' && existsSync(path.join(root, name)))) {
    cpSync(path.join(root, file), path.join(copy, file), { recursive: true, force: true, dereference: false });
  }
  for (const made of ['node_modules', 'build']) symlinkSync(path.join(root, made), path.join(copy, made));
  for (const made of ['.svelte-kit', '.paraglide'])
    cpSync(path.join(root, made), path.join(copy, made), { recursive: true });
  rmSync(path.join(copy, 'tests/rules/planted.test.ts'));
}, 60_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Runs one command of verify in the copy with files planted in it, and takes them out again. */
function verdictOn(
  planted: Record<string, string>,
  command: string,
  args: readonly string[],
): { ok: boolean; said: string } {
  const before = new Map<string, string | undefined>();
  for (const [name, text] of Object.entries(planted)) {
    const place = path.join(copy, name);
    before.set(place, original(place));
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, text);
  }
  const { status, stdout, stderr } = spawnSync(path.join(root, 'node_modules/.bin', command), args, {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  for (const [place, text] of before) {
    if (text === undefined) rmSync(place);
    else writeFileSync(place, text);
  }
  return { ok: status === 0, said: stdout + stderr };
}

function original(place: string): string | undefined {
  try {
    return readFileSync(place, 'utf8');
  } catch {
    return undefined;
  }
}

/** What is planted for a rule: a file and its text, and what the refusal of that file says. */
type Planted = readonly [what: string, file: string, text: string, word: string];

const LINT: readonly Planted[] = [
  ['the clock in core', 'src/core/bytes/planted-clock.ts', '// For a test.\nexport const at = Date.now();\n', 'Date'],
  ['dice in core', 'src/core/bytes/planted-dice.ts', '// For a test.\nexport const dice = Math.random();\n', 'random'],
  ['the console in core', 'src/core/bytes/planted-console.ts', "// For a test.\nconsole.log('x');\n", 'console'],
  [
    'an adapter in core',
    'src/core/bytes/planted-adapter.ts',
    "// For a test.\nimport '#adapters/platform/clock.ts';\n",
    'adapters',
  ],
  ['an enum', 'src/app/planted-enum.ts', '// For a test.\nexport enum Colour {\n  red,\n}\n', 'literal union'],
  ['a default export', 'src/app/planted-default.ts', '// For a test.\nexport default 1;\n', 'Named exports'],
  ['any', 'src/app/planted-any.ts', '// For a test.\nexport const x: any = 1;\n', 'any'],
  ['a file that does not say what it is for', 'src/app/planted-mute.ts', 'export const x = 1;\n', 'what it is for'],
  ['a file name in camel case', 'src/app/plantedFile.ts', '// For a test.\nexport const x = 1;\n', 'kebab-case'],
  ['a barrel', 'src/app/index.ts', '// For a test.\nexport const x = 1;\n', 'barrels'],
  ['raw markup', 'src/ui/PlantedMarkup.svelte', '<p>{@html "x"}</p>\n', 'html'],
  ['a button without a type', 'src/ui/PlantedButton.svelte', '<button>x</button>\n', 'type'],
  ['more than 400 lines', 'src/app/planted-long.ts', '// For a test.\n' + 'export {};\n'.repeat(401), 'max-lines'],
];

describe('lint', () => {
  const said = new Map<string, string>();

  beforeAll(() => {
    const files = Object.fromEntries(LINT.map(([, file, text]) => [file, text]));
    const verdict = verdictOn(files, 'eslint', ['--max-warnings', '0', '--format', 'json', ...Object.keys(files)]);
    const faults = JSON.parse(verdict.said) as { filePath: string; messages: { ruleId: string; message: string }[] }[];
    for (const { filePath, messages } of faults) {
      const text = messages.map(({ ruleId, message }) => `${ruleId} ${message}`).join('\n');
      said.set(path.relative(copy, filePath), text);
    }
  }, 120_000);

  it.each(LINT)('refuses %s', (_what, file, _text, word) => expect(said.get(file)).toContain(word));
});

describe('rooms', () => {
  const ROOMS: readonly (readonly [rule: string, planted: Record<string, string>])[] = [
    ['core-is-pure', { 'src/core/bytes/planted-file.ts': "import 'node:fs';\n" }],
    ['core-wire', { 'src/core/wire/planted-hash.ts': "import '../crypto/hash.ts';\n" }],
    [
      'adapters-know-core-only',
      { 'src/adapters/platform/planted-up.ts': "import '../../app/api.ts';\nimport '../../app/session.ts';\n" },
    ],
    [
      'app-below-screens',
      { 'src/app/planted-screen.ts': "import '#ui/planted.ts';\n", 'src/ui/planted.ts': 'export const x = 1;\n' },
    ],
    ['relay-cannot-read-a-group', { 'relay-node/planted-reader.ts': "import '#core/chain/message.ts';\n" }],
    [
      'session-knows-no-adapter',
      { 'src/app/planted-adapter.ts': "import '#adapters/network-libp2p/relay-address.ts';\n" },
    ],
    [
      'no-circular',
      { 'src/core/bytes/one.ts': "import './two.ts';\n", 'src/core/bytes/two.ts': "import './one.ts';\n" },
    ],
    ['nothing-needs-tests', { 'src/app/planted-need.ts': "import '#tests/rules/verify.ts';\n" }],
    ['simulator-runs-what-ships', { 'tests/sim/planted-queue.ts': "import '#app/event-queue.ts';\n" }],
    [
      'simulator-imports-the-session',
      { 'tests/sim/person.ts': "import './copy-of-session.ts';\n", 'tests/sim/copy-of-session.ts': 'export {};\n' },
    ],
  ];
  let said = '';

  beforeAll(() => {
    const planted = Object.assign({}, ...ROOMS.map(([, files]) => files)) as Record<string, string>;
    ({ said } = verdictOn(planted, 'depcruise', ['--output-type', 'err', 'src', 'relay-node', 'tests']));
  }, 120_000);

  it.each(ROOMS)('refuses what breaks %s', (rule, planted) => {
    const lines = said.split('\n').filter((line) => line.includes(` ${rule}: `));
    expect(lines.some((line) => line.includes(Object.keys(planted)[0]!))).toBe(true);
  });
});

describe('types', () => {
  it('refuses timers, storage and requests in core', () => {
    const planted = "// For a test.\nsetTimeout(() => indexedDB.open('x'), 1);\nvoid fetch('x');\n";
    const { ok, said } = verdictOn({ 'src/core/bytes/planted.ts': planted }, 'tsc', ['-p', 'src/core/tsconfig.json']);
    expect(ok).toBe(false);
    for (const name of ['setTimeout', 'indexedDB', 'fetch']) expect(said).toContain(`'${name}'`);
  }, 60_000);

  it('refuses a swapped id in the relay node', () => {
    const planted =
      "// For a test.\nimport type { Brand } from '#core/bytes/brand.ts';\nconst one = 'x' as Brand<string, 'One'>;\nexport const two: Brand<string, 'Two'> = one;\n";
    expect(verdictOn({ 'relay-node/planted.ts': planted }, 'tsc', ['-p', 'relay-node/tsconfig.json']).ok).toBe(false);
  }, 60_000);

  it('refuses a screen that reads what is not there', () => {
    const planted = '<script lang="ts">\n\tconst x: number = "text";\n</script>\n\n<p>{x}</p>\n';
    const { ok } = verdictOn({ 'src/ui/Planted.svelte': planted }, 'svelte-check', [
      '--tsconfig',
      'tsconfig.json',
      '--fail-on-warnings',
    ]);
    expect(ok).toBe(false);
  }, 180_000);
});

describe('other rules', () => {
  const node = (planted: Record<string, string>, ...args: string[]) => verdictOn(planted, 'node', args);

  it('refuses unformatted text', () => {
    const planted = { 'src/app/planted.ts': '// For a test.\nexport  const x="1"\n' };
    expect(verdictOn(planted, 'prettier', ['--check', 'src/app/planted.ts']).ok).toBe(false);
  });

  it('refuses an export that nobody uses', () => {
    const { ok, said } = verdictOn({ 'src/app/planted.ts': '// For a test.\nexport const planted = 1;\n' }, 'knip', []);
    expect(said).toContain('planted');
    expect(ok).toBe(false);
  }, 60_000);

  it('refuses a version range, and an install script', () => {
    const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    manifest.dependencies['yjs'] = '^13.6.33';
    const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, Record<string, unknown>>;
    };
    lock.packages['node_modules/yjs']!['hasInstallScript'] = true;
    const planted = { 'package.json': JSON.stringify(manifest), 'package-lock.json': JSON.stringify(lock) };
    const { ok, said } = node(planted, 'tests/rules/lock-file.ts');
    expect(ok).toBe(false);
    expect(said).toContain('not an exact version');
    expect(said).toContain('install script');
  });

  it('refuses a foreign host in the build', () => {
    const { ok, said } = node(
      { 'planted/x.js': "fetch('https://fonts.example.com/a')" },
      'tests/rules/foreign-hosts.ts',
      'planted',
    );
    expect(ok).toBe(false);
    expect(said).toContain('fonts.example.com');
    expect(node({ 'planted/x.js': "fetch('/a')" }, 'tests/rules/foreign-hosts.ts', 'planted').ok).toBe(true);
  });

  it('refuses an app that grew past its limit', () => {
    const limits = readFileSync(path.join(root, '.size-limit.js'), 'utf8').replace("'120 kB'", "'1 kB'");
    const { ok, said } = verdictOn({ '.size-limit.js': limits }, 'size-limit', []);
    expect(said).toContain('exceeded');
    expect(ok).toBe(false);
  }, 60_000);

  it('refuses text outside the message catalogue', () => {
    const { ok, said } = node({ 'src/ui/Planted.svelte': '<p>Hello you</p>\n' }, 'tests/rules/texts.ts');
    expect(ok).toBe(false);
    expect(said).toContain('Planted.svelte');
  });

  it('refuses a changed vector', () => {
    const vectors = execFileSync('git', ['ls-files', 'tests/vectors/*.json'], { cwd: root, encoding: 'utf8' })
      .trim()
      .split('\n');
    const file = vectors.find((name) => !name.endsWith('LOCK.json'))!;
    const changed = JSON.parse(readFileSync(path.join(root, file), 'utf8')) as { accept: { bytes: string }[] };
    changed.accept[0]!.bytes = '00';
    expect(node({ [file]: JSON.stringify(changed) }, 'tests/vectors/append-only.ts').ok).toBe(false);
  });
});
