// The networks that stories play on: one home (everything on a switch), and several homes behind routers.

import { createHost, createSwitch, plug } from './namespaces.ts';
import type { Host } from './namespaces.ts';

export interface Lan<Name extends string> {
  readonly hosts: Readonly<Record<Name, Host>>;
  close(): void;
}

/** Hosts on one switch, 10.77.0.1 and up. The gateway they know leads nowhere: there is no internet. */
export function createLan<Name extends string>(names: readonly Name[]): Lan<Name> {
  const hub = createSwitch('switch');
  hub.host.run('ip', 'address', 'add', '10.77.0.254/24', 'dev', 'switch');
  const hosts = names.map((name, at) => {
    const host = createHost(name, `10.77.0.${at + 1}`);
    plug(host, 'eth0', hub.host, `to-${name}`);
    hub.join(`to-${name}`);
    host.run('ip', 'address', 'add', `${host.address}/24`, 'dev', 'eth0');
    host.setGateway('10.77.0.254');
    return [name, host] as const;
  });
  return {
    hosts: Object.fromEntries(hosts) as Record<Name, Host>,
    close: () => [...hosts.map(([, host]) => host), hub.host].forEach((host) => host.close()),
  };
}

/**
 * What a home's router does to UDP. `port-restricted`: one outside port for each inside port, open to whom one has
 * written to. `symmetric`: another outside port for each other side, so that nobody can guess it.
 */
export type Nat = 'port-restricted' | 'symmetric';

/** Homes with one host each behind a router, and a relay node's host, on one internet (198.51.100.0/24). */
export function createHomes<Name extends string>(homes: Readonly<Record<Name, Nat>>): Lan<Name | 'relay'> {
  const internet = createSwitch('internet');
  const relay = createHost('relay', '198.51.100.10');
  plug(relay, 'eth0', internet.host, 'to-relay');
  internet.join('to-relay');
  relay.run('ip', 'address', 'add', '198.51.100.10/24', 'dev', 'eth0');
  const all: Host[] = [relay];
  const named = Object.entries<Nat>(homes).map(([name, nat], at) => {
    const router = createRouter(`r-${name}`, nat, { wan: `198.51.100.${20 + at}`, lan: `10.${at + 1}.0.254` });
    plug(router, 'wan', internet.host, `to-${name}`);
    internet.join(`to-${name}`);
    const host = createHost(name, `10.${at + 1}.0.1`);
    plug(host, 'eth0', router, 'lan');
    router.run('ip', 'address', 'add', `198.51.100.${20 + at}/24`, 'dev', 'wan');
    router.run('ip', 'address', 'add', `10.${at + 1}.0.254/24`, 'dev', 'lan');
    host.run('ip', 'address', 'add', `${host.address}/24`, 'dev', 'eth0');
    host.setGateway(`10.${at + 1}.0.254`);
    all.push(router, host);
    return [name, host] as const;
  });
  return {
    hosts: Object.fromEntries([['relay', relay], ...named]) as Record<Name | 'relay', Host>,
    close: () => [...all, internet.host].forEach((host) => host.close()),
  };
}

/**
 * Unasked packets from outside are dropped, not only left unanswered: else the kernel notes them as flows of its own,
 * and gives the home's own packet to the same place another port, which no home router does.
 */
function createRouter(name: string, nat: Nat, sides: { wan: string; lan: string }): Host {
  const router = createHost(name, sides.wan);
  router.run('sysctl', '-q', '-w', 'net.ipv4.ip_forward=1');
  const masquerade = nat === 'symmetric' ? 'masquerade random,fully-random' : 'masquerade';
  router.run(
    'nft',
    `table ip home {
      chain outward { type nat hook postrouting priority srcnat; oifname "wan" ${masquerade}; }
      chain inward { type filter hook input priority filter; iifname "wan" ct state new drop; }
      chain through { type filter hook forward priority filter; iifname "wan" ct state new drop; }
    }`,
  );
  return router;
}
