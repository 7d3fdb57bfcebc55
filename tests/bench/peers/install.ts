// Gets the peers that come from Debian, without letting their services start.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

const PACKAGES = ['libtoxcore-dev', 'gcc', 'libc6-dev', 'prosody'];
/** Debian asks this file whether a service may start. */
const POLICY = '/usr/sbin/policy-rc.d';

export function installPeers(): void {
  const isThere = (name: string) =>
    spawnSync('dpkg-query', ['-W', '-f', '${Status}', name], { encoding: 'utf8' }).stdout.endsWith(' installed');
  const missing = PACKAGES.filter((name) => !isThere(name));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new Error(`the benches need peers from Debian; please run once: sudo apt-get install ${missing.join(' ')}`);
  }
  const ownPolicy = !existsSync(POLICY);
  if (ownPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['update', '-qq'], { env: environment, stdio: 'ignore' });
    const options = ['install', '--yes', '-qq', '--no-install-recommends'];
    execFileSync('apt-get', [...options, ...missing], { env: environment, stdio: 'ignore' });
  } finally {
    if (ownPolicy) rmSync(POLICY);
  }
}
