// What a view says about a group, besides what every view says (charter/SPEC.md §6).

import type { GroupCard, Proposable } from './decision-body.ts';
import type { DeviceId, GrantId, InvitationKey, OpId, PrincipalId, Scope } from './ids.ts';
import type { Fate } from './refusal.ts';
import type { RoleId, Rules } from './rules.ts';

export interface GroupFacts {
  readonly name: string;
  /** The rules in force. */
  readonly rules: Rules;
  /** The genesis, or the op that made them: what ops name in `under`. */
  readonly charter: OpId;
  /** Everyone who ever was a member, in the order of their grants. Roles and devices hang on them. */
  readonly members: ReadonlyMap<PrincipalId, MemberFacts>;
  /** Every grant of a membership or role that stands, ended or not. */
  readonly grants: ReadonlyMap<GrantId, GrantFacts>;
  /** `everyone`, and one for each role in force. */
  readonly scopes: ReadonlyMap<Scope, ScopeFacts>;
  readonly invitations: readonly InvitationFacts[];
  readonly proposals: readonly ProposalFacts[];
  /** Everything but rotations, in order, and what became of it. */
  readonly history: readonly ActFacts[];
  /** Acts that crossed, and which of them stood. */
  readonly disputes: readonly DisputeFacts[];
  /** The latest card for other groups. */
  readonly outsideCard: (GroupCard & { readonly op: OpId }) | undefined;
  /** Revocations that somebody who holds the scope may complete. */
  readonly incomplete: readonly IncompleteRevocation[];
}

export interface MemberFacts {
  readonly id: PrincipalId;
  readonly isLive: boolean;
  readonly came: CameBy;
  /** Live role grants under the rules in force. */
  readonly roles: readonly GrantId[];
  /** What ended the membership; empty for who is in. */
  readonly ends: readonly EndFacts[];
}

export type CameBy =
  | { readonly by: 'founding' }
  | { readonly by: 'invitation'; readonly invitation: OpId; readonly from: PrincipalId }
  | { readonly by: 'admission'; readonly from: PrincipalId }
  | { readonly by: 'vote'; readonly proposal: OpId };

export interface EndFacts {
  readonly op: OpId;
  /** Whose act; undefined for a vote. */
  readonly by: PrincipalId | undefined;
  readonly how: 'revoked' | 'voted' | 'left' | 'cascade';
}

/** A membership or a role, and why it is held. */
export interface GrantFacts {
  readonly id: GrantId;
  readonly op: OpId;
  readonly on: PrincipalId;
  /** Absent: the membership itself. */
  readonly role: RoleId | undefined;
  /**
   * The grant by whose authority this one was made; follow it up to the genesis. Undefined for founding grants and for
   * those made by vote.
   */
  readonly from: GrantId | undefined;
  /** The proposal, for a grant made by vote. */
  readonly vote: OpId | undefined;
  readonly seniority: Seniority;
  /** Not ended, its holder a member, and, for a role, known to the rules in force. */
  readonly isLive: boolean;
  readonly ends: readonly EndFacts[];
}

/** Lower is more senior: number of delegations, then depth, then id. Fixed when granted. */
export interface Seniority {
  readonly delegation: number;
  readonly depth: number;
  readonly id: GrantId;
}

export interface ScopeFacts {
  readonly scope: Scope;
  readonly principals: readonly PrincipalId[];
  readonly devices: readonly DeviceId[];
}

export interface InvitationFacts {
  readonly op: OpId;
  /** What a revocation of it names. */
  readonly grant: GrantId;
  readonly key: InvitationKey;
  readonly by: PrincipalId;
  readonly role: RoleId | undefined;
  readonly uses: number;
  /** Who came by it. */
  readonly joined: readonly PrincipalId[];
  /**
   * Where more joined than it has uses: the joins that took them, and for each what shows best that others took who came
   * for a member. Whoever has these knows that nobody else came by it. Else empty.
   */
  readonly spentBy: readonly OpId[];
  /** Not withdrawn, its maker not ended, uses left. */
  readonly isOpen: boolean;
}

export interface ProposalFacts {
  readonly op: OpId;
  readonly by: PrincipalId;
  readonly act: Proposable;
  /** Who signed, the proposer included if they may vote. */
  readonly signers: readonly PrincipalId[];
  /** Who may still sign and be counted. */
  readonly mayStillSign: readonly PrincipalId[];
  /** Signatures still missing, as things stand. */
  readonly missing: number;
  /** Endorsements that a completing endorsement would list. */
  readonly endorsements: readonly OpId[];
  /** The endorsement that completed it. */
  readonly completedBy: OpId | undefined;
  readonly isOpen: boolean;
}

export interface ActFacts {
  readonly op: OpId;
  readonly type: string;
  readonly by: PrincipalId;
  readonly device: DeviceId;
  readonly fate: Fate;
}

/** An act that is void because of another it crossed with: neither had seen the other. */
export interface DisputeFacts {
  readonly stood: OpId;
  readonly fell: OpId;
  readonly why: 'more-senior' | 'vote' | 'equivocation' | 'own-end' | 'order';
}

export interface IncompleteRevocation {
  readonly revoke: OpId;
  readonly on: PrincipalId;
  readonly scope: Scope;
}
