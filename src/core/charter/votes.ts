// Counting the signatures under a proposal (charter/SPEC.md §4.2).

import type { Endorse, Proposable } from './decision-body.ts';
import { isIn, type Log, type Past, type Placed, type Vote } from './past.ts';
import { rulesOf } from './register.ts';
import { carriersOf } from './rights.ts';
import { powerfulRoles, type Rules } from './rules.ts';
import type { Situation } from './held.ts';
import { situationIn } from './situation.ts';

/** `undefined` when it completes nothing: no such proposal in its past, or one of the counted is no endorsement of it. */
export function voteOf(log: Log, op: Placed, now: Situation): Vote | undefined {
  const body = op.signed.op.body as Endorse;
  const proposal = log.ops.get(body.proposal);
  const proposed = proposal?.signed.op.body;
  if (proposal?.isLegal !== true || proposed?.type !== 'propose' || !isIn(op.past, proposal)) return undefined;
  const counted = (body.counted ?? []).map((id) => log.ops.get(id));
  const areEndorsements = counted.every((by): by is Placed => by !== undefined && isEndorsement(by, proposal, op.past));
  if (!areEndorsements) return undefined;
  const then = situationIn(log, pastBefore(proposal));
  const both = [then.electorate(), now.electorate()] as const;
  const isSignature = (by: Placed): boolean =>
    both.every((electorate) => electorate.has(by.principal)) && isVotersOwn(by, log);
  const signatures = [proposal, ...(counted as readonly Placed[])].filter(isSignature);
  const all = isSignature(op) ? [...signatures, op] : signatures;
  const signers = new Set(all.map(({ principal }) => principal)).size;
  const needed = Math.max(
    neededOf(both[0].size, proposed.act, then.rules),
    neededOf(both[1].size, proposed.act, now.rules),
  );
  return { proposal, signatures, isSignature: isSignature(op), signers, needed };
}

/** Whether it cites a grant that votes: who proposes need not vote, and a vote is looked into by what it cites. */
function isVotersOwn(by: Placed, log: Log): boolean {
  return carriersOf(by, ['vote'], rulesOf(by.signed.op.under!, log)).length > 0;
}

export function isEndorsement(by: Placed, proposal: Placed, past: Past): boolean {
  const { body } = by.signed.op;
  return by.isLegal && body.type === 'endorse' && body.proposal === proposal.id && isIn(past, by);
}

/** More than half of an electorate; for some acts a smaller fixed number, if the rules say so. */
export function neededOf(electorate: number, act: Proposable, rules: Rules): number {
  const majority = Math.floor(electorate / 2) + 1;
  const threshold = thresholdFor(act, rules);
  return threshold === 'majority' ? majority : Math.min(threshold, majority);
}

/** Who comes to power is always a majority's to say: a fixed number would let a few make themselves one. */
function thresholdFor(act: Proposable, rules: Rules): Rules['quorum']['admit'] {
  if (act.type === 'revoke') return rules.quorum.revoke;
  if (act.type !== 'grant' || act.act !== 'admit') return 'majority';
  const isPowerless = act.roles.every((id) => !powerfulRoles(rules).has(id));
  return isPowerless ? rules.quorum.admit : 'majority';
}

/** What the author of an op had seen: its past without itself. */
export function pastBefore(op: Placed): Past {
  return op.past.with(op.chain, op.own);
}
