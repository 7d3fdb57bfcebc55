// A real relay node in a process of its own, on loopback, on ports nobody uses, with a folder of its own.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PROGRAM = path.resolve(import.meta.dirname, '../../relay-node/main.ts');
/** A busy machine takes its time; a program that ends is not waited for. */
const START_PATIENCE = 60_000;

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
  const args = ['--data', options.data, '--app', 'none.local', ...ports, ...(options.flags ?? [])];
  const { under } = options;
  const environment = { ...process.env, ...options.environment };
  const { child, address, output } = await launchRelay((node, program) =>
    under === undefined
      ? spawn(node, [program, ...args], { env: environment })
      : spawn('sh', ['-c', `${under} exec "$0" "$@"`, node, program, ...args], { env: environment }),
  );
  running.add(child);
  const response = await fetch(`${address}/relay.json`);
  return {
    address,
    port: Number(new URL(address).port),
    json: (await response.json()) as RelayProcess['json'],
    pid: child.pid!,
    output,
    end: (signal = 'SIGTERM') => ended(child, signal),
  };
}

export interface LaunchedRelay {
  readonly child: ChildProcess;
  readonly address: string;
  output(): string;
}

/** Lets `start` start the program, and waits until it has said where it is. */
export async function launchRelay(start: (node: string, program: string) => ChildProcess): Promise<LaunchedRelay> {
  const child = start(process.execPath, PROGRAM);
  let output = '';
  child.stdout?.on('data', (chunk) => (output += chunk));
  child.stderr?.on('data', (chunk) => (output += chunk));
  const address = await new Promise<string>((resolve, reject) => {
    const giveUp = (): void => {
      child.kill('SIGKILL');
      clearTimeout(timer);
      reject(new Error(`the relay node did not start:\n${output}`));
    };
    const timer = setTimeout(giveUp, START_PATIENCE);
    child.stdout?.on('data', () => {
      const found = /is at (https?:\/\/\S+)/.exec(output);
      if (found === null) return;
      clearTimeout(timer);
      resolve(found[1]!);
    });
    child.once('exit', giveUp);
  });
  return { child, address, output: () => output };
}

export async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
  running.delete(child);
  if (child.exitCode === null && child.signalCode === null) {
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exit;
  }
  return child.exitCode ?? child.signalCode!;
}
