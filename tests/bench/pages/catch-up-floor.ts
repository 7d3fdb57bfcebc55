// What cannot be left out of catching up ten thousand messages at the end that gets them, with the app's own primitives and
// nothing around them: how far ours is from that says what is still to be had. Without the road: a bare data channel that is
// given all of it at once takes longer than ours does altogether.
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import { hash } from '#core/crypto/hash.ts';
import { hashSooner } from '#core/crypto/quick-hash.ts';
import type { AeadKey, Seed, Signature } from '#core/crypto/suite.ts';
import { openDisk, timed } from './floor-parts.ts';

/** As they are in metric 3: about as long, in runs, frames, rows and commits of about as many. */
const HEADER_BYTES = 360;
const BODY_BYTES = 56;
const SALT_BYTES = 32;
/** Of most headers only what another one in the row does not say. */
const AT_REST_BYTES = 205;
/** Of a header only what the one before does not tell: mostly whom it cites. */
const ON_ROAD_BYTES = 174;
const IN_RUN = 35;
const IN_FRAME = 245;
const IN_ROW = 220;
const IN_COMMIT = 1_300;

export interface FloorParts {
  readonly open: number;
  readonly hashes: number;
  readonly signatures: number;
  readonly seal: number;
  readonly commits: number;
}

const suite = makeProductionSuite();
const seed = new Uint8Array(32).fill(1) as Seed;
const key = new Uint8Array(32).fill(2) as AeadKey;

const page = {
  /** Milliseconds of each part, one after the other; nothing of it is warm. */
  async floor(messages: number): Promise<FloorParts> {
    const nonce = new Uint8Array(24);
    const none = new Uint8Array(0);
    const frame = suite.seal(key, nonce, new Uint8Array(IN_FRAME * ON_ROAD_BYTES), none);
    const header = new Uint8Array(HEADER_BYTES);
    const [salt, body] = [new Uint8Array(SALT_BYTES), new Uint8Array(BODY_BYTES)];
    const device = await suite.signingKeyOf(seed);
    const signature: Signature = await suite.sign('header', header, seed);
    const rowKey = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt']);
    const rows = Array.from({ length: Math.ceil(messages / IN_ROW) }, () => new Uint8Array(IN_ROW * AT_REST_BYTES));
    const store = await openDisk();
    // As in the app, before there is anything to hash.
    await hashSooner();
    const open = await timed(() => {
      for (let i = 0; i < messages; i += IN_FRAME) suite.open(key, nonce, frame, none);
    });
    const hashes = await timed(() => {
      for (let i = 0; i < messages; i++) {
        hash('header', header);
        hash('body', salt, body);
      }
    });
    const signatures = await timed(async () => {
      for (let i = 0; i < messages; i += IN_RUN) await suite.verify('header', header, signature, device);
    });
    const seal = await timed(async () => {
      const sealing = rows.map((row) => crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce.slice(12) }, rowKey, row));
      await Promise.all(sealing);
    });
    const commits = await timed(async () => {
      const inCommit = Math.ceil(IN_COMMIT / IN_ROW);
      for (let i = 0; i < rows.length; i += inCommit) await store(rows.slice(i, i + inCommit));
    });
    return { open, hashes, signatures, seal, commits };
  },
};

export type FloorPage = typeof page;

Object.assign(globalThis, { page });
