// The ops of one space on disk: what came lately in a row for each, what is older in rows of many, since opening and
// reading a row costs as much as what a few ops hold.
//
// Invariants
// 1. An op that was put is in a row at every moment: rows of one op each go in the commit that brings the row of many.
// 2. A row of many is written once, under a name of its own, and never changed: what is damaged costs only itself.
// 3. Rows of one op are read wherever they are found, as apps wrote them before there were others.

import { concat, hex, type Bytes } from '#core/bytes/bytes.ts';
import { spellIdAt } from '#core/bytes/known-ids.ts';
import type { OpId, SpaceId } from '#core/charter/ids.ts';
import { encodeSignedOp, type VerifiedOp } from '#core/charter/op.ts';
import { readStoredOp } from '#core/charter/verify-op.ts';
import type { Row, Rows } from '#core/ports.ts';
import { ItemReader } from '#core/wire/item-reader.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { Disk } from '../disk.ts';
import { inSteps, type Breather } from '../event-queue.ts';
import { Salvage } from '../salvage.ts';

/** Below what makes browsers move a value out of their database. */
const RUN_BYTES = 48_000;
const RUN_OPS = 256;
/** One that takes so much has a row of its own for good: little would be gained. */
const LARGE_BYTES = 16_000;
/** Single rows that go at a time: a log that an older app wrote is gathered bit by bit. */
const GATHERED_AT_ONCE = 1_024;

const ID_BYTES = 32;
const LENGTH_BYTES = 4;
/** Comes after all ids; then a number and the id of the first op. */
const RUN_MARK = 'r';
const NUMBER_DIGITS = 9;

interface Single {
  readonly op: VerifiedOp;
  readonly size: number;
  /** It has a row. */
  readonly isStored: boolean;
}

export class OpRows {
  readonly #collection: string;
  /** Not in a row of many yet, oldest first. */
  readonly #singles = new Map<OpId, Single>();
  #runs = 0;

  constructor(space: SpaceId) {
    this.#collection = opCollection(space);
  }

  /** Part of an event, which the disk takes whole or not at all. */
  put(ops: readonly VerifiedOp[], disk: Disk): void {
    for (const op of ops) {
      const size = sizeOf(op);
      if (size > LARGE_BYTES) disk.put(this.#collection, op.id, encodeSignedOp(op));
      else if (!this.#singles.has(op.id)) this.#singles.set(op.id, { op, size, isStored: false });
    }
    this.gather(disk);
    for (const [id, single] of this.#singles) {
      if (single.isStored) continue;
      this.#singles.set(id, { ...single, isStored: true });
      disk.add(this.#collection, id, encodeSignedOp(single.op));
    }
  }

  /** Writes rows of many while there is enough for one. Part of an event. */
  gather(disk: Disk): void {
    let left = GATHERED_AT_ONCE;
    for (let run = this.#nextRun(); run !== undefined && left > 0; run = this.#nextRun()) {
      const ops = run.map(({ op }) => op);
      const name = `${RUN_MARK}${String(this.#runs++).padStart(NUMBER_DIGITS, '0')}-${ops[0]!.id}`;
      disk.add(this.#collection, name, () => encodeRun(ops));
      for (const { op, isStored } of run) {
        this.#singles.delete(op.id);
        if (!isStored) continue;
        left--;
        disk.put(this.#collection, op.id, null);
      }
    }
  }

  /** The oldest, as many as fill a row; `undefined` while there are fewer. */
  #nextRun(): readonly Single[] | undefined {
    const run: Single[] = [];
    let bytes = 0;
    for (const single of this.#singles.values()) {
      bytes += single.size;
      if (bytes > RUN_BYTES || run.length === RUN_OPS) return run;
      run.push(single);
    }
    return undefined;
  }

  /**
   * Takes in what is on disk, reading rows that are opened already while others are being opened. What cannot be read is left
   * out, and its rows are counted.
   */
  async load(
    rows: Rows,
    breathe?: Breather,
  ): Promise<{ readonly ops: readonly VerifiedOp[]; readonly damaged: number }> {
    const salvage = new Salvage();
    const read = new Map<string, VerifiedOp[]>();
    const readIn = (row: Row): VerifiedOp[] => {
      const ops: VerifiedOp[] = [];
      read.set(row.id, ops);
      salvage.safely(() => readRow(row, ops));
      return ops;
    };
    const listed = await rows.list(this.#collection, (some) => some.forEach(readIn));
    const all: VerifiedOp[] = [];
    // In the order in which they were gathered, so that parents come first; what came lately is last.
    await inSteps([...listed.filter(isRun), ...listed.filter((row) => !isRun(row))], breathe, (row) => {
      for (const op of read.get(row.id) ?? readIn(row)) {
        all.push(op);
        const size = sizeOf(op);
        if (!isRun(row) && size <= LARGE_BYTES) this.#singles.set(op.id, { op, size, isStored: true });
      }
      if (isRun(row)) this.#runs = Math.max(this.#runs, 1 + runNumber(row));
    });
    return { ops: all, damaged: salvage.damaged };
  }
}

function readRow(row: Row, into: VerifiedOp[]): void {
  if (isRun(row)) readRun(row.value, (op) => into.push(op));
  else into.push(readStoredOp(new ItemReader(row.value, 'signed op'), row.id as OpId));
}

export function opCollection(space: SpaceId): string {
  return `op:${space}`;
}

function isRun({ id }: Row): boolean {
  return id.startsWith(RUN_MARK);
}

function runNumber({ id }: Row): number {
  return Number(id.slice(RUN_MARK.length, RUN_MARK.length + NUMBER_DIGITS));
}

function sizeOf({ bytes, signature }: VerifiedOp): number {
  return ID_BYTES + LENGTH_BYTES + bytes.length + signature.length;
}

/** Of each op its id, the length of what follows, and the signed op. */
function encodeRun(ops: readonly VerifiedOp[]): Bytes {
  return concat(
    ...ops.flatMap((op) => {
      const encoded = encodeSignedOp(op);
      const length = new Uint8Array(LENGTH_BYTES);
      new DataView(length.buffer).setUint32(0, encoded.length);
      return [hex.decode(op.id)!, length, encoded];
    }),
  );
}

/** What comes before a fault is taken. Throws `WireError`. The ops are parts of `bytes`, which must not change any more. */
function readRun(bytes: Bytes, take: (op: VerifiedOp) => void): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = ID_BYTES + LENGTH_BYTES;
  for (let at = 0; at < bytes.length;) {
    if (at + head > bytes.length) throw new WireError('truncated', 'ops');
    const [from, to] = [at + head, at + head + view.getUint32(at + ID_BYTES)];
    if (to > bytes.length) throw new WireError('truncated', 'ops');
    // Spelled so that the next ops, which name it, have the same text.
    const id = spellIdAt(bytes, at, at + ID_BYTES) as OpId;
    take(readStoredOp(ItemReader.within(bytes, { from, to }, 'signed op'), id));
    at = to;
  }
}
