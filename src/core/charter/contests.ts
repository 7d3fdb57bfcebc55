// Which acts against others, or against oneself, become effective (charter/SPEC.md §4.3). The set only grows.

import { isRecoveryGrant } from './grants.ts';
import { byOrder, isIn, type Log, type Placed } from './past.ts';
import { deviceTarget, membershipTarget, Standing, type End } from './standing.ts';

/** One kind of contested act. Groups add kinds in their place in the list. */
interface Contest {
  /** Whether an op is such an act. */
  readonly has: (op: Placed) => boolean;
  /** Whether it may still become effective besides those that are. */
  readonly isOpen: (op: Placed, effective: ReadonlySet<Placed>) => boolean;
}

const always = (): boolean => true;

/** In this order: an earlier kind is settled before a later one is looked at. */
const CONTESTS: readonly Contest[] = [
  {
    has: (op) => op.signed.op.body.type === 'equivocation',
    // One proof for each device: the first to become effective is the most senior.
    isOpen: (op, effective) =>
      ![...effective].some((act) => act.signed.op.body.type === 'equivocation' && targetOf(act) === targetOf(op)),
  },
  {
    has: (op) => isRecoveryGrant(op.signed.op.auth[1] ?? op.principal) && isEndOrUnleave(op),
    isOpen: always,
  },
  {
    // A device that ends itself, a member who leaves. Later than the recovery key, which can undo a false leave.
    has: (op) => isEndOrUnleave(op) || op.signed.op.body.type === 'leave',
    isOpen: (op, effective) => ![...effective].some((act) => undoes(act, op)),
  },
];

function isEndOrUnleave({ signed }: Placed): boolean {
  const { body } = signed.op;
  return body.type === 'unleave' || (body.type === 'device' && body.act === 'end');
}

function undoes(act: Placed, leave: Placed): boolean {
  const { body } = act.signed.op;
  return body.type === 'unleave' && body.leave === leave.id;
}

/** What an act ends; `undefined` for one that only undoes. */
function targetOf({ signed }: Placed): string | undefined {
  const { body, auth } = signed.op;
  if (body.type === 'leave') return membershipTarget(auth[0]!);
  if (body.type === 'equivocation') return deviceTarget(body.binding, body.device);
  return body.type === 'device' && body.act === 'end' ? deviceTarget(body.binding, body.device) : undefined;
}

/** The ends of a set of effective acts. */
function endsOf(effective: ReadonlySet<Placed>): readonly End[] {
  return [...effective].flatMap((by) => {
    const target = targetOf(by);
    const isSelfInflicted = by.signed.op.body.type !== 'equivocation';
    return target === undefined ? [] : [{ by, target, isSelfInflicted }];
  });
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
function isRedundant(op: Placed, effective: ReadonlySet<Placed>): boolean {
  const target = targetOf(op);
  return target !== undefined && [...effective].some((act) => targetOf(act) === target && isIn(op.past, act));
}

/**
 * Repeatedly the most senior act that stands now is added, kind by kind, and everything looked at anew: a single pass
 * would let an act that is later voided block an honest one. What does not stand now never will, since the set of
 * ends only grows; so each act is judged at most once.
 */
export function settleContests(log: Log): Standing {
  const effective = new Set<Placed>();
  let standing = new Standing(log, []);
  const open = CONTESTS.map(({ has }) => log.notable.filter(has).sort(bySeniority));
  for (;;) {
    const act = firstStanding(open, { standing, effective });
    if (act === undefined) return standing;
    effective.add(act);
    standing = new Standing(log, endsOf(effective));
  }
}

/** Takes out of the lists what is judged. */
function firstStanding(
  open: readonly Placed[][],
  now: { readonly standing: Standing; readonly effective: ReadonlySet<Placed> },
): Placed | undefined {
  for (const [kind, acts] of open.entries()) {
    for (let act = acts.shift(); act !== undefined; act = acts.shift()) {
      const isOpen = CONTESTS[kind]!.isOpen(act, now.effective) && !isRedundant(act, now.effective);
      if (isOpen && !now.effective.has(act) && now.standing.stands(act)) return act;
    }
  }
  return undefined;
}
