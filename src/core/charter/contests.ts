// Which acts against others, or against oneself, become effective (charter/SPEC.md §4.3). The set only grows.

import { isRecoveryGrant } from './grants.ts';
import type { OpId } from './ids.ts';
import { byOrder, isIn, type Log, type Placed } from './past.ts';
import { deviceTarget, membershipTarget, Standing } from './standing.ts';

/** The acts that are effective so far. */
interface Effective {
  readonly acts: Set<Placed>;
  readonly byTarget: Map<string, Placed[]>;
  /** Leaves that were undone. */
  readonly undone: Set<OpId>;
}

/** One kind of contested act. Groups add kinds in their place in the list. */
interface Contest {
  /** Whether an op is such an act. */
  readonly has: (op: Placed) => boolean;
  /** Whether it may still become effective besides those that are. */
  readonly isOpen: (op: Placed, effective: Effective) => boolean;
}

/** In this order: an earlier kind is settled before a later one is looked at. */
const CONTESTS: readonly Contest[] = [
  {
    has: (op) => op.signed.op.body.type === 'equivocation',
    // One proof for each device: the first to become effective is the most senior.
    isOpen: (op, { byTarget }) =>
      !(byTarget.get(targetOf(op)!) ?? []).some((act) => act.signed.op.body.type === 'equivocation'),
  },
  {
    has: (op) => isRecoveryGrant(op.signed.op.auth[1] ?? op.principal) && isEndOrUnleave(op),
    isOpen: () => true,
  },
  {
    // A device that ends itself, a member who leaves. Later than the recovery key, which can undo a false leave.
    has: (op) => isEndOrUnleave(op) || op.signed.op.body.type === 'leave',
    isOpen: (op, { undone }) => !undone.has(op.id),
  },
];

function isEndOrUnleave({ signed }: Placed): boolean {
  const { body } = signed.op;
  return body.type === 'unleave' || (body.type === 'device' && body.act === 'end');
}

/** What an act ends; `undefined` for one that only undoes. */
function targetOf({ signed }: Placed): string | undefined {
  const { body, auth } = signed.op;
  if (body.type === 'leave') return membershipTarget(auth[0]!);
  if (body.type === 'equivocation') return deviceTarget(body.binding, body.device);
  return body.type === 'device' && body.act === 'end' ? deviceTarget(body.binding, body.device) : undefined;
}

/**
 * Seniority, then order. All authority in pair and self spaces is a founder's membership, so the founder's index
 * decides; it is part of the membership's id.
 */
function bySeniority(a: Placed, b: Placed): number {
  if (a.principal !== b.principal) return a.principal < b.principal ? -1 : 1;
  return byOrder(a, b);
}

/** Ends nothing that an effective act does not end with the same or a smaller past. */
function isRedundant(op: Placed, { byTarget }: Effective): boolean {
  const target = targetOf(op);
  return target !== undefined && (byTarget.get(target) ?? []).some((act) => isIn(op.past, act));
}

/**
 * Repeatedly the most senior act that stands now is added, kind by kind, and everything looked at anew: a single pass
 * would let an act that is later voided block an honest one. What does not stand now never will, since the set of
 * ends only grows; so each act is judged at most once.
 */
export function settleContests(log: Log): Standing {
  const effective: Effective = { acts: new Set(), byTarget: new Map(), undone: new Set() };
  const standing = new Standing(log);
  const open = CONTESTS.map(({ has }) => ({ acts: log.notable.filter(has).sort(bySeniority), next: 0 }));
  for (;;) {
    const act = firstStanding(open, standing, effective);
    if (act === undefined) return standing;
    makeEffective(act, standing, effective);
  }
}

function makeEffective(act: Placed, standing: Standing, { acts, byTarget, undone }: Effective): void {
  acts.add(act);
  const { body } = act.signed.op;
  if (body.type === 'unleave') undone.add(body.leave);
  const target = targetOf(act);
  if (target === undefined) return;
  byTarget.set(target, [...(byTarget.get(target) ?? []), act]);
  standing.add({ by: act, target, isSelfInflicted: body.type !== 'equivocation' });
}

/** Moves past what is judged. */
function firstStanding(
  open: readonly { readonly acts: readonly Placed[]; next: number }[],
  standing: Standing,
  effective: Effective,
): Placed | undefined {
  for (const [kind, list] of open.entries()) {
    while (list.next < list.acts.length) {
      const act = list.acts[list.next++]!;
      const isOpen = CONTESTS[kind]!.isOpen(act, effective) && !isRedundant(act, effective);
      if (isOpen && !effective.acts.has(act) && standing.stands(act)) return act;
    }
  }
  return undefined;
}
