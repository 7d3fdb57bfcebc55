// The scratch relay and the probe page's server as a process of its own, on this machine or inside a host, so that it
// can be killed as a power cut kills a laptop.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Host } from './namespaces.ts';

export interface RelayProcess {
  /** What cards would carry. */
  readonly address: string;
  /** Where the probe page is. */
  readonly page: string;
  /** SIGKILL: no goodbye, no closing of anything. */
  kill(): Promise<void>;
}

export async function startRelayProcess(pageFolder: string, host?: Host): Promise<RelayProcess> {
  const program = join(import.meta.dirname, 'scratch-relay.ts');
  const args = [program, host === undefined ? '127.0.0.1' : '0.0.0.0', host?.address ?? '127.0.0.1', pageFolder];
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child: ChildProcess =
    host === undefined
      ? spawn(process.execPath, args, { stdio: [...stdio] })
      : host.spawn(process.execPath, args, { stdio: [...stdio] });
  if (child.stdout === null) throw new Error('no output to read');
  const lines = createInterface({ input: child.stdout });
  const said = once(lines, 'line').then(([line]) => JSON.parse(String(line)) as { address: string; page: string });
  const died = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the relay ended with ${String(code)}`)));
  const started = await Promise.race([said, died]);
  // From here on its end is what a story asks for.
  died.catch(() => undefined);
  return {
    ...started,
    kill: async () => {
      const gone = once(child, 'exit');
      if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await gone;
    },
  };
}
