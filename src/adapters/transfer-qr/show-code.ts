// Draws a text as a QR code: one SVG path, a unit square for each dark module.

import { encodeQR } from 'qr';

export interface QrDrawing {
  /** Side of the square drawing, quiet border included, in modules. */
  readonly side: number;
  readonly path: string;
}

/** Light modules around the code that readers need to find it. */
const BORDER = 4;

export function qrPath(text: string): QrDrawing {
  const rows = encodeQR(text, 'raw', { ecc: 'low', border: BORDER });
  const path = rows.flatMap((row, y) => runs(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`)).join('');
  return { side: rows.length, path };
}

/** Start and length of each run of dark modules. */
function runs(row: readonly boolean[]): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  row.forEach((dark, x) => {
    const last = found.at(-1);
    if (!dark) return;
    if (last !== undefined && last[0] + last[1] === x) last[1] += 1;
    else found.push([x, 1]);
  });
  return found;
}
