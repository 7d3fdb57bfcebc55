// Locks the vault after a time without a touch. Asks the clock instead of trusting one long timer, because a laptop
// that slept must find itself locked when it wakes.

const LOOK_EVERY_MS = 5_000;
const TOUCHES = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

/** Returns what stops it. `minutes` 0 means never. */
export function lockWhenIdle(minutes: number, lock: () => void, now = () => Date.now()): () => void {
  if (minutes <= 0) return () => undefined;
  let touched = now();
  const touch = (): void => void (touched = now());
  const look = (): void => {
    if (now() - touched < minutes * 60_000) return;
    stop();
    lock();
  };
  const stop = (): void => {
    clearInterval(timer);
    for (const name of TOUCHES) removeEventListener(name, touch, { capture: true });
    document.removeEventListener('visibilitychange', look);
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  for (const name of TOUCHES) addEventListener(name, touch, { capture: true, passive: true });
  document.addEventListener('visibilitychange', look);
  return stop;
}
