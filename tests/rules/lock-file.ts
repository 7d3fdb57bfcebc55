// Refuses version ranges, install scripts, registry addresses and packages without a hash in package.json and lock file.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = process.argv[2] ?? path.resolve(import.meta.dirname, '../..');
const read = (name: string): unknown => JSON.parse(readFileSync(path.join(root, name), 'utf8'));

interface Package {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly link?: boolean;
}
interface Manifest {
  readonly scripts?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

/** Packages that declare an install script which nothing here needs to run. Each with its reason. */
const SCRIPT_NOT_NEEDED: Record<string, string> = {
  fsevents: 'macOS only, never installed here',
  'node-datachannel': 'its binary comes as an optional package; the script only falls back to a download',
  leveldown: 'an option of y-websocket, which only the benches run, and they keep nothing on disk',
};

const problems: string[] = [];
const manifest = read('package.json') as Manifest;
for (const group of [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies]) {
  for (const [name, version] of Object.entries(group ?? {})) {
    if (version.startsWith('file:stubs/')) continue;
    const exact = version.replace(/^npm:(@[^/]+\/)?[^@]+@/, '');
    if (!/^\d+\.\d+\.\d+$/.test(exact)) problems.push(`${name}: ${version} is not an exact version`);
  }
}
for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
  if (manifest.scripts?.[script] !== undefined) problems.push(`package.json has the script ${script}`);
}
const { packages } = read('package-lock.json') as { packages: Record<string, Package & Manifest> };
for (const group of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) {
  const [wanted, locked] = [manifest[group] ?? {}, packages['']?.[group] ?? {}];
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(locked)])) {
    if (wanted[name] !== locked[name]) problems.push(`${name}: package.json and lock file differ`);
  }
}
for (const [place, entry] of Object.entries(packages)) {
  if (place === '' || entry.link === true || place.startsWith('stubs/')) continue;
  const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
  if (entry.integrity === undefined) problems.push(`${name} has no hash in the lock file`);
  if (entry.resolved !== undefined && /^(https?|git)/.test(entry.resolved))
    problems.push(`${name} names a host in the lock file`);
  if (entry.hasInstallScript === true && !(name in SCRIPT_NOT_NEEDED)) problems.push(`${name} has an install script`);
}
for (const problem of problems) console.log(problem);
process.exit(problems.length === 0 ? 0 : 1);
