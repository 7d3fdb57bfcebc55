// CRC-32 (IEEE 802.3, reflected), so that a frame damaged on the way counts as lost. No defence against intent: links
// are encrypted, envelopes signed and sealed.

const POLYNOMIAL = 0xedb88320;

/**
 * Four tables, so that four bytes are taken at a time ("slicing by 4"): every answer to a fetch is 32 KiB long, however
 * little it says, and both ends go over all of it.
 */
const [T0, T1, T2, T3] = makeTables();

function makeTables(): readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array] {
  const tables = [0, 1, 2, 3].map(() => new Uint32Array(256)) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[0][byte] = crc;
  }
  for (let byte = 0; byte < 256; byte++) {
    for (let i = 1; i < 4; i++) {
      const last = tables[i - 1]![byte]!;
      tables[i]![byte] = tables[0][last & 0xff]! ^ (last >>> 8);
    }
  }
  return tables;
}

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  const whole = bytes.length - (bytes.length % 4);
  for (let i = 0; i < whole; i += 4) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc = T3[crc & 0xff]! ^ T2[(crc >>> 8) & 0xff]! ^ T1[(crc >>> 16) & 0xff]! ^ T0[crc >>> 24]!;
  }
  for (let i = whole; i < bytes.length; i++) crc = T0[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
