// A Worker that gets one order, gives one answer and is ended, so that no key stays in a memory of its own.

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

let policy: { createScriptURL(url: string): string } | undefined;

/** Under Trusted Types a Worker's address must come from a named policy; this one lets our own files through. */
function trusted(address: string): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (types === undefined) return address;
  policy ??= types.createPolicy('understory-worker', {
    createScriptURL(url) {
      if (new URL(url, location.href).origin !== location.origin) throw new TypeError('foreign worker');
      return url;
    },
  });
  return policy.createScriptURL(address);
}

/** Rejects when the Worker cannot be loaded or ends without an answer. */
export function askWorker<Order, News>(address: string, order: Order): Promise<News> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(trusted(address), { type: 'module' });
    const end = (settle: () => void): void => {
      worker.terminate();
      settle();
    };
    worker.onmessage = ({ data }: MessageEvent<News>) => end(() => resolve(data));
    worker.onerror = () => end(() => reject(new Error('worker failed')));
    worker.onmessageerror = () => end(() => reject(new Error('worker answer unreadable')));
    worker.postMessage(order);
  });
}
