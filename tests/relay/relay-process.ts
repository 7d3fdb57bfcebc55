// A real relay node in a process of its own, on loopback, on ports nobody uses, with a folder of its own.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const START_PATIENCE = 20_000;

export interface RelayProcess {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  readonly port: number;
  readonly json: { peer: string; stun?: number; webrtcDirect?: { port: number; certhash: string } };
  readonly pid: number;
  /** All it wrote so far, standard output and error. */
  output(): string;
  /** Sends a signal and waits for the end; gives the exit code, or the signal that ended it. */
  end(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

export interface RelayProcessOptions {
  readonly data: string;
  readonly flags?: readonly string[];
  /** A shell command to run the relay node under, such as `ulimit -f 100;`. */
  readonly under?: string;
  readonly environment?: Record<string, string>;
}

const folders: string[] = [];
const running = new Set<ChildProcess>();

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'understory-relay-'));
  folders.push(folder);
  return folder;
}

/** Ends what tests left running and removes their folders. */
export async function cleanUp(): Promise<void> {
  await Promise.all([...running].map((child) => ended(child, 'SIGKILL')));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export async function startRelayProcess(options: RelayProcessOptions): Promise<RelayProcess> {
  const ports = ['--port', '0', '--stun-port', 'off', '--webrtc-direct-port', 'off'];
  const args = [
    'relay-node/main.ts',
    '--data',
    options.data,
    '--app',
    'none.local',
    ...ports,
    ...(options.flags ?? []),
  ];
  const environment = { ...process.env, ...options.environment };
  const child =
    options.under === undefined
      ? spawn(process.execPath, args, { cwd: root, env: environment })
      : spawn('sh', ['-c', `${options.under} exec "$0" "$@"`, process.execPath, ...args], {
          cwd: root,
          env: environment,
        });
  running.add(child);
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const address = await addressOf(child, () => output);
  const response = await fetch(`${address}/relay.json`);
  return {
    address,
    port: Number(new URL(address).port),
    json: (await response.json()) as RelayProcess['json'],
    pid: child.pid!,
    output: () => output,
    end: (signal = 'SIGTERM') => ended(child, signal),
  };
}

/** Waits until the relay node has said where it is. */
function addressOf(child: ChildProcess, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error(`the relay node did not start:\n${output()}`));
    const timer = setTimeout(giveUp, START_PATIENCE);
    const look = (): void => {
      const found = /is at (https?:\/\/\S+)/.exec(output());
      if (found === null) return;
      clearTimeout(timer);
      resolve(found[1]!);
    };
    child.stdout!.on('data', look);
    child.once('exit', giveUp);
  });
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
  running.delete(child);
  if (child.exitCode === null && child.signalCode === null) {
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exit;
  }
  return child.exitCode ?? child.signalCode!;
}
