// The product's relay node as a process of its own, on this machine or inside a host, so that it can be killed as a power
// cut kills a laptop, and started again with what it had written down.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Host } from './namespaces.ts';

const PROGRAM = join(import.meta.dirname, '../../../relay-node/main.ts');

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
  const kill = async (): Promise<void> => {
    const { child } = running;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
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
  const args = [PROGRAM, ...Object.entries(settings).flat(), ...flags];
  const child =
    host === undefined
      ? spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      : host.spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('no output to read');
  const said = once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line));
  const died = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the relay node ended: ${String(code)}`)));
  const web = /http\S+/.exec(await Promise.race([said, died]))?.[0];
  // From here on its end is what a story asks for.
  died.catch(() => undefined);
  if (web === undefined) throw new Error('the relay node did not say where it is');
  return { web, child };
}
