// Gives the focus to what is only just being drawn: a line of a long list takes none before it has been measured.

/** Half a second of frames; after that somebody has gone on elsewhere. */
const MOST_FRAMES = 30;

export function focusSoon(find: () => HTMLElement | null | undefined, frames = MOST_FRAMES): void {
  requestAnimationFrame(() => {
    const found = find();
    found?.focus({ preventScroll: true });
    if (frames > 0 && (!found || document.activeElement !== found)) focusSoon(find, frames - 1);
  });
}
