// Reads one space from its rows, a few milliseconds at a time: fifty thousand messages are not to hold up a page.

import { placeLog } from '#core/charter/place-sliced.ts';
import { decodeSignedRecord } from '#core/keys/device-record.ts';
import type { Rows } from '#core/ports.ts';
import { inSteps } from '../event-queue.ts';
import { Salvage } from '../salvage.ts';
import { loadAnchors } from './anchors.ts';
import { byScope } from './by-scope.ts';
import { decodeEntries, LogReading } from './log-rows.ts';
import { ChainNumbers, logCollection } from './log.ts';
import { readParkedRow } from './parked-row.ts';
import type { Replica } from './replica.ts';
import { keyCollection, ratchetCollection } from './space-keys.ts';

/** Links that chains take before the screen may draw: a few milliseconds. */
const AT_ONCE = 500;

/** Reads a space's rows. Damaged ones are left out and counted. */
export async function loadReplica(replica: Replica, rows: Rows): Promise<number> {
  const { space } = replica.identity;
  const salvage = new Salvage();
  const { breathe } = replica.context;
  // Messages are most of what there is: they are read as they come from the disk, and ops are placed meanwhile.
  const reading = new LogReading();
  const [damagedOps, records, keys, ratchets, segments, pending, parked, wraps, beside] = await Promise.all([
    loadCharter(replica, rows),
    rows.list(replica.collection('record')),
    rows.list(keyCollection(space)),
    rows.list(ratchetCollection(space)),
    rows.list(logCollection(space), (some) => reading.note(some)),
    rows.list(replica.collection('pending')),
    rows.list(replica.collection('parked')),
    rows.list(replica.collection('wrap')),
    loadBeside(replica, rows),
  ]);
  salvage.damaged += damagedOps;
  for (const row of records) {
    salvage.safely(() => {
      const signed = decodeSignedRecord(row.value);
      replica.records.set(signed.record.device, signed);
    });
  }
  for (const row of keys) salvage.safely(() => replica.keys.loadKeys([row]));
  for (const row of ratchets) salvage.safely(() => replica.keys.loadRatchets([row]));
  salvage.damaged += await replica.log.load(segments, breathe, reading);
  for (const row of pending) {
    salvage.safely(() => {
      for (const entry of decodeEntries(row.value)) replica.pending.set(entry.message.id, entry);
    });
  }
  for (const row of parked) {
    const { id, since } = readParkedRow(row.id);
    replica.parked.set(id, { bytes: row.value, since });
  }
  for (const row of wraps) replica.wraps.set(row.id, row.value);
  salvage.damaged += beside;
  await replay(replica);
  return salvage.damaged;
}

async function loadCharter(replica: Replica, rows: Rows): Promise<number> {
  const { breathe, disk } = replica.context;
  const { ops, damaged } = await replica.opRows.load(rows, breathe);
  replica.charter = (await placeLog(replica.charter, ops, breathe)).charter;
  replica.opRows.gather(disk);
  return damaged;
}

/** What does not depend on ops or messages; asked for together with them. */
async function loadBeside(replica: Replica, rows: Rows): Promise<number> {
  const isGroup = replica.identity.kind === 'group';
  const ofGroup = isGroup ? [replica.heard.load(rows), replica.seenOps.load(rows), loadAnchors(replica, rows)] : [];
  const [damaged] = await Promise.all([replica.peers.load(rows), replica.moving.load(rows), ...ofGroup]);
  return damaged;
}

/** Gives the chains all links that were stored, in the order in which they were. */
async function replay(replica: Replica): Promise<void> {
  const { breathe } = replica.context;
  const entries = [...replica.log.entries, ...replica.pending.values()];
  const parts = Array.from({ length: Math.ceil(entries.length / AT_ONCE) }, (_, i) =>
    entries.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
  );
  const numbers = new ChainNumbers();
  await inSteps(parts, breathe, (part) => {
    for (const [scope, messages] of byScope(part.map(({ message }) => message))) {
      replica.chainsOf(scope).add(messages, replica.charter);
    }
    for (const entry of part) {
      replica.arrivals = Math.max(replica.arrivals, entry.arrival + 1);
      numbers.note(entry);
    }
  });
  await inSteps(numbers.chains, breathe, ({ chain, seqs }) => replica.setHeld(chain, seqs));
  for (const { stands } of replica.log.entries) if (stands) replica.positions++;
  replica.standing.refresh(replica);
  await breathe?.();
}
