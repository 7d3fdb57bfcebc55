// Which messages of ended devices stand (chain/SPEC.md §8): what the ender had seen, and what honest members built on.

import { isInPast, type Charter } from '../charter/charter.ts';
import type { MessageId } from '../charter/ids.ts';
import { viewOf, type CharterView, type DeviceEndFacts } from '../charter/view.ts';
import type { ChainSet } from './chain-set.ts';
import type { Link } from './link.ts';

/**
 * Settled messages that do not stand. A function of the two sets alone. Empty, and cheap, while no device that wrote
 * anything was ended.
 */
export function voidMessages(chains: ChainSet, charter: Charter): ReadonlySet<MessageId> {
  const view = viewOf(charter);
  const voided = new Set<MessageId>();
  if (view === undefined) return voided;
  const ended = [...view.devices.values()].filter(({ ends }) => ends.length > 0);
  const suspects = [...chains.links()].filter(
    (link) => link.state === 'settled' && ended.some(({ device }) => device === link.chain.device),
  );
  if (suspects.length === 0) return voided;
  for (const { device, ends } of ended) {
    for (const end of ends) {
      const kept = keptBy(end, { chains, charter, view });
      for (const link of suspects) {
        if (link.chain.device === device && !kept.has(link)) voided.add(link.id);
      }
    }
  }
  return voided;
}

interface Sets {
  readonly chains: ChainSet;
  readonly charter: Charter;
  readonly view: CharterView;
}

/** The frontier's own path, and the past of live authors' messages that do not cite the end. */
function keptBy(end: DeviceEndFacts, { chains, charter, view }: Sets): ReadonlySet<Link> {
  const kept = new Set<Link>();
  for (const cut of end.frontier) {
    const head = chains.link(cut.head);
    const isCut = head?.header.seq === cut.seq && head.chain.incarnation === cut.incarnation;
    for (let at = isCut ? head : undefined; at !== undefined; at = at.own) kept.add(at);
  }
  const witnesses: Link[] = [];
  for (const link of chains.links()) {
    const isLive = view.devices.get(link.chain.device)?.isLive === true;
    if (link.state !== 'settled' || !isLive) continue;
    if (!link.header.charter.some((head) => isInPast(charter, end.op, head))) witnesses.push(link);
  }
  for (const link of pastOf(witnesses)) kept.add(link);
  return kept;
}

function pastOf(links: readonly Link[]): ReadonlySet<Link> {
  const past = new Set<Link>(links);
  // A set hands out what is added while it is read.
  for (const link of past) {
    if (link.own !== undefined) past.add(link.own);
    for (const head of link.seen) past.add(head);
  }
  return past;
}
