// Vectors are a promise to every copy already installed: cases may be added, never changed or taken away. LOCK.json
// holds a hash of each case, so that this works on a clone without history; where there is history, LOCK.json itself
// is held against all its earlier versions. `--append` writes the hashes of new cases.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

type Lock = Readonly<Record<string, string>>;

const folder = import.meta.dirname;
const profiles = path.join(folder, '../fixtures/profiles');
const lockPath = path.join(folder, 'LOCK.json');
const problems: string[] = [];

const lock: Lock = existsSync(lockPath) ? (JSON.parse(readFileSync(lockPath, 'utf8')) as Lock) : {};
const cases = hashesOfCases();
for (const [name, hash] of Object.entries(lock)) {
  if (cases[name] === undefined) problems.push(`gone: ${name}`);
  else if (cases[name] !== hash) problems.push(`changed: ${name}`);
}
const fresh = Object.keys(cases).filter((name) => lock[name] === undefined);
if (process.argv.includes('--append')) {
  writeFileSync(lockPath, `${JSON.stringify({ ...lock, ...pick(cases, fresh) }, undefined, 2)}\n`);
  console.log(`${fresh.length} new cases locked`);
} else {
  for (const name of fresh) problems.push(`not locked (node tests/vectors/append-only.ts --append): ${name}`);
}
problems.push(...changesOfTheLock());

if (problems.length > 0) {
  console.error(problems.slice(0, 40).join('\n'));
  console.error(`${problems.length} vectors are not what they were`);
  process.exit(1);
}
console.log(`${Object.keys(cases).length} vectors are what they were`);

/** `file#kind/name` → hash, for each case of each file. */
function hashesOfCases(): Record<string, string> {
  const files = ['.', 'crypto', 'charter'].flatMap((sub) =>
    readdirSync(path.join(folder, sub))
      .filter((file) => (sub === '.' ? /\.v\d+\.json$/u : /\.json$/u).test(file))
      .map((file) => path.posix.join(sub, file)),
  );
  const hashes: Record<string, string> = {};
  for (const file of files) {
    const content = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Record<string, unknown>;
    for (const [kind, list] of Object.entries(content)) {
      if (!Array.isArray(list)) continue;
      for (const entry of list as readonly { readonly name: string }[]) {
        const name = `${file}#${kind}/${entry.name}`;
        if (hashes[name] !== undefined) problems.push(`twice: ${name}`);
        hashes[name] = createHash('sha256').update(JSON.stringify(entry)).digest('hex').slice(0, 32);
      }
    }
  }
  // A profile is one case: every build opens it as it is.
  for (const version of readdirSync(profiles).filter((sub) => /^v\d+$/u.test(sub))) {
    for (const file of readdirSync(path.join(profiles, version))) {
      const content = readFileSync(path.join(profiles, version, file));
      hashes[`profiles/${version}/${file}`] = createHash('sha256').update(content).digest('hex').slice(0, 32);
    }
  }
  return hashes;
}

/** Hashes that stood in an earlier LOCK.json and do not stand in this one. */
function changesOfTheLock(): string[] {
  const now = existsSync(lockPath) ? (JSON.parse(readFileSync(lockPath, 'utf8')) as Lock) : {};
  const earlier = versionsInHistory();
  const changed = new Set<string>();
  for (const version of earlier) {
    for (const [name, hash] of Object.entries(version)) if (now[name] !== hash) changed.add(name);
  }
  return [...changed].map((name) => `unlocked since an earlier commit: ${name}`);
}

function versionsInHistory(): Lock[] {
  try {
    const file = path.relative(git('rev-parse', '--show-toplevel').trim(), lockPath).split(path.sep).join('/');
    const commits = git('log', '--format=%H', '--', lockPath).split('\n').filter(Boolean);
    return commits.map((commit) => JSON.parse(git('show', `${commit}:${file}`)) as Lock);
  } catch {
    return []; // an archive without history, or a clone too shallow: the hashes alone have to do
  }
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function pick(from: Lock, names: readonly string[]): Lock {
  return Object.fromEntries(names.map((name) => [name, from[name]!]));
}
