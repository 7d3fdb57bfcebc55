// Two homes and a relay node's host on lines that take their time, a browser in each home: what is measured on one machine
// alone is what is computed, and the roads between people take longer than that.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright';
import { launchChromium } from '../../e2e/network/chromium.ts';
import { createHost, whatIsMissing, type Host } from '../../e2e/network/namespaces.ts';
import { startRelayProcess } from '../../e2e/network/relay-process.ts';
import { installPeers } from '../peers/install.ts';
import { openPage } from '../browsers.ts';
import type { Side, Sides } from '../sides.ts';

/** One way; there and back is what a home's connection takes to a place in the same country. */
export const LINE_MS = 10;

/** Throws with what to do where the machine has no network namespaces for it. */
export async function twoHomes(folder: string): Promise<Sides> {
  const problem = whatIsMissing();
  if (problem !== undefined) throw new Error(problem);
  const relayHost = createHost('relay', '10.88.0.1');
  const homes = { host: createHost('ana', '10.88.0.2'), guest: createHost('bea', '10.88.0.3') };
  const lines = await startLines([relayHost, homes.host, homes.guest]);
  const relay = await startRelayProcess({ appFolder: folder, host: relayHost });
  const browsers: Record<Side, Browser> = {
    host: await launchChromium({ host: homes.host, secureOrigins: [relay.web] }),
    guest: await launchChromium({ host: homes.guest, secureOrigins: [relay.web] }),
  };
  return {
    open: (side, name) => openPage(browsers[side], relay.web, name),
    serve: ({ args, port }) => {
      const child = relayHost.spawn(process.execPath, args, {
        env: { ...process.env, PORT: String(port) },
        stdio: 'ignore',
      });
      return { address: `ws://${relayHost.address}:${port}`, stop: () => child.kill() };
    },
    async close() {
      await Promise.all(Object.values(browsers).map((browser) => browser.close()));
      await relay.close();
      lines.kill();
      for (const host of [relayHost, ...Object.values(homes)]) host.close();
    },
  };
}

async function startLines(hosts: readonly Host[]): Promise<ChildProcess> {
  installPeers();
  const folder = mkdtempSync(path.join(tmpdir(), 'understory-lines-'));
  const program = path.join(folder, 'slow-lines');
  try {
    execFileSync('gcc', ['-O2', '-o', program, path.resolve(import.meta.dirname, 'slow-lines.c')]);
    const ends = hosts.map(({ namespace, address }) => `${namespace}:${address}`);
    const lines = spawn(program, [String(LINE_MS), ...ends], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(lines, 'exit').then(() => {
      throw new Error('the lines could not be laid: /dev/net/tun is needed');
    });
    await Promise.race([once(lines.stdout, 'data'), ended]);
    // Later ends are ours.
    ended.catch(() => undefined);
    return lines;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
