// The product's relay node as a process of its own, on this machine or inside a host, so that it can be killed as a power
// cut kills a laptop, and started again with what it had written down.

import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ended, launchRelay } from '../../relay/relay-process.ts';
import type { Host } from './namespaces.ts';

export interface RelayProcessOptions {
  /** What it serves: the built app, or the probe page. */
  readonly appFolder: string;
  /** Runs in this host's network instead of the machine's loopback. */
  readonly host?: Host;
  /** 0: one that is free. */
  readonly port?: number;
  /** Where it keeps key and envelopes; its own temporary folder when absent. */
  readonly dataFolder?: string;
  /** Further flags of the relay node. */
  readonly flags?: readonly string[];
}

export interface RelayProcess {
  /** Where it serves its app, without a slash at the end. */
  readonly web: string;
  readonly dataFolder: string;
  /** SIGKILL: no goodbye, no closing of anything. */
  kill(): Promise<void>;
  /** Stops answering without ending, as an overloaded machine does; `thaw` lets it go on. */
  freeze(): void;
  thaw(): void;
  /** The same place and the same folder again; the process must have ended. */
  restart(): Promise<void>;
  /** Kills it and removes its folder. */
  close(): Promise<void>;
}

export async function startRelayProcess(options: RelayProcessOptions): Promise<RelayProcess> {
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), 'understory-relay-'));
  let running = await launch({ ...options, dataFolder });
  const { web } = running;
  const port = Number(new URL(web).port);
  const kill = async (): Promise<void> => void (await ended(running.child, 'SIGKILL'));
  return {
    web,
    dataFolder,
    kill,
    freeze: () => void running.child.kill('SIGSTOP'),
    thaw: () => void running.child.kill('SIGCONT'),
    restart: async () => void (running = await launch({ ...options, dataFolder, port })),
    close: async () => {
      await kill();
      if (options.dataFolder === undefined) rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

async function launch(options: RelayProcessOptions): Promise<{ web: string; child: ChildProcess }> {
  const { host, appFolder, dataFolder = '', port = 0, flags = [] } = options;
  const settings = {
    '--host': host === undefined ? '127.0.0.1' : host.address,
    '--port': String(port),
    '--stun-port': '0',
    '--webrtc-direct-port': 'off',
    '--app': appFolder,
    '--data': dataFolder,
  };
  const args = [...Object.entries(settings).flat(), ...flags];
  const { child, address } = await launchRelay((node, program) => {
    const piped: SpawnOptions = { stdio: ['ignore', 'pipe', 'inherit'] };
    const all = [program, ...args];
    return host === undefined ? spawn(node, all, piped) : host.spawn(node, all, piped);
  });
  return { web: address, child };
}
