// Keeps the app on this device, and knows when a new version is ready. It never takes over by itself: the person
// presses a button, the vault is put away in order, and the page opens again in the new version.

import { Workbox } from 'workbox-window';

interface ScriptPolicy {
  createScriptURL(url: string): string;
}
interface PolicyFactory {
  createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy;
}

/** The only script address this policy lets through is our own service worker. */
function workerAddress(): string {
  const address = new URL('service-worker.js', location.href.split('#')[0]).href;
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  const policy = factory?.createPolicy('understory-service-worker', { createScriptURL: (url) => url });
  return policy?.createScriptURL(address) ?? address;
}

export class Release {
  isReady = $state(false);
  #workbox: Workbox | undefined;

  /** Called once the first screen stands, so that taking the app in does not slow it down. */
  async keep(): Promise<void> {
    if (!('serviceWorker' in navigator)) return;
    const workbox = new Workbox(workerAddress(), { updateViaCache: 'none' });
    workbox.addEventListener('waiting', () => (this.isReady = true));
    this.#workbox = workbox;
    try {
      await workbox.register({ immediate: true });
    } catch {
      // Some private windows refuse; the app then needs the network to open, and works otherwise.
    }
  }

  /** Looks for a new version; only when the person opens the settings, never on a timer. */
  async look(): Promise<void> {
    try {
      await this.#workbox?.update();
    } catch {
      // Offline: the version at hand stays.
    }
  }

  use(): void {
    this.#workbox?.addEventListener('controlling', () => location.reload());
    this.#workbox?.messageSkipWaiting();
  }
}

export const release = new Release();
