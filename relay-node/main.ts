// The program: reads the flags, starts the relay node, says where it is, and stops cleanly.

import encodeQR from 'qr';
import { isLoopback } from './addresses.ts';
import { ConfigError, helpText, readConfig, type RelayConfig } from './config.ts';
import { startRelay, type Relay } from './relay.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** After this long a stop is no longer clean: systemd would wait 90 s, a person less. */
const STOP_PATIENCE = 8_000;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function fail(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

function configOrExit(): RelayConfig {
  try {
    const config = readConfig(process.argv.slice(2), process.env);
    if (config !== 'help') return config;
    say(helpText());
    process.exit(0);
  } catch (fault) {
    if (fault instanceof ConfigError) fail(fault.message);
    throw fault;
  }
}

function startProblem(fault: unknown, config: RelayConfig): string {
  // libp2p puts the system's word for it into a text, the native library a phrase of its own.
  const { message } = fault as Error;
  if (/EADDRINUSE|mux listener/.test(message)) {
    const ports = [config.port, config.stunPort, config.webrtcDirectPort].filter((port) => port !== undefined);
    return `One of the ports ${ports.join(', ')} is in use: is a relay node running already? Others can be set with --port, --stun-port, --webrtc-direct-port.`;
  }
  if (/EACCES|EPERM/.test(message)) {
    return `Not allowed: ${firstLine(message)}. Ports below 1024 and some folders need rights.`;
  }
  if (/EADDRNOTAVAIL/.test(message)) return `This machine has no address ${config.host} (--host).`;
  return `The relay node cannot start: ${firstLine(message)}`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}

function greet(relay: Relay, config: RelayConfig): void {
  const [best, ...others] = relay.addresses;
  say(`Understory is at ${best}`);
  for (const other of others) say(`            also at ${other}`);
  if (relay.appFiles === 0) say(`There is no built app in ${config.appFolder}: only the relay is running.`);
  if (relay.wasStoreSetAside) {
    say('The mail store was damaged beyond use and moved aside (mail.sqlite.damaged); an empty one was made.');
  }
  if (isLoopback(config.host)) {
    say('Only this machine can reach it. With --host 0.0.0.0 others can too.');
    return;
  }
  if (process.stdout.isTTY) say(encodeQR(best!, 'term'));
  if (best!.startsWith('http:')) {
    say('Over plain http browsers refuse most of what the app needs; the page says what to do. See --tls-cert.');
  }
}

function stopOn(signals: readonly NodeJS.Signals[], relay: Relay): void {
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_PATIENCE).unref();
    const counts = await relay.counts();
    await relay.close();
    say(`Stopped: ${counts}`);
    process.exit(0);
  };
  for (const signal of signals) process.on(signal, () => void stop());
}

/** A failure in a library's background work concerns one connection; it must not end everybody's. */
function stayUp(): void {
  process.on('unhandledRejection', (fault) => {
    // The kind only: messages of libp2p name peers and addresses.
    say(`Something failed in the background: ${fault instanceof Error ? fault.name : 'unknown'}`);
  });
}

/** Once at the start and then daily: damage is found while those who can heal it still have what was lost. */
async function scrub(relay: Relay): Promise<void> {
  try {
    const damaged = await relay.scrub();
    if (damaged > 0) say(`${damaged} damaged envelopes were set aside`);
  } catch {
    say('The mail store could not be checked');
  }
}

async function main(): Promise<void> {
  process.umask(0o077); // keys and envelopes are their owner's only
  const config = configOrExit();
  const relay = await startRelay(config).catch((fault: unknown) => fail(startProblem(fault, config)));
  stayUp();
  stopOn(['SIGINT', 'SIGTERM'], relay);
  greet(relay, config);
  void scrub(relay);
  setInterval(() => void scrub(relay), DAY).unref();
  setInterval(() => void relay.counts().then(say), HOUR).unref();
}

await main();
