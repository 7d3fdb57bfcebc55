// Everything an operator may change: one table from which flags, environment, --help and defaults all come.

import { parseArgs } from 'node:util';

interface OptionSpec {
  readonly kind: 'text' | 'whole' | 'port';
  readonly preset: string;
  /** For whole numbers. */
  readonly range?: readonly [number, number];
  readonly why: string;
}

const OPTIONS = {
  host: {
    kind: 'text',
    preset: '127.0.0.1',
    why: 'Address of this machine to listen on. The default is reachable from this machine only; 0.0.0.0 is every network it is part of.',
  },
  port: {
    kind: 'port',
    preset: '8080',
    why: 'TCP port for the app and its WebSocket. One port, so that one address is enough. 0 lets the system choose.',
  },
  data: {
    kind: 'text',
    preset: 'relay-data.local',
    why: 'Folder for the key of this relay node and the sealed envelopes it keeps. Losing it loses both.',
  },
  app: {
    kind: 'text',
    preset: 'build',
    why: 'Folder of the built app that is served. Without it the relay node works and serves no app.',
  },
  address: {
    kind: 'text',
    preset: '',
    why: 'The web address people type, such as https://relay.example.org, when it is not the one listened on (a name, a proxy in front). Only printed.',
  },
  'tls-cert': {
    kind: 'text',
    preset: '',
    why: 'PEM file with the certificate chain. With it and --tls-key the app is served over https, which browsers ask for everywhere but on the same machine.',
  },
  'tls-key': { kind: 'text', preset: '', why: 'PEM file with the private key of the certificate.' },
  'stun-port': {
    kind: 'port',
    preset: '3478',
    why: 'UDP port that tells apps how their address looks from outside, so that two homes can connect directly. 3478 is the usual one; 0 lets the system choose; off answers nobody.',
  },
  'webrtc-direct-port': {
    kind: 'port',
    preset: '9191',
    why: 'UDP port browsers can dial without a certificate, as an extra road. 0 lets the system choose; off does without.',
  },
  'max-store-mib': {
    kind: 'whole',
    preset: '2048',
    range: [1, 1_048_576],
    why: 'MiB of envelopes kept in all; what exceeds it is refused. 2 GiB is about 100,000 envelopes of mixed size, and the database needs about a tenth more.',
  },
  'max-topic-mib': {
    kind: 'whole',
    preset: '32',
    range: [1, 1_048_576],
    why: 'MiB kept under one topic. A topic serves one reader for a day, so 32 is generous, and a flooded topic leaves room for the others.',
  },
  'max-topic-envelopes': {
    kind: 'whole',
    preset: '50000',
    range: [1, 10_000_000],
    why: 'Envelopes kept under one topic: 10,000 missed messages five times over.',
  },
  'requests-per-second': {
    kind: 'whole',
    preset: '1000',
    range: [1, 1_000_000],
    why: 'Mailbox requests of one link served per second; more wait. A long absence is caught up in a few hundred.',
  },
  'deposit-kib-per-second': {
    kind: 'whole',
    preset: '2048',
    range: [1, 1_048_576],
    why: 'KiB one link may deposit per second; more waits. A flood from one link then needs a quarter of an hour to fill 2 GiB.',
  },
  'max-connections': {
    kind: 'whole',
    preset: '2000',
    range: [1, 100_000],
    why: 'Connected apps. Each costs about 0.2 to 0.3 MiB of memory; 2,000 fit into 1 GiB.',
  },
  'max-connections-per-address': {
    kind: 'whole',
    preset: '256',
    range: [1, 100_000],
    why: 'Connected apps that share one address: a household, a conference. Behind Tor or a proxy everybody shares one: raise it to --max-connections there.',
  },
  'max-reservations': {
    kind: 'whole',
    preset: '2000',
    range: [1, 100_000],
    why: 'Apps that can be reached through this relay node at a time. libp2p presets 15, too few for one group.',
  },
  'circuit-mib': {
    kind: 'whole',
    preset: '4096',
    range: [1, 1_048_576],
    why: 'MiB one relayed circuit may carry before it has to be dialled again. libp2p presets 0.125, less than one picture.',
  },
  'circuit-hours': {
    kind: 'whole',
    preset: '24',
    range: [1, 500],
    why: 'Hours one relayed circuit may last. libp2p presets 2 minutes, shorter than a conversation.',
  },
} as const satisfies Record<string, OptionSpec>;

type Flag = keyof typeof OPTIONS;

export interface RelayConfig {
  readonly host: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly appFolder: string;
  /** Empty when it follows from host and port. */
  readonly address: string;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly stunPort: number | undefined;
  readonly webrtcDirectPort: number | undefined;
  readonly storeBytes: number;
  readonly topicBytes: number;
  readonly topicEnvelopes: number;
  readonly requestsPerSecond: number;
  readonly depositBytesPerSecond: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxReservations: number;
  readonly circuitBytes: number;
  readonly circuitHours: number;
}

/** A flag or variable that cannot be right; the message is for the operator. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const MIB = 1_048_576;
const environmentName = (flag: string): string => `UNDERSTORY_${flag.toUpperCase().replaceAll('-', '_')}`;

/** Flags win over the environment, the environment over the presets. `help` when asked for it. */
export function readConfig(args: readonly string[], environment: NodeJS.ProcessEnv): RelayConfig | 'help' {
  const given = parseFlags(args);
  if (given.help === true) return 'help';
  const text = (flag: Flag): string =>
    String(given[flag] ?? environment[environmentName(flag)] ?? OPTIONS[flag].preset).trim();
  const whole = (flag: Flag): number => wholeNumber(flag, text(flag));
  const [certFile, keyFile] = [text('tls-cert'), text('tls-key')];
  if ((certFile === '') !== (keyFile === '')) throw new ConfigError('--tls-cert and --tls-key belong together.');
  const port = portNumber('port', text('port'));
  if (port === undefined) throw new ConfigError('--port cannot be off: it is where the app is.');
  return {
    host: text('host'),
    port,
    dataFolder: text('data'),
    appFolder: text('app'),
    address: webAddress(text('address')),
    tls: certFile === '' ? undefined : { certFile, keyFile },
    stunPort: portNumber('stun-port', text('stun-port')),
    webrtcDirectPort: portNumber('webrtc-direct-port', text('webrtc-direct-port')),
    storeBytes: whole('max-store-mib') * MIB,
    topicBytes: whole('max-topic-mib') * MIB,
    topicEnvelopes: whole('max-topic-envelopes'),
    requestsPerSecond: whole('requests-per-second'),
    depositBytesPerSecond: whole('deposit-kib-per-second') * 1_024,
    maxConnections: whole('max-connections'),
    maxConnectionsPerAddress: whole('max-connections-per-address'),
    maxReservations: whole('max-reservations'),
    circuitBytes: whole('circuit-mib') * MIB,
    circuitHours: whole('circuit-hours'),
  };
}

function parseFlags(args: readonly string[]): Record<string, string | boolean | undefined> {
  const options: Record<string, { type: 'string' } | { type: 'boolean'; short: string }> = {
    help: { type: 'boolean', short: 'h' },
  };
  for (const flag of Object.keys(OPTIONS)) options[flag] = { type: 'string' };
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values as Record<
      string,
      string | boolean | undefined
    >;
  } catch (cause) {
    throw new ConfigError(`${cause instanceof Error ? cause.message : 'unknown flag'} (--help lists all)`);
  }
}

function wholeNumber(flag: Flag, text: string): number {
  const { range } = OPTIONS[flag] as OptionSpec;
  const [least, most] = range!;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new ConfigError(`--${flag} is a whole number from ${least} to ${most}.`);
  }
  return value;
}

function portNumber(flag: Flag, text: string): number | undefined {
  if (text === 'off') return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new ConfigError(`--${flag} is a port from 0 to 65535, or off.`);
  return value;
}

function webAddress(text: string): string {
  if (text === '') return text;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError('--address is a web address, such as https://relay.example.org.');
  }
  return url.origin;
}

/** What --help prints. */
export function helpText(): string {
  const lines = Object.entries(OPTIONS as Record<string, OptionSpec>).map(([flag, { kind, preset, range, why }]) => {
    const value = kind === 'text' ? 'TEXT' : kind === 'port' ? 'PORT' : 'NUMBER';
    const bounds = range === undefined ? '' : `, ${range[0]} to ${range[1]}`;
    const shown = preset === '' ? 'none' : preset;
    return `  --${flag} ${value}   (${environmentName(flag)}; preset ${shown}${bounds})\n      ${why}\n`;
  });
  return [
    'The relay node of Understory: serves the app, carries bytes between apps, keeps sealed envelopes for a while.\n',
    'Usage: node relay-node/main.ts [flags]; each flag may also be set in the environment.\n',
    ...lines,
  ].join('\n');
}
