// The web addresses under which this relay node can be opened, for people to read, type and scan.

import { networkInterfaces } from 'node:os';
import type { RelayConfig } from './config.ts';

/** The best one first: the one the operator named, else those of this machine's networks, else this machine alone. */
export function webAddresses(config: RelayConfig, port: number): readonly string[] {
  const found = hostsOf(config.host).map((host) => webAddress(config, host, port));
  return config.address === '' ? found : [config.address, ...found];
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function webAddress(config: RelayConfig, host: string, port: number): string {
  const scheme = config.tls === undefined ? 'http' : 'https';
  const usual = config.tls === undefined ? 80 : 443;
  const shown = host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${shown}${port === usual ? '' : `:${port}`}`;
}

function hostsOf(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family, address }) => !internal && (family === 'IPv4' || !address.startsWith('fe80')))
    .filter(({ family }) => host === '::' || family === 'IPv4')
    .map(({ address }) => address);
  return [...outside, host === '::' ? '::1' : '127.0.0.1'];
}
