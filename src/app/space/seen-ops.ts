// When each op of a group was first seen here, by this device's clock: ops carry no times, since no rule may rest on a
// clock. For the history that people read.

import { concat, hex, type Bytes } from '#core/bytes/bytes.ts';
import type { OpId, SpaceId } from '#core/charter/ids.ts';
import type { Millis, Rows } from '#core/ports.ts';
import type { Disk } from '../disk.ts';

const ID_BYTES = 32;
const TIME_DIGITS = 15;

export class SeenOps {
  readonly #space: SpaceId;
  readonly #times = new Map<OpId, Millis>();

  constructor(space: SpaceId) {
    this.#space = space;
  }

  at(op: OpId): Millis | undefined {
    return this.#times.get(op);
  }

  /** Ops that came together share a row. */
  note(ops: readonly OpId[], now: Millis, disk: Disk): void {
    const fresh = ops.filter((op) => !this.#times.has(op));
    if (fresh.length === 0) return;
    for (const op of fresh) this.#times.set(op, now);
    const row = `${String(Math.max(0, now)).padStart(TIME_DIGITS, '0')}-${fresh[0]!}`;
    disk.put(seenCollection(this.#space), row, concat(...fresh.map((op) => hex.decode(op)!)));
  }

  async load(rows: Rows): Promise<void> {
    for (const { id, value } of await rows.list(seenCollection(this.#space))) {
      const at = Number(id.slice(0, TIME_DIGITS)) as Millis;
      if (!Number.isSafeInteger(at) || value.length % ID_BYTES !== 0) continue;
      for (const op of opsIn(value)) if (!this.#times.has(op)) this.#times.set(op, at);
    }
  }
}

export function seenCollection(space: SpaceId): string {
  return `seen:${space}`;
}

function opsIn(bytes: Bytes): readonly OpId[] {
  const ops: OpId[] = [];
  for (let at = 0; at < bytes.length; at += ID_BYTES) ops.push(hex.encode(bytes.subarray(at, at + ID_BYTES)) as OpId);
  return ops;
}
