// Which messages of ended devices stand (chain/SPEC.md §8): what the ender had seen, and what honest members built on.

import type { Cut } from '../charter/body-parts.ts';
import { isInPast, type Charter } from '../charter/charter.ts';
import { actOf, byRank } from '../charter/grants.ts';
import type { MessageId, OpId, Scope } from '../charter/ids.ts';
import { viewOf, type CharterView } from '../charter/view.ts';
import type { ChainSet } from './chain-set.ts';
import type { Link } from './link.ts';

/**
 * Settled messages that do not stand. A function of the two sets alone. Empty, and cheap, while nobody who wrote anything
 * was ended or lost the role by which they wrote.
 */
export function voidMessages(chains: ChainSet, charter: Charter): ReadonlySet<MessageId> {
  const view = viewOf(charter);
  const voided = new Set<MessageId>();
  if (view === undefined) return voided;
  for (const end of endsIn(chains, charter, view)) {
    const suspects = [...chains.links()].filter((link) => link.state === 'settled' && end.concerns(link));
    if (suspects.length === 0) continue;
    const kept = keptBy(end, { chains, charter, view });
    for (const link of suspects) if (!kept.has(link)) voided.add(link.id);
  }
  return voided;
}

interface ContentEnd {
  readonly op: OpId;
  readonly frontier: readonly Cut[];
  /** Whether a message's right to stand ended by it. */
  concerns(link: Link): boolean;
}

/** Ends of devices, and in the scope of a role those of its grants. */
function endsIn(chains: ChainSet, charter: Charter, view: CharterView): readonly ContentEnd[] {
  const ofDevices = [...view.devices.values()].flatMap(({ device, ends }) => {
    return ends.map(({ op, frontier }): ContentEnd => ({
      op,
      frontier,
      concerns: (link) => link.chain.device === device,
    }));
  });
  return [...ofDevices, ...roleEnds(chains.scope, charter, view)];
}

/** A message cites the grant by which its author wrote; who resigned it meant what they said before. */
function roleEnds(scope: Scope, charter: Charter, view: CharterView): readonly ContentEnd[] {
  const grants = [...(view.group?.grants.values() ?? [])].filter(({ role }) => (role as string | undefined) === scope);
  return grants.flatMap(({ id, ends }) => {
    const revoked = ends.filter(({ how }) => how !== 'left');
    return revoked.map(({ op }): ContentEnd => {
      return { op, frontier: cutsOf(op, scope, charter, view), concerns: ({ header }) => header.auth.includes(id) };
    });
  });
}

/** What a revocation says of a scope, or where it says nothing the first that completes it. */
function cutsOf(revoke: OpId, scope: Scope, charter: Charter, view: CharterView): readonly Cut[] {
  const placed = charter.ops.get(revoke);
  const act = placed === undefined ? undefined : actOf(placed);
  const own = act?.type === 'revoke' ? act.frontier.filter((cut) => cut.scope === scope) : [];
  if (own.length > 0) return own;
  const completing = [...charter.ops.values()].filter(({ id, signed }) => {
    const { body } = signed.op;
    return body.type === 'frontier' && body.revoke === revoke && view.stands(id);
  });
  for (const { signed } of completing.sort(byRank)) {
    const { body } = signed.op;
    if (body.type !== 'frontier') continue;
    const cuts = body.frontier.filter((cut) => cut.scope === scope);
    if (cuts.length > 0) return cuts;
  }
  return [];
}

interface Sets {
  readonly chains: ChainSet;
  readonly charter: Charter;
  readonly view: CharterView;
}

/** The frontier's own path, and the past of live authors' messages that do not cite the end. */
function keptBy(end: ContentEnd, { chains, charter, view }: Sets): ReadonlySet<Link> {
  const kept = new Set<Link>();
  for (const cut of end.frontier) {
    const head = chains.link(cut.head);
    const isCut = head?.header.seq === cut.seq && head.chain.incarnation === cut.incarnation;
    for (let at = isCut ? head : undefined; at !== undefined; at = at.own) kept.add(at);
  }
  const witnesses: Link[] = [];
  for (const link of chains.links()) {
    const isLive = view.devices.get(link.chain.device)?.isLive === true;
    if (link.state !== 'settled' || !isLive || end.concerns(link)) continue;
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
