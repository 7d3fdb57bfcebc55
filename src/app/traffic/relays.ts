// Connections to relay nodes' mailboxes: one for each address somebody needs, tried again for as long as it is needed.

import { type MailboxClient, openMailbox } from '#core/mailbox/client.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import { SECOND, type Clock, type Millis, type Network, type Random, type RelayAddress } from '#core/ports.ts';
import type { EventQueue } from '../event-queue.ts';

/** The first try after a failure; doubles. */
const FIRST_RETRY = (1 * SECOND) as Millis;
/** A relay node that comes back is to be noticed while the person still looks. */
const LAST_RETRY = (20 * SECOND) as Millis;

export interface RelayPorts {
  readonly queue: EventQueue;
  readonly clock: Clock;
  readonly random: Random;
  readonly suite: CryptoSuite;
  /** Within an event: a relay node answered, announced another day, or was lost. */
  readonly changed: (relay: RelayAddress) => void;
}

interface Relay {
  state: 'connecting' | 'connected' | 'unreachable';
  client: MailboxClient | undefined;
  failures: number;
  stop: () => void;
}

export class Relays {
  readonly #ports: RelayPorts;
  readonly #relays = new Map<RelayAddress, Relay>();
  #network: Network | undefined;

  constructor(ports: RelayPorts) {
    this.#ports = ports;
  }

  /** The network has arrived. */
  start(network: Network): void {
    this.#network = network;
    for (const address of this.#relays.keys()) this.#connect(address);
  }

  /** Opens and closes connections so that these and no others are held. */
  want(addresses: ReadonlySet<RelayAddress>): void {
    for (const [address, relay] of this.#relays) {
      if (addresses.has(address)) continue;
      relay.stop();
      relay.client?.close();
      this.#relays.delete(address);
    }
    for (const address of addresses) {
      if (this.#relays.has(address)) continue;
      this.#relays.set(address, { state: 'connecting', client: undefined, failures: 0, stop: () => undefined });
      this.#connect(address);
    }
  }

  client(address: RelayAddress): MailboxClient | undefined {
    return this.#relays.get(address)?.client;
  }

  connected(): readonly (readonly [RelayAddress, MailboxClient])[] {
    return [...this.#relays].flatMap(([address, { client }]) => (client === undefined ? [] : [[address, client]]));
  }

  states(): readonly { readonly address: string; readonly state: Relay['state'] }[] {
    return [...this.#relays].map(([address, { state }]) => ({ address, state }));
  }

  close(): void {
    this.want(new Set());
    this.#network = undefined;
  }

  #connect(address: RelayAddress): void {
    const relay = this.#relays.get(address);
    const network = this.#network;
    if (relay === undefined || network === undefined || relay.client !== undefined) return;
    relay.stop();
    const { queue } = this.#ports;
    const abort = new AbortController();
    relay.stop = () => abort.abort();
    void this.#open(network, address, abort.signal).then(
      (client) =>
        queue.run(() => {
          if (abort.signal.aborted) client.close();
          else this.#opened(address, relay, client);
        }),
      () =>
        queue.run(() => {
          if (!abort.signal.aborted) this.#failed(address, relay);
        }),
    );
  }

  async #open(network: Network, address: RelayAddress, signal: AbortSignal): Promise<MailboxClient> {
    const link = await network.openMailbox(address, signal);
    return openMailbox(link, this.#ports, signal);
  }

  #opened(address: RelayAddress, relay: Relay, client: MailboxClient): void {
    const { queue, changed } = this.#ports;
    relay.client = client;
    relay.state = 'connected';
    relay.failures = 0;
    relay.stop = () => undefined;
    client.onclose = () =>
      void queue.run(() => {
        if (relay.client !== client) return;
        relay.client = undefined;
        this.#failed(address, relay);
      });
    client.onday = () => void queue.run(() => changed(address));
    changed(address);
  }

  #failed(address: RelayAddress, relay: Relay): void {
    const { queue, clock, changed } = this.#ports;
    relay.state = 'unreachable';
    relay.failures++;
    const delay = Math.min(FIRST_RETRY * 2 ** (relay.failures - 1), LAST_RETRY) as Millis;
    relay.stop = clock.after(
      delay,
      () =>
        void queue.run(() => {
          if (this.#relays.get(address) === relay) this.#connect(address);
        }),
    );
    changed(address);
  }
}
