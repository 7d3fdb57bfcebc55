// The set-up steps shared by `npm start` and `npm test`. Plain JavaScript without dependencies, because it runs
// before anything is installed and on whatever Node a fresh machine has.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
const stamps = path.join(root, '.setup');

/** Prints one line of progress. */
export function say(text) {
  process.stdout.write(`${text}\n`);
}

/** Something a person has to do; printed as it is, without a stack. */
export class SetupProblem extends Error {}

/** Runs a command with its output shown; rejects with `SetupProblem` and the advice when it fails. */
export function run(command, args, { advice, quiet = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, PATH: `${path.join(root, 'node_modules/.bin')}:${process.env.PATH}`, ...env },
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => reject(new SetupProblem(`${command}: ${error.message}. ${advice ?? ''}`)));
    child.on('exit', (code, signal) => {
      if (code === 0) resolve(output);
      else
        reject(
          new SetupProblem(`${output}\n${command} ${args.join(' ')} ended with ${code ?? signal}. ${advice ?? ''}`),
        );
    });
  });
}

/** SHA-256 over names and contents of files and folders below the root; missing ones count as absent. */
function fingerprint(places) {
  const hash = createHash('sha256');
  const visit = (place) => {
    const full = path.join(root, place);
    if (!existsSync(full)) return;
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).sort()) visit(path.join(place, name));
    } else {
      hash.update(place).update('\0').update(readFileSync(full)).update('\0');
    }
  };
  for (const place of places) visit(place);
  return hash.digest('hex');
}

async function unlessUpToDate(name, inputs, { product, make }) {
  mkdirSync(stamps, { recursive: true });
  const stamp = path.join(stamps, name);
  const wanted = fingerprint(inputs);
  const current = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (current === wanted && existsSync(path.join(root, product))) {
    say(`✓ ${name}: up to date`);
    return;
  }
  say(`… ${name}`);
  const begun = Date.now();
  await make();
  writeFileSync(stamp, fingerprint(inputs));
  say(`✓ ${name} (${Math.round((Date.now() - begun) / 1000)} s)`);
}

/**
 * Installs the packages of the lock file; no install script of any package runs. Not `npm ci`: it refuses a lock file
 * that lacks the optional packages of other platforms, and not every registry carries all of those. The rule
 * tests/rules/lock-file.ts keeps package.json and lock file in step instead.
 */
export async function installPackages() {
  await unlessUpToDate('packages', ['package.json', 'package-lock.json', '.npmrc', 'stubs'], {
    product: 'node_modules/.bin/node',
    make: () =>
      run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
        advice:
          'Check that this machine reaches the npm registry and has a few hundred MB of free disk, then run it again.',
      }),
  });
  const version =
    spawnSync(path.join(root, 'node_modules/.bin/node'), ['--version'], { encoding: 'utf8' }).stdout ?? '';
  if (!/^v(2[4-9]|[3-9]\d)\./.test(version)) {
    throw new SetupProblem(
      'Node 24 did not come with the packages. Understory runs on Linux with an x64 or arm64 processor.',
    );
  }
}

/** Builds the app that the relay node serves. */
export async function buildApp() {
  const inputs = [
    'src',
    'static',
    'messages',
    'project.inlang',
    'stubs',
    'package.json',
    'package-lock.json',
    'svelte.config.js',
    'vite.config.ts',
  ];
  await unlessUpToDate('app', inputs, {
    product: 'build/index.html',
    make: () =>
      run('node', ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'error'], {
        quiet: true,
        advice: 'The build failed; the lines above say where.',
      }),
  });
}

/** What the framework writes from the routes and the texts; vitest and the type checks read it. */
export async function generateTypes() {
  await run('svelte-kit', ['sync'], { quiet: true });
  await run('paraglide-js', ['compile', '--project', './project.inlang', '--outdir', './.paraglide', '--silent'], {
    quiet: true,
  });
}

const programs = [
  { names: ['chromium'], debian: 'chromium' },
  { names: ['firefox-esr'], debian: 'firefox-esr' },
  { names: ['ip'], debian: 'iproute2' },
  { names: ['nft'], debian: 'nftables' },
  { names: ['iptables'], debian: 'iptables' },
];

function isOnPath(name) {
  return [...(process.env.PATH ?? '').split(':'), '/usr/bin', '/usr/sbin', '/sbin'].some((folder) =>
    existsSync(path.join(folder, name)),
  );
}

/** Installs browsers and network tools from Debian when missing; without root prints the one command to run. */
export async function installPrograms(wanted = programs) {
  const missing = wanted.filter(({ names }) => !names.some(isOnPath)).map(({ debian }) => debian);
  if (missing.length === 0) return say('✓ programs: up to date');
  const command = `apt-get install --yes --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0) {
    throw new SetupProblem(`These checks need programs from Debian. Please run this once:\n\n  sudo ${command}\n`);
  }
  say(`… programs: ${missing.join(', ')}`);
  const advice = `Please run it by hand and look at what it says: ${command}`;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { quiet: true, advice, env });
  await run('apt-get', ['install', '--yes', '-qq', '--no-install-recommends', ...missing], {
    quiet: true,
    advice,
    env,
  });
  say('✓ programs');
}

/** Runs a set-up; a `SetupProblem` ends it with its sentence and exit code 1. */
export async function guarded(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error;
    process.stderr.write(`\n${error.message.trim()}\n`);
    process.exit(1);
  }
}
