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
