// Proof that a cut is a cut: a packet with a number nobody could guess is sent, and someone listens for exactly it.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Host } from './namespaces.ts';

/** How long a probe is waited for. On a switch it takes under a millisecond. */
const PATIENCE_MS = 700;

const LISTEN = `
  const socket = require('node:dgram').createSocket('udp4');
  const say = (text) => process.stdout.write(text + '\\n');
  socket.on('message', say);
  socket.bind(0, '0.0.0.0', () => say(socket.address().port));
`;
/** Three times: one lost packet must not look like a cut, and a cut must hold for more than a moment. */
const SEND = `
  const [address, port, text] = process.argv.slice(1);
  const socket = require('node:dgram').createSocket('udp4');
  const send = () => socket.send(text, Number(port), address, () => undefined);
  socket.on('error', () => undefined);
  for (const wait of [0, 100, 200]) setTimeout(send, wait);
  setTimeout(() => process.exit(0), 250);
`;

/** Sends a text from a host to anywhere. */
export function sendProbe(from: Host, address: string, port: number, text: string): void {
  from.run(process.execPath, '-e', SEND, address, String(port), text);
}

/** Whether what one host sends now is heard by the other. */
export async function arrives(from: Host, to: Host): Promise<boolean> {
  const listener = to.spawn(process.execPath, ['-e', LISTEN], { stdio: ['ignore', 'pipe', 'ignore'] });
  if (listener.stdout === null) throw new Error('no output to read');
  const lines = createInterface({ input: listener.stdout });
  try {
    const [port] = (await once(lines, 'line')) as [string];
    const probe = randomUUID();
    const heard = once(lines, 'line').then(([line]) => line === probe);
    sendProbe(from, to.address, Number(port), probe);
    const silence = new Promise<false>((resolve) => setTimeout(resolve, PATIENCE_MS, false));
    return await Promise.race([heard, silence]);
  } finally {
    lines.close();
    listener.kill('SIGKILL');
  }
}
