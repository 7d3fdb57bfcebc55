// `npm run verify`: the rules of the house, each a command that fails when its rule is broken.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const root = path.resolve(import.meta.dirname, '../..');

interface Rule {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/** What the others read. */
const GENERATED: readonly Rule[] = [
  { name: 'generated types', command: ['svelte-kit', 'sync'] },
  {
    name: 'generated texts',
    command: ['paraglide-js', 'compile', '--project', './project.inlang', '--outdir', './.paraglide', '--silent'],
  },
];

/** In the order in which their findings are most useful to read. */
const RULES: readonly Rule[] = [
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
await holdAll(GENERATED);
await holdAll(RULES);
process.exit(failed === 0 ? 0 : 1);

/** As many at a time as there are cores; what each says comes in their order. */
async function holdAll(rules: readonly Rule[]): Promise<void> {
  const waiting = rules.filter(({ name }) => only.length === 0 || only.includes(name));
  let told = Promise.resolve();
  const next = async (): Promise<void> => {
    for (let rule = waiting.shift(); rule !== undefined; rule = waiting.shift()) {
      const { name } = rule;
      const verdict = hold(rule);
      told = told.then(async () => tell(name, await verdict));
      await verdict;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, next));
  await told;
}

interface Verdict {
  readonly isHeld: boolean;
  readonly said: string;
}

async function hold({ command }: Rule): Promise<Verdict> {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${path.join(root, 'node_modules/.bin')}:${process.env['PATH']}`, NO_COLOR: '1' },
  });
  const ended = new Promise<boolean>((resolve) => {
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
  const [isHeld, ...said] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { isHeld, said: said.join('') };
}

function tell(name: string, { isHeld, said }: Verdict): void {
  if (isHeld) return console.log(`✓ ${name}`);
  failed += 1;
  console.log(`✗ ${name}\n${said}`);
}
