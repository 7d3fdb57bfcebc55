// `npm run verify`: the rules of the house, each a command that fails when its rule is broken.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

interface Rule {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/** In the order in which their findings are most useful to read. */
const RULES: readonly Rule[] = [
  { name: 'generated types', command: ['svelte-kit', 'sync'] },
  {
    name: 'generated texts',
    command: ['paraglide-js', 'compile', '--project', './project.inlang', '--outdir', './.paraglide', '--silent'],
  },
  { name: 'formatting', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: ['eslint', '--max-warnings', '0', '.'] },
  { name: 'types: core', command: ['tsc', '-p', 'src/core/tsconfig.json'] },
  { name: 'types: relay node', command: ['tsc', '-p', 'relay-node/tsconfig.json'] },
  {
    name: 'types: app, screens, tests',
    command: ['svelte-check', '--tsconfig', 'tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  },
  { name: 'rooms', command: ['depcruise', '--output-type', 'err', 'src', 'relay-node', 'tests'] },
  { name: 'nothing unused', command: ['knip'] },
  { name: 'vectors unchanged', command: ['node', 'tests/vectors/append-only.ts'] },
  { name: 'texts in the catalogue', command: ['node', 'tests/rules/texts.ts'] },
  { name: 'lock file', command: ['node', 'tests/rules/lock-file.ts'] },
  { name: 'no foreign host in the build', command: ['node', 'tests/rules/foreign-hosts.ts'] },
  { name: 'sizes', command: ['size-limit'] },
];

const only = process.argv.slice(2);
let failed = 0;
for (const { name, command } of RULES.filter((rule) => only.length === 0 || only.includes(rule.name))) {
  const [program, ...args] = command;
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${path.join(root, 'node_modules/.bin')}:${process.env['PATH']}`, NO_COLOR: '1' },
    maxBuffer: 1 << 26,
  });
  if (status === 0) {
    console.log(`✓ ${name}`);
    continue;
  }
  failed += 1;
  console.log(`✗ ${name}\n${stdout ?? ''}${stderr ?? ''}`);
}
process.exit(failed === 0 ? 0 : 1);
