// A group's long log in a real browser: its ops in rows sealed in IndexedDB as the vault seals them, read in pages that were
// loaded anew, and placed with all signatures in slices as for whoever comes new.
import { breather } from '#adapters/platform/breather.ts';
import { systemRandom } from '#adapters/platform/system-random.ts';
import { IndexedDbDisk } from '#adapters/storage-indexeddb/indexeddb-disk.ts';
import { utf8, type Bytes } from '#core/bytes/bytes.ts';
import { emptyCharter } from '#core/charter/charter.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import { decodeSignedOp, encodeSignedOp, type VerifiedOp } from '#core/charter/op.ts';
import { placeLog, placeSliced, type Slicing } from '#core/charter/place-sliced.ts';
import { verifyOp } from '#core/charter/verify-op.ts';
import { viewOf } from '#core/charter/view.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import type { Clock, Millis } from '#core/ports.ts';
import { SealedRows } from '#core/vault/sealed-rows.ts';
import type { StorageKey } from '#core/vault/slots.ts';
import { Disk } from '#app/disk.ts';
import { EventQueue } from '#app/event-queue.ts';
import { opCollection, OpRows } from '#app/space/op-rows.ts';
import { unpacked } from '../packed.ts';

const KEY = utf8('the key of this bench and no vault') as StorageKey;
/** As many as an answer of another device holds. */
const AT_ONCE = 256;
const SLICE_MS = 16;

/** How the rows came to be: one by one as an older app wrote them, or as they are gathered now. */
export type Form = 'single' | 'gathered';

const clock: Clock = { now: () => 0 as Millis, after: () => () => undefined };

async function sealedRows(form: Form): Promise<SealedRows> {
  return SealedRows.open(await IndexedDbDisk.open({ name: `bench-ops-${form}` }), KEY, systemRandom);
}

async function fetched(): Promise<Bytes[]> {
  return unpacked(new Uint8Array(await (await fetch('./ops.bin')).arrayBuffer())) as Bytes[];
}

/** Slices of half of what a person notices, each ended by a message to itself. */
function slices(): Pick<Slicing<Bytes>, 'breathe' | 'hasTime'> {
  const channel = new MessageChannel();
  let since = performance.now();
  let go = (): void => undefined;
  channel.port1.onmessage = () => {
    since = performance.now();
    go();
  };
  return {
    hasTime: () => performance.now() - since < SLICE_MS,
    breathe: () => {
      const turn = new Promise<void>((resolve) => (go = resolve));
      channel.port2.postMessage(undefined);
      return turn;
    },
  };
}

const page = {
  /** Puts the ops on the disk, as they come from others. */
  async fill(form: Form): Promise<number> {
    const ops = (await fetched()).map((bytes) => decodeSignedOp(bytes) as VerifiedOp);
    const space = ops[0]!.id as string as SpaceId;
    const [rows, queue, kept] = [await sealedRows(form), new EventQueue(), new OpRows(space)];
    const disk = new Disk({ rows, clock, queue, changed: () => undefined });
    for (let at = 0; at < ops.length; at += AT_ONCE) {
      const some = ops.slice(at, at + AT_ONCE);
      if (form === 'gathered') await queue.run(() => kept.put(some, disk));
      else await queue.run(() => some.forEach((op) => disk.put(opCollection(space), op.id, encodeSignedOp(op))));
    }
    await disk.flush();
    return (await rows.list(opCollection(space))).length;
  },
  /** From the disk, in a page that has held nothing of it: opening rows and reading them, placing, the view. */
  async load(form: Form, space: string) {
    const rows = await sealedRows(form);
    const times = [performance.now()];
    const next = () => times.push(performance.now());
    const breathe = breather();
    const { ops } = await new OpRows(space as SpaceId).load(rows, breathe);
    next();
    const empty = emptyCharter(space as SpaceId);
    const { charter } = await placeLog(empty, ops, breathe);
    next();
    const view = viewOf(charter)!;
    next();
    const [read, placed, viewed] = times.slice(1).map((time, i) => time - times[i]!);
    const whole = times.at(-1)! - times[0]!;
    return { whole, read, placed, viewed, ops: charter.ops.size, members: view.principals.length };
  },
  /** All ops at once, none verified yet. */
  async cold(space: string) {
    const [encoded, suite] = [await fetched(), makeProductionSuite()];
    const begun = performance.now();
    const { charter } = await placeSliced(emptyCharter(space as SpaceId), encoded, {
      read: (bytes) => verifyOp(decodeSignedOp(bytes), suite),
      ...slices(),
    });
    const view = viewOf(charter)!;
    return { took: performance.now() - begun, ops: charter.ops.size, members: view.principals.length };
  },
};

export type LongCharterPage = typeof page;

Object.assign(globalThis, { page });
