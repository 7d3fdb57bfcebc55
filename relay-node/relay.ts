// Puts the parts of a relay node together, in the order in which they need each other, and takes them apart again.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Custodian } from '#core/mailbox/custodian.ts';
import { webAddresses } from './addresses.ts';
import type { RelayConfig } from './config.ts';
import { loadOrMakeCertificate, loadOrMakeSeed, openDataFolder } from './identity.ts';
import { SqliteMailStore } from './mail-store/sqlite-mail-store.ts';
import { startNetwork, type RelayNetwork } from './network/node.ts';
import { startStun, type Stun } from './stun.ts';
import { Counters, systemClock, systemRandom } from './system-ports.ts';
import { makeTopicCrypto } from './topic-crypto.ts';
import { makeServe, type RelayJson } from './web/serve.ts';

export interface Relay {
  /** The web addresses people open, the best one first. */
  readonly addresses: readonly string[];
  readonly appFiles: number;
  readonly wasStoreSetAside: boolean;
  readonly json: RelayJson;
  /** Numbers for the log: what is kept, how many are connected, what happened. */
  counts(): Promise<string>;
  /** Re-hashes the store; says how many envelopes were set aside. */
  scrub(): Promise<number>;
  close(): Promise<void>;
}

export async function startRelay(config: RelayConfig): Promise<Relay> {
  const folder = openDataFolder(config.dataFolder);
  const seed = loadOrMakeSeed(folder);
  const certificate = config.webrtcDirectPort === undefined ? undefined : loadOrMakeCertificate(folder);
  const tls = readTls(config);
  const counters = new Counters();
  const store = await SqliteMailStore.open(path.join(folder, 'mail.sqlite'));
  const custodian = await openCustodian(config, seed, { store, counters });
  let network: RelayNetwork | undefined;
  let stun: Stun | undefined;
  const json = (): RelayJson => ({
    peer: network?.peer ?? '',
    ...(stun === undefined ? {} : { stun: stun.port }),
    ...(certificate === undefined || network?.directPort === undefined
      ? {}
      : { webrtcDirect: { port: network.directPort, certhash: certificate.certhash } }),
  });
  const health = () => (network === undefined ? 'starting' : store.fault === undefined ? 'ok' : `store-${store.fault}`);
  const { serve, appFiles } = makeServe({
    appFolder: config.appFolder,
    relay: json,
    health: health as () => 'ok' | 'starting' | 'store-full' | 'store-broken',
  });
  const close = async (): Promise<void> => {
    custodian.close();
    await Promise.all([network?.close(), stun?.close()]);
    await store.close();
  };
  try {
    // STUN first: whoever reads /relay.json finds everything running.
    if (config.stunPort !== undefined) stun = await startStun({ host: config.host, port: config.stunPort });
    network = await startNetwork({ config, seed, custodian, serve, tls, certificate });
  } catch (fault) {
    await close();
    throw fault;
  }
  const { port, connections } = network;
  return {
    addresses: webAddresses(config, port),
    appFiles,
    wasStoreSetAside: store.wasSetAside,
    json: json(),
    scrub: () => store.scrub(),
    counts: async () => {
      const { envelopes, bytes } = await store.usage();
      const happened = counters.toString();
      return `${connections()} connected, ${envelopes} envelopes kept (${Math.ceil(bytes / 1024)} KiB)${happened === '' ? '' : `; ${happened}`}`;
    },
    close,
  };
}

function openCustodian(
  config: RelayConfig,
  seed: Parameters<typeof Custodian.open>[1],
  parts: { store: SqliteMailStore; counters: Counters },
): Promise<Custodian> {
  const ports = {
    store: parts.store,
    clock: systemClock,
    random: systemRandom,
    suite: makeTopicCrypto(),
    logger: parts.counters,
  };
  return Custodian.open(ports, seed, {
    topicBytes: config.topicBytes,
    topicEnvelopes: config.topicEnvelopes,
    totalBytes: config.storeBytes,
    requestsPerSecond: config.requestsPerSecond,
    depositBytesPerSecond: config.depositBytesPerSecond,
  });
}

function readTls({ tls }: RelayConfig): { cert: string; key: string } | undefined {
  if (tls === undefined) return undefined;
  return { cert: readFileSync(tls.certFile, 'utf8'), key: readFileSync(tls.keyFile, 'utf8') };
}
