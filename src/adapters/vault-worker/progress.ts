// Progress of work that cannot say how far it is: by the clock, from how long it took the last time.

const TICK_MS = 50;
/** Until the first run has told better: an old phone. */
let expectedMs = 1_200;

/** Calls `progress` with 0 at first, with less than 1 while it lasts, and with 1 when the work has succeeded. */
export async function estimated<T>(progress: ((done: number) => void) | undefined, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  progress?.(0);
  const ticking = setInterval(() => {
    // Slower and slower towards the end, never back: a bar that waits at the end looks broken.
    progress?.(1 - Math.exp((-2 * (performance.now() - start)) / expectedMs));
  }, TICK_MS);
  try {
    const result = await work();
    expectedMs = performance.now() - start;
    progress?.(1);
    return result;
  } finally {
    clearInterval(ticking);
  }
}
