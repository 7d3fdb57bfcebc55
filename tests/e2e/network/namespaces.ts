// Hosts and networks on one machine, for stories in which the network itself plays a part: each host is a Linux network
// namespace, joined by a switch that is one too, so that nothing outside them is touched.

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What stories need of the machine, and how to get it on Debian. */
const TOOLS: readonly (readonly [command: string, debianPackage: string])[] = [
  ['ip', 'iproute2'],
  ['nft', 'nftables'],
  ['nsenter', 'util-linux'],
  ['sysctl', 'procps'],
];

/** Why no namespaces can be made here, in words for whoever runs the tests; `undefined` when they can. */
export function whatIsMissing(): string | undefined {
  if (process.getuid?.() !== 0) {
    return 'Network stories make network namespaces, which needs root: run them as root (in a container, with NET_ADMIN).';
  }
  const absent = TOOLS.filter(([command]) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0);
  if (absent.length > 0) return `Network stories need: apt-get install ${absent.map(([, name]) => name).join(' ')}`;
  const trial = `us-try-${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', trial], { encoding: 'utf8' });
  spawnSync('ip', ['netns', 'del', trial]);
  return made.status === 0 ? undefined : `This machine refuses network namespaces: ${made.stderr.trim()}`;
}

/** A host: commands run in it see its network and no other. */
export class Host {
  readonly name: string;
  readonly address: string;
  readonly namespace: string;
  readonly #children = new Set<ChildProcess>();
  readonly #folder: string;
  #gateway: string | undefined;

  constructor(name: string, address: string, namespace: string) {
    this.name = name;
    this.address = address;
    this.namespace = namespace;
    this.#folder = mkdtempSync(join(tmpdir(), `${namespace}-`));
  }

  /** Runs a command to its end and gives what it printed; throws when it fails. */
  run(command: string, ...args: string[]): string {
    return must('nsenter', [`--net=/run/netns/${this.namespace}`, command, ...args]);
  }

  /** Whether a command succeeds. */
  tries(command: string, ...args: string[]): boolean {
    return spawnSync('nsenter', [`--net=/run/netns/${this.namespace}`, command, ...args]).status === 0;
  }

  /** Starts a program; it ends with the host at the latest. */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn('nsenter', [`--net=/run/netns/${this.namespace}`, command, ...args], options);
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** Path of a script that runs `program` in here: the `executablePath` for Playwright and Puppeteer. */
  wrapper(program: string): string {
    const path = join(this.#folder, program.replaceAll('/', '_'));
    if (!existsSync(path)) {
      writeFileSync(path, `#!/bin/sh\nexec nsenter --net=/run/netns/${this.namespace} ${program} "$@"\n`);
      chmodSync(path, 0o755);
    }
    return path;
  }

  /** Takes the link down: what is in flight is lost, and nobody is told. Programs still believe in their sockets. */
  cut(): void {
    this.run('ip', 'link', 'set', 'eth0', 'down');
  }

  /** Puts the link back, with the route that goes with it. */
  restore(): void {
    this.run('ip', 'link', 'set', 'eth0', 'up');
    if (this.#gateway !== undefined) this.setGateway(this.#gateway);
  }

  /** Chromium gathers no address for WebRTC where there is no default route. */
  setGateway(gateway: string): void {
    this.#gateway = gateway;
    this.run('ip', 'route', 'replace', 'default', 'via', gateway);
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    spawnSync('ip', ['netns', 'del', this.namespace]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

let made = 0;

/** A namespace with loopback up and nothing else. */
export function createHost(name: string, address: string): Host {
  made += 1;
  const namespace = `us-${process.pid}-${made}-${name}`;
  must('ip', ['netns', 'add', namespace]);
  const host = new Host(name, address, namespace);
  host.run('ip', 'link', 'set', 'lo', 'up');
  return host;
}

/** A cable between two hosts: interface `at` here, `port` there. */
export function plug(host: Host, at: string, other: Host, port: string): void {
  must('ip', [
    'link',
    'add',
    at,
    'netns',
    host.namespace,
    'type',
    'veth',
    'peer',
    'name',
    port,
    'netns',
    other.namespace,
  ]);
  host.run('ip', 'link', 'set', at, 'up');
  other.run('ip', 'link', 'set', port, 'up');
}

export interface Switch {
  readonly host: Host;
  /** Puts what was plugged into `port` on the switch's network, and waits until it is. */
  join(port: string): void;
}

/** A host that is a switch: whatever joins it is on one network. */
export function createSwitch(name: string): Switch {
  const host = createHost(name, '');
  host.run('ip', 'link', 'add', 'switch', 'type', 'bridge', 'forward_delay', '0');
  host.run('ip', 'link', 'set', 'switch', 'up');
  const join = (port: string): void => {
    host.run('ip', 'link', 'set', port, 'master', 'switch');
    // The kernel opens a port when it gets round to it, up to a second later; what is sent before is lost.
    for (let look = 0; look < 100; look += 1) {
      if (host.run('ip', '-d', '-o', 'link', 'show', 'dev', port).includes('state forwarding')) return;
      spawnSync('sleep', ['0.05']);
    }
    throw new Error('the switch did not open its port');
  };
  return { host, join };
}

function must(command: string, args: readonly string[]): string {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr ?? done.error?.message ?? ''}`);
  return done.stdout;
}
