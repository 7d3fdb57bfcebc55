// Cuts what no bucket holds into pieces that each fit one, and joins them again, whatever arrives in whatever order
// (SPEC.md §4). Pieces travel inside the seal: only members can make them, and only so many are kept.

import { concat, hex, type Bytes } from '../bytes/bytes.ts';
import { WireError } from './wire-error.ts';

/** One piece: version ‖ id of the whole (32) ‖ index (u16) ‖ count (u16) ‖ bytes. */
export interface Fragment {
  /** Hash of the whole, given by the caller; the joiner checks it, so that foreign pieces cannot be mixed in. */
  readonly whole: Bytes;
  readonly index: number;
  readonly count: number;
  readonly piece: Bytes;
}

// No CBOR array or map begins with this byte, so that a reader can tell a piece from a whole parcel.
const VERSION = 1;
const WHOLE_BYTES = 32;
const FRAGMENT_HEAD_BYTES = 1 + WHOLE_BYTES + 4;
/** 64 pieces of the largest bucket: 8 MiB, a long document's first whole state. */
export const MAX_FRAGMENTS = 64;
const MAX_PIECE_BYTES = 131_072;
/** Unfinished wholes kept at a time, and their bytes in all: what a hostile contact can make us hold. */
export const MAX_OPEN_WHOLES = 8;
export const MAX_OPEN_BYTES = 16 * 1_048_576;

/** Pieces of at most `pieceBytes`, each ready to be padded and sealed. Throws `WireError` for what is too large. */
export function cut(whole: Uint8Array, id: Bytes, pieceBytes: number): Fragment[] {
  const count = Math.max(1, Math.ceil(whole.length / pieceBytes));
  if (count > MAX_FRAGMENTS) throw new WireError('too-long', 'fragment');
  return Array.from({ length: count }, (_, index) => ({
    whole: id,
    index,
    count,
    piece: whole.slice(index * pieceBytes, (index + 1) * pieceBytes) as Bytes,
  }));
}

export function encodeFragment(fragment: Fragment): Bytes {
  const head = new Uint8Array(FRAGMENT_HEAD_BYTES);
  head[0] = VERSION;
  head.set(fragment.whole, 1);
  const view = new DataView(head.buffer);
  view.setUint16(1 + WHOLE_BYTES, fragment.index);
  view.setUint16(3 + WHOLE_BYTES, fragment.count);
  return concat(head, fragment.piece);
}

/** Throws `WireError`. */
export function decodeFragment(bytes: Uint8Array): Fragment {
  if (bytes.length > FRAGMENT_HEAD_BYTES + MAX_PIECE_BYTES) throw new WireError('too-long', 'fragment');
  if (bytes.length === 0) throw new WireError('truncated', 'fragment');
  if (bytes[0] !== VERSION) throw new WireError('unknown-version', 'fragment');
  if (bytes.length < FRAGMENT_HEAD_BYTES) throw new WireError('truncated', 'fragment');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const index = view.getUint16(1 + WHOLE_BYTES);
  const count = view.getUint16(3 + WHOLE_BYTES);
  if (count > MAX_FRAGMENTS) throw new WireError('too-many', 'fragment');
  if (index >= count) throw new WireError('bad-field', 'fragment');
  return {
    whole: bytes.slice(1, 1 + WHOLE_BYTES) as Bytes,
    index,
    count,
    piece: bytes.slice(FRAGMENT_HEAD_BYTES) as Bytes,
  };
}

/** Whether bytes from inside a seal are a piece rather than a whole parcel. */
export function isFragment(bytes: Uint8Array): boolean {
  return bytes[0] === VERSION;
}

interface OpenWhole {
  readonly pieces: (Bytes | undefined)[];
  missing: number;
  bytes: number;
}

/** Collects pieces of one sender. Holds a bounded amount; the whole begun longest ago goes first. */
export class FragmentJoiner {
  readonly #idOf: (whole: Bytes) => Uint8Array;
  readonly #open = new Map<string, OpenWhole>();
  #bytes = 0;

  /** `idOf` computes what `cut` was given as id. */
  constructor(idOf: (whole: Bytes) => Uint8Array) {
    this.#idOf = idOf;
  }

  /** Bytes held for wholes that are not complete. */
  get heldBytes(): number {
    return this.#bytes;
  }

  /** The whole, once its last piece is there; `undefined` before, for repeats, and for wholes that prove false. */
  add(fragment: Fragment): Bytes | undefined {
    const name = hex.encode(fragment.whole);
    let open = this.#open.get(name);
    if (open === undefined || open.pieces.length !== fragment.count) {
      this.#drop(name); // two counts for one hash: one of them lies, and the honest one is sent again
      open = {
        pieces: new Array<Bytes | undefined>(fragment.count).fill(undefined),
        missing: fragment.count,
        bytes: 0,
      };
      this.#open.set(name, open);
    }
    if (open.pieces[fragment.index] !== undefined) return undefined;
    open.pieces[fragment.index] = fragment.piece;
    open.missing--;
    open.bytes += fragment.piece.length;
    this.#bytes += fragment.piece.length;
    if (open.missing === 0) return this.#finish(name, open);
    this.#makeRoom();
    return undefined;
  }

  #finish(name: string, open: OpenWhole): Bytes | undefined {
    this.#drop(name);
    const whole = concat(...(open.pieces as Bytes[]));
    return hex.encode(this.#idOf(whole)) === name ? whole : undefined;
  }

  #makeRoom(): void {
    for (const name of this.#open.keys()) {
      if (this.#open.size <= MAX_OPEN_WHOLES && this.#bytes <= MAX_OPEN_BYTES) return;
      this.#drop(name);
    }
  }

  #drop(name: string): void {
    this.#bytes -= this.#open.get(name)?.bytes ?? 0;
    this.#open.delete(name);
  }
}
