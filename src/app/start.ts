// The one place where a browser's parts are put together. What the first screen needs is imported at once; the
// session, its cryptography, documents and the network follow when a vault is opened.

import { systemClock } from '#adapters/platform/system-clock.ts';
import { breather } from '#adapters/platform/breather.ts';
import { systemRandom } from '#adapters/platform/system-random.ts';
import type { Network } from '#core/ports.ts';
import type { Device } from './api.ts';
import { browserParts } from './device/browser-parts.ts';
import { VaultDevice } from './device/vault-device.ts';
import { originRelays } from './traffic/origin-relay.ts';

/** How long the network waits for a moment in which nothing else is to do. */
const IDLE_WITHIN_MS = 500;

/** Off: what a person's app does is nobody's statistic. */
const silent = { count: () => undefined };

/** The device of this browser, once it has looked at what is there. Call it once. */
export function startDevice(): Promise<Device> {
  return VaultDevice.start({
    ...browserParts(),
    prepareSession: () => void sessionCode().catch(() => undefined),
    openSession: async (vault) => {
      // The look-up of our relay node runs while the code for the session arrives.
      const [relays, [session, suite, documents, sealed, rooms]] = await Promise.all([
        originRelays(vault.rows),
        sessionCode(),
      ]);
      let isOpen: () => void;
      const opened = new Promise<void>((resolve) => (isOpen = resolve));
      const open = session.openSession({
        ...vault,
        clock: systemClock,
        random: systemRandom,
        suite: suite.makeProductionSuite(),
        logger: silent,
        breathe: breather(),
        network: opened.then(networkSoon),
        relays,
        documents: (host) => documents.openDocuments(host, { store: sealed.openSealedDocument }),
        rooms: rooms.sessionRooms,
      });
      void open.then(() => isOpen()).catch(() => undefined);
      return open;
    },
    importBackup: async (state, rows) => {
      const { importFromBackup } = await import('./backup-state.ts');
      return importFromBackup(state, { rows });
    },
  });
}

function sessionCode() {
  return Promise.all([
    import('./session.ts'),
    import('#core/crypto/production-suite.ts'),
    import('./documents/documents.ts'),
    import('./device/sealed-document.ts'),
    import('./session-rooms.ts'),
  ]);
}

/** libp2p after the screen has shown what is on disk: it is the largest part, and nothing there waits for it. */
async function networkSoon(): Promise<Network> {
  await new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  await new Promise<void>((resolve) => {
    // Where a person goes at once after unlocking is shown before. Safari has no word for idleness.
    if (typeof requestIdleCallback === 'function') requestIdleCallback(() => resolve(), { timeout: IDLE_WITHIN_MS });
    else setTimeout(resolve);
  });
  const [{ createNetwork }, { hashSooner }] = await Promise.all([
    import('#adapters/network-libp2p/network.ts'),
    import('#core/crypto/quick-hash.ts'),
  ]);
  // Much to hash comes from the network only. Without WebAssembly it takes longer, and that is all.
  await hashSooner().catch(() => undefined);
  return createNetwork();
}
