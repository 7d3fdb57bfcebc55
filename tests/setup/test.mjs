// `npm test`: installs what the checks need and runs every one of them. Names given as arguments run only those.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildApp, guarded, installPackages, installPrograms, root, say } from './steps.mjs';
import { tally } from './tally.mjs';

const results = path.join(root, 'test-results');

/** Each check: what runs, and how to read how many tests passed and failed from what it wrote. */
const checks = [
  { name: 'verify', command: ['node', 'tests/rules/verify.ts'], count: 'lines' },
  {
    name: 'units',
    command: ['vitest', 'run', '--project', 'apart', '--project', 'core', '--project', 'ui'],
    count: 'vitest',
  },
  { name: 'relay', command: ['vitest', 'run', '--project', 'relay'], count: 'vitest' },
  { name: 'fuzz', command: ['vitest', 'run', '--project', 'fuzz'], count: 'vitest' },
  { name: 'sim', command: ['node', 'tests/sim/main.ts', '--seeds', '100', '--towns', '0'], count: 'exit' },
  { name: 'stories', command: ['playwright', 'test', '-c', 'tests/e2e/playwright.config.ts'], count: 'playwright' },
  {
    name: 'network',
    command: ['playwright', 'test', '-c', 'tests/e2e/network/playwright.config.ts'],
    count: 'playwright',
  },
];

function execute({ name, command, count }) {
  const report = path.join(results, `${name}.json`);
  const [program, ...args] = command;
  const extra = count === 'vitest' ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : [];
  const env = {
    ...process.env,
    PATH: `${path.join(root, 'node_modules/.bin')}:${process.env.PATH}`,
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1',
    // The same programs are started a hundred times, the relay node above all: each is compiled once.
    NODE_COMPILE_CACHE: path.join(root, '.setup/compile-cache'),
    // Playwright says of each of its processes when this contradicts what it tells them.
    ...(count !== 'playwright' && { NO_COLOR: '1' }),
  };
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, [...args, ...extra], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on('error', () => resolve({ passed: 0, failed: 1, names: [`${program} did not start`] }));
    child.on('exit', (code) => resolve(tally({ count, report, output, ok: code === 0 })));
  });
}

await guarded(async () => {
  const begun = Date.now();
  const wanted = process.argv.slice(2);
  await installPackages();
  await installPrograms();
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  await buildApp();
  const total = { passed: 0, failed: 0 };
  const lines = [];
  for (const check of checks.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    say(`\n── ${check.name} ──`);
    const start = Date.now();
    const { passed, failed, names } = await execute(check);
    total.passed += passed;
    total.failed += failed;
    lines.push(
      `${failed === 0 ? '✓' : '✗'} ${check.name}: ${passed} passed, ${failed} failed (${Math.round((Date.now() - start) / 1000)} s)`,
      ...names.map((name) => `    ${name}`),
    );
  }
  say(`\n${lines.join('\n')}\nin ${Math.round((Date.now() - begun) / 1000)} s\n`);
  say(`${total.passed} passed, ${total.failed} failed`);
  process.exit(total.failed === 0 ? 0 : 1);
});
