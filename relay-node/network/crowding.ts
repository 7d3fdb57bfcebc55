// How many connections one address may have, counted while they last and written nowhere.

import type { MultiaddrConnection } from '@libp2p/interface';

export class Crowding {
  readonly #most: number;
  readonly #open = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts a new connection until it closes; true when there are too many of its address already. */
  isTooMany(connection: MultiaddrConnection): boolean {
    const host = hostOf(connection.remoteAddr.toString());
    const count = this.#open.get(host) ?? 0;
    if (count >= this.#most) return true;
    this.#open.set(host, count + 1);
    connection.addEventListener('close', () => this.#leave(host), { once: true });
    return false;
  }

  #leave(host: string): void {
    const left = (this.#open.get(host) ?? 1) - 1;
    if (left === 0) this.#open.delete(host);
    else this.#open.set(host, left);
  }
}

/** One household: an IPv4 address, or the first half of an IPv6 address. */
function hostOf(address: string): string {
  const [, family, host = ''] = address.split('/');
  if (family !== 'ip6' || host.includes('.')) return host;
  const [head = '', tail] = host.split('::');
  const groups = head === '' ? [] : head.split(':');
  return (tail === undefined ? groups : [...groups, '0', '0', '0', '0']).slice(0, 4).join(':');
}
