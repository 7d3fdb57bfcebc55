// Which bodies another device is given with what it asks for, and which it is given links of only: what was said before
// its person came, and what checkpoints of documents replace.

import type { Charter } from '#core/charter/charter.ts';
import type { Header } from '#core/charter/header.ts';
import { VANISHING } from '#core/chat/body.ts';
import { isWithheld, type Reader } from '#core/keys/entitled.ts';
import type { OpenMessage } from '#core/sync/open-run.ts';
import type { Entry } from './log.ts';
import type { Replica } from './replica.ts';

/**
 * Whether a body is missing here because it was said before this person came, while the other may have it: given without,
 * it would pass for one that was deleted. So would one of which is not known here whether the other was there. Where its
 * author is out it is given so nevertheless: nobody else may be left who has it, and what rests on it would wait for ever.
 */
export function lacksBodyFor(replica: Replica, { message, open }: Entry, to: Reader): boolean {
  const { charter, identity } = replica;
  const { header } = message;
  if (!knowsWhen(charter, header)) return isWithheld(charter, to, header);
  // What was said here is gone for a reason that others share, also where this device reads that scope no more.
  if (open !== undefined || header.device === identity.device || mayGoBare(replica, header)) return false;
  return isWithheld(charter, identity.device, header) && !isWithheld(charter, to, header);
}

/**
 * Nothing comes from the device of its author any more, and its words come later from whoever has them (hollow.ts); what
 * such a device had received matters to nobody. Changes of documents rest on each other: in these a hole is not filled.
 */
export function mayGoBare({ view }: Replica, { device, kind }: Header): boolean {
  const isTalk = VANISHING.has(kind) || kind === 'receipt';
  return isTalk && view?.devices.get(device)?.isLive !== true;
}

/** Whether the acts are known that a message was said on top of: else who was there then may seem to have come later. */
export function knowsWhen(charter: Charter, header: Header): boolean {
  return header.charter.every((head) => charter.ops.has(head));
}

/** Without what was said before the other came. */
export function openFor(replica: Replica, run: readonly OpenMessage[], to: Reader): readonly OpenMessage[] {
  return run.map(({ message, open }) => ({
    message,
    open:
      isWithheld(replica.charter, to, message.header) || replica.lasting.isReplacedFor?.(to, message.header) === true
        ? undefined
        : open,
  }));
}
