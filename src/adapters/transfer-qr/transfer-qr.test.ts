// A drawn code can be read again: the link of a card, at the size a screen shows it.
import { decodeQR } from 'qr/decode.js';
import { describe, expect, it } from 'vitest';
import { qrPath } from './show-code.ts';

/** Paints the path as a camera would see it: `scale` pixels for each module. */
function painted(text: string, scale: number) {
  const { side, path } = qrPath(text);
  const width = side * scale;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row += 1) {
      for (let column = Number(x) * scale; column < (Number(x) + Number(length)) * scale; column += 1) {
        data.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3);
      }
    }
  }
  return { width, height: width, data };
}

describe('a QR code', () => {
  it('is read again as the link it was drawn from', () => {
    const link = `https://understory.example:8443/#/card/${'dXMxAbC-_9'.repeat(45)}`;
    expect(decodeQR(painted(link, 4))).toBe(link);
  });

  it('has a quiet border on all sides', () => {
    const { side, path } = qrPath('x');
    for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
      expect(Number(x)).toBeGreaterThanOrEqual(4);
      expect(Number(y)).toBeGreaterThanOrEqual(4);
      expect(Number(x) + Number(length)).toBeLessThanOrEqual(side - 4);
    }
  });
});
