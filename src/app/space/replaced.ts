// What checkpoints of documents replace for others, and what shows them that it is so. Only groups have checkpoints.

import type { MessageId } from '#core/charter/ids.ts';
import type { Header } from '#core/charter/header.ts';
import { cameLater, type Reader } from '#core/keys/entitled.ts';
import { chainKey } from '#core/sync/held.ts';
import { covers } from '#core/sync/spans.ts';
import type { Claims } from './claims.ts';
import type { PlaceInChain } from './lasting-ports.ts';
import type { Replica } from './replica.ts';

/** A newcomer gets a document as a checkpoint has it, where the rules say so, and not the changes it was made of. */
export function isReplacedFor(replica: Replica, claims: Claims, { to, header }: Given): boolean {
  const { view, charter } = replica;
  if (view?.group?.rules.history.docs !== 'checkpoint') return false;
  return claims.hasWhole(header) && cameLater(charter, to, header);
}

interface Given {
  readonly to: Reader;
  readonly header: Header;
}

/** Messages that say of others, which are given without their bodies, that these are not needed. */
export function evidenceFor(
  replica: Replica,
  claims: Claims,
  { to, given }: { readonly to: Reader; readonly given: readonly PlaceInChain[] },
): readonly PlaceInChain[] {
  const evidence = new Set<MessageId>();
  for (const { chain, seq } of given) {
    const id = replica.messageAt(chain, seq);
    const entry = id === undefined ? undefined : replica.entryAt(id);
    if (entry === undefined) continue;
    const { header } = entry.message;
    const isBare = entry.open === undefined || isReplacedFor(replica, claims, { to, header });
    for (const one of isBare ? claims.evidenceFor(header) : []) evidence.add(one);
  }
  return [...evidence].flatMap((id) => {
    const header = replica.entryAt(id)?.message.header;
    if (header === undefined) return [];
    const confirmed = typeof to === 'string' ? replica.peers.confirmedSpans(to, chainKey(header)) : [];
    if (covers(confirmed, header.seq)) return [];
    return [{ chain: header, seq: header.seq }];
  });
}
