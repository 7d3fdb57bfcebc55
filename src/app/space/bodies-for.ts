// Which bodies another device is given with what it asks for, and which it is given links of only: what was said before
// its person came, and what checkpoints of documents replace.

import type { DeviceId } from '#core/charter/ids.ts';
import { isWithheld } from '#core/keys/entitled.ts';
import type { OpenMessage } from '#core/sync/open-run.ts';
import type { Entry } from './log.ts';
import type { Replica } from './replica.ts';

/**
 * Whether a body is missing here because it was said before this person came, while the other may have it: given without,
 * it would pass for one that was deleted.
 */
export function lacksBodyFor({ charter, identity }: Replica, { message, open }: Entry, to: DeviceId): boolean {
  if (open !== undefined) return false;
  return isWithheld(charter, identity.device, message.header) && !isWithheld(charter, to, message.header);
}

/** Without what was said before the other came. */
export function openFor(replica: Replica, run: readonly OpenMessage[], to: DeviceId): readonly OpenMessage[] {
  return run.map(({ message, open }) => ({
    message,
    open:
      isWithheld(replica.charter, to, message.header) || replica.lasting.isReplacedFor?.(to, message.header) === true
        ? undefined
        : open,
  }));
}
