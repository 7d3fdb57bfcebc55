// When long work in small steps should let the page draw and answer hands.

/** A quarter of what a person notices as a hitch: one more step, and what the browser sweeps up, fit into the rest. */
const LONG_MS = 12;

/**
 * Call it after each step: it gives a promise to wait for when steps have gone on for long without a break, and nothing
 * otherwise.
 */
export function breather(): () => Promise<void> | undefined {
  const channel = new MessageChannel();
  let since = 0;
  /** A message is on its way to itself; it arrives when the page has had its turn. */
  let isPosted = false;
  const waiting: (() => void)[] = [];
  channel.port1.onmessage = () => {
    isPosted = false;
    for (const go of waiting.splice(0)) go();
  };
  return () => {
    if (isPosted)
      return performance.now() - since < LONG_MS ? undefined : new Promise((resolve) => waiting.push(resolve));
    isPosted = true;
    since = performance.now();
    channel.port2.postMessage(undefined);
    return undefined;
  };
}
