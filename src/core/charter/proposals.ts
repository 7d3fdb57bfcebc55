// Proposals: who signed, what is missing, what became of them (charter/SPEC.md §6).

import type { ProposalFacts } from './group-facts.ts';
import type { PrincipalId } from './ids.ts';
import type { Log, Placed } from './past.ts';
import type { Situation } from './held.ts';
import { situationIn } from './situation.ts';
import { neededOf, pastBefore } from './votes.ts';

interface Ground {
  readonly log: Log;
  readonly situation: Situation;
  readonly ops: readonly Placed[];
}

export function proposalsOf({ log, situation, ops }: Ground): readonly ProposalFacts[] {
  const standing = ops.filter(({ signed: { op } }) => ['propose', 'endorse'].includes(op.body.type));
  const stood = standing.filter((op) => situation.standing.stands(op));
  return stood.flatMap((proposal) => {
    const { body } = proposal.signed.op;
    if (body.type !== 'propose') return [];
    const endorsements = stood.filter(({ signed: { op } }) => {
      return op.body.type === 'endorse' && op.body.proposal === proposal.id;
    });
    const then = situationIn(log, pastBefore(proposal));
    const now = situation.electorate();
    // In one order, whatever came first.
    const both = [...then.electorate()].filter((principal) => now.has(principal)).sort();
    const signed = new Set<PrincipalId>([proposal, ...endorsements].map(({ principal }) => principal));
    const signers = both.filter((principal) => signed.has(principal));
    const needed = Math.max(
      neededOf(then.electorate().size, body.act, then.rules),
      neededOf(now.size, body.act, situation.rules),
    );
    const completedBy = endorsements.find((op) => op.vote !== undefined && situation.standing.isCounted(op))?.id;
    return [
      {
        op: proposal.id,
        by: proposal.principal,
        act: body.act,
        signers,
        mayStillSign: both.filter((principal) => !signed.has(principal)),
        missing: Math.max(0, needed - signers.length),
        endorsements: endorsements.filter(({ principal }) => signers.includes(principal)).map(({ id }) => id),
        completedBy,
        isOpen: completedBy === undefined && both.length >= needed,
      },
    ];
  });
}
