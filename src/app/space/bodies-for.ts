// Which bodies another device is given with what it asks for, and which it is given links of only: what was said before
// its person came, and what checkpoints of documents replace.

import type { DeviceId, MessageId } from '#core/charter/ids.ts';
import type { Header } from '#core/charter/header.ts';
import { cameLater, isWithheld } from '#core/keys/entitled.ts';
import { chainKey, type ChainId } from '#core/sync/held.ts';
import type { OpenMessage } from '#core/sync/open-run.ts';
import { covers } from '#core/sync/spans.ts';
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
      isWithheld(replica.charter, to, message.header) || isReplacedFor(replica, to, message.header) ? undefined : open,
  }));
}

/** A newcomer gets a document as a checkpoint has it, where the rules say so, and not the changes it was made of. */
function isReplacedFor({ lasting, view, charter }: Replica, to: DeviceId, header: Header): boolean {
  if (view?.group?.rules.history.docs !== 'checkpoint') return false;
  return lasting.claims?.hasWhole(header) === true && cameLater(charter, to, header);
}

/** Messages that say of others, which are given without their bodies, that these are not needed. */
export function evidenceFor(
  replica: Replica,
  given: readonly { readonly chain: ChainId; readonly seq: number }[],
  to: DeviceId,
): readonly { readonly chain: ChainId; readonly seq: number }[] {
  const { claims } = replica.lasting;
  if (claims === undefined) return [];
  const evidence = new Set<MessageId>();
  for (const { chain, seq } of given) {
    const id = replica.messageAt(chain, seq);
    const entry = id === undefined ? undefined : replica.entryAt(id);
    if (entry === undefined) continue;
    const isBare = entry.open === undefined || isReplacedFor(replica, to, entry.message.header);
    for (const one of isBare ? claims.evidenceFor(entry.message.header) : []) evidence.add(one);
  }
  return [...evidence].flatMap((id) => {
    const header = replica.entryAt(id)?.message.header;
    if (header === undefined || covers(replica.peers.confirmedSpans(to, chainKey(header)), header.seq)) return [];
    return [{ chain: header, seq: header.seq }];
  });
}
