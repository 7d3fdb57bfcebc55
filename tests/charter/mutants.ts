// The mistakes that are planted in the rule, each with the test that must notice it.

/** One planted mistake: a piece of the rule, what stands there instead, and the test that must notice. */
export interface Mutant {
  readonly name: string;
  /** File below src/core/charter. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /** File below tests/charter, and the whole name of the test. */
  readonly test: readonly [file: string, name: string];
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'what the remover had not seen stays too',
    file: 'standing.ts',
    from: 'return this.endsAgainst(op).every((end) => isIn(end.by.past, op) || this.#spares(end, op));',
    to: 'return true;',
    test: [
      'back-dating.test.ts',
      'P28: what the remover had seen of the removed stays, and all they had not seen is void',
    ],
  },
  {
    name: 'an end one inflicts on oneself spares nothing',
    file: 'standing.ts',
    from: 'return end.isSelfInflicted && (this.#witnesses',
    to: 'return !end.isSelfInflicted && (this.#witnesses',
    test: [
      'devices.test.ts',
      'P33: spares what honest others had built on, so that nobody erases whom they ever let in',
    ],
  },
  {
    name: 'a join does not fall with its invitation',
    file: 'standing.ts',
    from: 'return this.#endsOfAll(against).filter(({ isSelfInflicted }) => !isSelfInflicted);',
    to: 'return against.length > 0 ? NONE : [];',
    test: ['invitations.test.ts', 'P13: that was withdrawn lets nobody in whom the withdrawal had not seen'],
  },
  {
    name: 'an invitation has no end of uses',
    file: 'standing.ts',
    from: "return taken === undefined || body?.type !== 'invite' || taken.size < body.uses || taken.has(op);",
    to: "return taken === undefined || body?.type !== 'invite' || taken.size >= 0;",
    test: [
      'invitations.test.ts',
      'P13: lets in as many as it says, the same ones in every app, however many join at once',
    ],
  },
  {
    name: 'new rules take no rights',
    file: 'contests.ts',
    from: '  if (!isBeaten)\n    standing.deny(',
    to: '  if (isBeaten && !isBeaten)\n    standing.deny(',
    test: ['rules-change.test.ts', 'P27: voids what was done at once by a right it takes away'],
  },
  {
    name: 'new rules take rights from what was effective before them',
    file: 'contests.ts',
    from: "change.type === 'charter' ? new Set(acts) : undefined",
    to: "change.type === 'charter' ? new Set<Placed>() : undefined",
    test: ['rules-change.test.ts', 'P27: by a junior does not void the removal a senior made at once'],
  },
  {
    name: 'the most junior act comes first',
    file: 'contests.ts',
    from: '(isOfOthers(op) && !isWithdrawal(op, log)),\n  isOpen: () => true,\n  compare: byRank,',
    to: '(isOfOthers(op) && !isWithdrawal(op, log)),\n  isOpen: () => true,\n  compare: (a, b) => byRank(b, a),',
    test: [
      'removals.test.ts',
      'threat 14: the removal by somebody who is removed at once, and was unseen, leaves its target in',
    ],
  },
  {
    name: 'withdrawn invitations rank like removals',
    file: 'contests.ts',
    from: '(isOfOthers(op) && !isWithdrawal(op, log))',
    to: 'isOfOthers(op)',
    test: ['invitations.test.ts', 'P16: withdrawn, dated back, by who was removed takes nobody along who came by it'],
  },
  {
    name: 'a vote counts the signatures of the removed',
    file: 'contests.ts',
    from: 'return first!.stands(by) && cited.every(',
    to: 'return first !== undefined && cited.every(',
    test: [
      'majority.test.ts',
      'P33: falls when a signer was removed at the same time by somebody entitled, who had not seen it',
    ],
  },
  {
    name: 'every proof against a device counts',
    file: 'contests.ts',
    from: "!standing.endsOf(op.targets[0]!).some(({ by }) => by.signed.op.body.type === 'equivocation'),",
    to: '!standing.endsOf(op.targets[0]!).some(({ by }) => by === op),',
    test: ['equivocation.test.ts', 'threat 18: of two proofs the more senior one says what the forker had done'],
  },
  {
    name: 'juniors remove seniors',
    file: 'group-legality.ts',
    from: 'return before.stewardGrantsOf(target.on).every(({ seniority }) => bySeniority(authority, seniority) < 0);',
    to: 'return before.stewardGrantsOf(target.on).every(({ seniority }) => bySeniority(authority, seniority) !== 0);',
    test: [
      'removals.test.ts',
      'P28: nobody removes the one who made them a steward, however early they claim to have been granted',
    ],
  },
  {
    name: 'one steward makes as many voters as they like',
    file: 'group-legality.ts',
    from: "if (isVoter && before.electorate().size >= FREE_VOTERS) return 'needs-vote';",
    to: "if (isVoter && before.electorate().size >= 99 * FREE_VOTERS) return 'needs-vote';",
    test: ['majority.test.ts', 'P33, sock puppets: nobody grants a vote alone once three people hold one'],
  },
  {
    name: 'a link hands out power',
    file: 'group-legality.ts',
    from: "return powerfulRoles(rules).has(role) ? 'needs-vote' : undefined;",
    to: 'return undefined;',
    test: ['invitations.test.ts', 'P33: for a voting role is void'],
  },
  {
    name: 'half of the voters is enough',
    file: 'votes.ts',
    from: 'const majority = Math.floor(electorate / 2) + 1;',
    to: 'const majority = Math.ceil(electorate / 2);',
    test: ['majority.test.ts', 'P23: of exactly half is none'],
  },
  {
    name: 'voters made after the proposal are counted',
    file: 'votes.ts',
    from: 'both.every((electorate) => electorate.has(by.principal)) && isVotersOwn(by, log);',
    to: 'both[1].has(by.principal) && isVotersOwn(by, log);',
    test: ['majority.test.ts', 'P33: is not reached by voters made after the proposal: they are not of its electorate'],
  },
  {
    name: 'roles are cited by whom they were not given to',
    file: 'grants.ts',
    from: "...roles.map((role) => readGrant(role, { kind: 'role', on: membership }, past, log)),",
    to: '',
    test: ['grants.test.ts', 'P33: an op that cites somebody else’s role is not kept'],
  },
  {
    name: 'devices of one person end each other',
    file: 'legality.ts',
    from: "return isByRecovery(op) || body.device === op.signed.op.device ? undefined : 'wrong-key';",
    to: 'return undefined;',
    test: ['devices.test.ts', 'P33: devices of one person cannot end each other, so a thief cannot lock them out'],
  },
  {
    name: 'two ops with different numbers are a fork',
    file: 'evidence.ts',
    from: 'return first.signed.op.seq === second.signed.op.seq && isIn(op.past, first)',
    to: 'return isIn(op.past, first)',
    test: [
      'equivocation.test.ts',
      'threat 18: frames nobody by two ops with different numbers, or of different devices',
    ],
  },
  {
    name: 'a single author’s rules beat a majority’s',
    file: 'register.ts',
    from: 'if ((a.vote === undefined) !== (b.vote === undefined)) return a.vote !== undefined;',
    to: 'if ((a.vote === undefined) !== (b.vote === undefined)) return a.vote === undefined;',
    test: ['rules-change.test.ts', 'P27: by a majority wins over one by a single author at once, however senior'],
  },
  {
    name: 'an op waits for one parent only',
    file: 'charter.ts',
    from: 'for (const parent of op.prev) if (!this.#ops.has(parent)) return false;',
    to: 'if (op.prev.every((parent) => !this.#ops.has(parent))) return false;',
    test: [
      'removals.test.ts',
      'P28: two stewards who remove the same member at once remove them once, and what either had not seen is void',
    ],
  },
  {
    name: 'what a vote grants ranks like what its last signer grants',
    file: 'group-legality.ts',
    from: 'proposal === undefined ? op.authority.delegation : mostDelegated(before)',
    to: 'proposal === undefined ? op.authority.delegation : mostDelegated(before) * 0 - 2',
    test: [
      'invitations.test.ts',
      'P44: a successor ranks below every steward there is, and cannot remove who was silent',
    ],
  },
  {
    name: 'what was ended goes on acting',
    file: 'group-legality.ts',
    from: "if (body.type !== 'unleave' && isAnyEnded(op.cited, before)) return 'ended';",
    to: '',
    test: ['grants.test.ts', 'P28: who was removed does nothing more, though what they held ranks higher'],
  },
  {
    name: 'a cascade reaches what was voted',
    file: 'cascade.ts',
    from: 'if (made.vote !== undefined || !citedBy',
    to: 'if (!citedBy',
    test: ['removals.test.ts', 'P23: never reaches what a quorum granted'],
  },
  {
    name: 'what a vote gave comes back when it is completed once more',
    file: 'grants.ts',
    from: 'const target = grantIdOf(proposal ?? op, index);',
    to: 'const target = grantIdOf(proposal === undefined ? op : op, index);',
    test: ['replays.test.ts', 'P33: is not completed again from a past in which it was still open'],
  },
];
