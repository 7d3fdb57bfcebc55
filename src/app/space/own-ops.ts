// Signs ops as this device.

import type { Bytes } from '#core/bytes/bytes.ts';
import { encodeSignedOp } from '#core/charter/op.ts';
import { writeOp, type Author, type Writable } from '#core/charter/write-op.ts';
import type { Replica } from './replica.ts';
import { dropLost } from './take-wraps.ts';

export function authorOf(replica: Replica): Author {
  return { device: replica.identity.device, seed: replica.identity.seed };
}

/**
 * Signs an op into the own replica. It must not be sent before it is on disk. The only way by which a device of a space
 * that is open signs: what is due after an own op (new keys, letters, welcomes) hangs on `afterOwnOp`.
 */
export async function writeOwnOp(replica: Replica, body: Writable, author = authorOf(replica)): Promise<Bytes> {
  const op = await writeOp(replica.charter, author, body, replica.context.suite);
  replica.addOps([op]);
  dropLost(replica);
  replica.afterOwnOp();
  return encodeSignedOp(op);
}

/**
 * Before anything is told to others that rests on ops: a device that forgot one of its own would sign another under its
 * number, or build beside what its words had named, and everybody would freeze it for that (charter/SPEC.md §4.2).
 * Where all that they could hold against it is on disk `then` runs now; else as an event once it is.
 */
export function onceSaved(replica: Replica, then: () => void): void {
  if (isSaved(replica)) then();
  else replica.context.disk.durable((outcome) => void (outcome === 'saved' && then()));
}

/** Whether the ops held now, and the own record, are on disk. */
export function isSaved({ durable, charter, records, identity }: Replica): boolean {
  if (durable.heads !== charter.heads) return false;
  const kept = durable.records.find(({ device }) => device === identity.device);
  return kept?.number === records.get(identity.device)?.record.number;
}
