// What a person can do in a group, as the interface between the screens and the session (see api.ts). What somebody may
// do is decided by every member's app from the group's signed log; nothing here asks a server.

import type { Brand } from '#core/bytes/brand.ts';
import type { PlainRight, Right, RoleId, Rules } from '#core/charter/rules.ts';
import type { Millis } from '#core/ports.ts';
import type { CodeProblem, Live, Message, MessageId, PersonId, Talk } from '../talk/talk-api.ts';
import type { Neighbours } from '../neighbours/neighbour-api.ts';
import type { Questions } from '../questions/question-api.ts';
import type { Tasks } from '../tasks/task-api.ts';

export type { PersonId } from '../talk/talk-api.ts';

export type GroupId = Brand<string, 'GroupId'>;
export type ChannelId = Brand<string, 'ChannelId'>;
export type InvitationId = Brand<string, 'InvitationId'>;
export type ProposalId = Brand<string, 'ProposalId'>;
/** One act of governance in a group's history. */
export type ActId = Brand<string, 'ActId'>;

export interface Groups {
  readonly list: Live<readonly GroupEntry[]>;
  /** Founds a group of oneself; others come by invitation. */
  found(founding: Founding): Promise<FoundResult>;
  /** Looks at an invitation's code, or at a link or text that holds one, without using it. The same goes for `join`. */
  readCode(code: string): InvitationReading;
  /**
   * Becomes a member: at once where a welcome lies at the group's relays or with a member in reach, also while every
   * member is away. `waiting`: nothing could be reached yet; it goes on by itself.
   */
  join(code: string, myName: string, options?: Coming): Promise<JoinResult>;
  /** Asks to be let in by a group's public card; members vouch by the group's rule. */
  knock(
    code: string,
    knock: { readonly myName: string; readonly answers: readonly string[] } & Coming,
  ): Promise<JoinResult>;
  open(group: GroupId): Group;
}

export interface GroupEntry {
  readonly id: GroupId;
  readonly name: string;
  /**
   * `waiting`: the way in is open, nothing was heard yet. `used-up`, `withdrawn`: one waited with an invitation, and it
   * turned out so. `refused`, `expired`: one knocked, and was turned away, or nobody answered. `left`: one left or was removed; what was read stays until it is wiped. `newer-version`: an op this app
   * does not know; read-only.
   */
  readonly state:
    | 'waiting'
    | 'knocking'
    | 'used-up'
    | 'withdrawn'
    | 'refused'
    | 'expired'
    | 'in'
    | 'removed'
    | 'left'
    | 'newer-version';
  readonly unread: number;
  /** Unread messages that name one. */
  readonly mentions: number;
  readonly lastMessage: { readonly text: string; readonly at: Millis; readonly by: string } | undefined;
}

export interface Founding {
  readonly name: string;
  /** The name one has in this group. */
  readonly myName: string;
  /** A template's rules, as they are or adjusted. */
  readonly rules: Rules;
  /** The roles the founder begins with. */
  readonly myRoles: readonly RoleId[];
  /** Names of the first channels, each for everyone. */
  readonly channels: readonly string[];
}

export type FoundResult =
  | { readonly is: 'group'; readonly group: GroupId }
  | { readonly is: 'refused'; readonly problem: 'no-room' | 'empty-name' | 'unsound-rules' };

export type InvitationReading =
  | { readonly is: 'invitation'; readonly groupName: string; readonly expiresAt: Millis | undefined }
  /** The card by which other groups send one tasks; nobody comes in by it. */
  | { readonly is: 'outside-card'; readonly groupName: string }
  | { readonly is: 'group-card'; readonly groupName: string; readonly questions: readonly string[] }
  | { readonly is: 'member-already'; readonly group: GroupId }
  | { readonly is: CodeProblem };

/**
 * Where this device keeps something of the group from before one left it, or was removed, coming in again destroys that: the
 * answer is `asks`, until this says so.
 */
export interface Coming {
  readonly forgetFormer?: boolean;
}

export type JoinResult =
  | { readonly is: 'joined' | 'waiting' | 'asks'; readonly group: GroupId }
  | { readonly is: 'refused'; readonly problem: CodeProblem | 'used-up' | 'withdrawn' | 'no-room' };

/* ---------- one group ---------- */

export interface Group {
  readonly id: GroupId;
  readonly state: Live<GroupState>;
  readonly channels: Live<readonly Channel[]>;
  readonly invitations: Live<readonly Invitation[]>;
  readonly proposals: Live<readonly Proposal[]>;
  readonly knocks: Live<readonly Knock[]>;
  /** Newest last. */
  readonly history: Live<readonly Act[]>;
  /** Missing where this app runs without tasks: the screens then offer none. */
  readonly tasks?: Tasks;
  /** Polls and other ways to decide together, apart from what the charter says. */
  readonly questions: Questions;
  /** Missing while one waits to come in, and where this app runs without it. */
  readonly neighbours?: Neighbours | undefined;
  /** The code by which strangers may knock, for a link; `undefined` while no door is open. */
  readonly doorCode: Live<string | undefined>;
  /** Opens one, when the rules ask those who knock something and one may; again closes the former and opens a new one. */
  openDoor(): Promise<Answer>;
  channel(channel: ChannelId): ChannelTalk;
  createChannel(options: {
    readonly name: string;
    readonly readers: RoleId | 'everyone';
  }): Promise<ChannelId | Refusal>;
  renameChannel(channel: ChannelId, name: string): Promise<Answer>;

  invite(options: { readonly role: RoleId | undefined; readonly uses: number }): Promise<Invitation | Refusal>;
  withdrawInvitation(invitation: InvitationId): Promise<Answer>;
  /** Vouches for somebody who knocked; the last voucher needed lets them in. */
  vouch(knock: string): Promise<Answer>;
  /** Tells somebody who knocked that nobody will let them in. Votes that are under way go on. */
  turnAway(knock: string): Promise<Answer>;

  setMyName(name: string): Promise<Answer>;
  giveRole(person: PersonId, role: RoleId): Promise<Answer>;
  takeRole(person: PersonId, role: RoleId): Promise<Answer>;
  remove(person: PersonId): Promise<Answer>;
  changeRules(rules: Rules): Promise<Answer>;
  /** Puts to the vote what one may not do alone. */
  propose(act: ProposedAct): Promise<ProposalId | Refusal>;
  endorse(proposal: ProposalId): Promise<Answer>;
  resignRole(role: RoleId): Promise<Answer>;
  leave(): Promise<Answer>;
  /** Removes all that is stored of a group one is no longer in, or waits for: waiting ends. */
  wipe(): Promise<void>;
  /** What would happen if one tried, so that only what counts is offered. */
  may(act: ProposedAct | { readonly do: PlainRight }): May;
}

/** `vote`: not alone, but it may be proposed. */
export type May = 'yes' | 'vote' | 'no';
export type Answer = 'done' | Refusal;
export type Refusal = 'not-allowed' | 'no-room' | 'empty-name' | 'gone' | 'newer-version';

export type ProposedAct =
  | { readonly do: 'remove'; readonly person: PersonId }
  | { readonly do: 'give-role' | 'take-role'; readonly person: PersonId; readonly role: RoleId }
  | { readonly do: 'change-rules'; readonly rules: Rules }
  | { readonly do: 'admit'; readonly knock: string }
  | { readonly do: 'succeed'; readonly person: PersonId; readonly role: RoleId };

export interface GroupState {
  readonly name: string;
  readonly standing: GroupEntry['state'];
  readonly rules: Rules;
  readonly me: PersonId | undefined;
  /** Present members first, in the order in which they came. */
  readonly people: readonly Person[];
  /** Roles with nobody to hold the key yet have no holders. */
  readonly roles: readonly RoleState[];
  /** Set when stewards were silent for as long as the rules say. */
  readonly successionOffer: { readonly silent: readonly PersonId[]; readonly days: number } | undefined;
  /** Crossed acts: which of two stood, and why. */
  readonly disputes: readonly Dispute[];
}

export interface Person {
  readonly id: PersonId;
  readonly name: string;
  readonly nameWarning: 'mixed-scripts' | 'looks-like-another' | undefined;
  readonly isMe: boolean;
  readonly isIn: boolean;
  readonly roles: readonly HeldRole[];
  readonly came: Came;
  readonly presence: 'direct' | 'relayed' | 'away';
  readonly devices: number;
  readonly lastHeard: Millis | undefined;
}

export type Came =
  | { readonly by: 'founding' }
  | { readonly by: 'invitation' | 'admission'; readonly from: PersonId }
  | { readonly by: 'vote'; readonly signers: readonly PersonId[] };

/** A role somebody holds, and the chain of those who gave it: the nearest first, the last one from the founding or a vote. */
export interface HeldRole {
  readonly role: RoleId;
  readonly why: readonly Link[];
}

export type Link =
  | { readonly is: 'founding' }
  | { readonly is: 'given'; readonly by: PersonId; readonly as: RoleId | undefined }
  | { readonly is: 'vote'; readonly signers: readonly PersonId[] };

export interface RoleState {
  readonly id: RoleId;
  readonly label: string;
  readonly can: readonly Right[];
  readonly holders: readonly PersonId[];
  readonly mine: boolean;
}

export interface Dispute {
  readonly stood: ActId;
  readonly fell: ActId;
  readonly why: 'more-senior' | 'vote' | 'equivocation' | 'own-end' | 'admitted' | 'order';
}

/** An act as the history tells it. `what` has the persons and roles the words need. */
export interface Act {
  readonly id: ActId;
  readonly by: PersonId;
  readonly what: ActWords;
  /** `void`: undone by another act it crossed with; `illegal`: its author might not do it; both without effect. */
  readonly fate: 'stands' | 'void' | 'illegal' | 'not-understood';
  /** Acts carry no times: when this device made it, or else first saw it. `undefined`: before this was noted. */
  readonly at: Millis | undefined;
  readonly dated: 'made' | 'seen';
}

export type ActWords =
  | { readonly is: 'founded' | 'left' | 'came-back' | 'changed-relays' | 'published-card' | 'not-understood' }
  | { readonly is: 'joined'; readonly person: PersonId }
  | {
      readonly is: 'removed' | 'admitted' | 'device-added' | 'device-ended' | 'caught-lying';
      readonly person: PersonId;
    }
  | { readonly is: 'gave-role' | 'took-role' | 'resigned-role'; readonly person: PersonId; readonly role: string }
  | { readonly is: 'invited'; readonly role: string | undefined; readonly uses: number }
  | { readonly is: 'withdrew-invitation' }
  | { readonly is: 'changed-rules'; readonly from: Rules; readonly to: Rules }
  | { readonly is: 'proposed' | 'endorsed' | 'decided'; readonly act: ProposedAct | undefined };

export interface Invitation {
  readonly id: InvitationId;
  /** For the fragment of a link and the QR. Only the device that made it has it. */
  readonly code: string | undefined;
  readonly by: PersonId;
  readonly role: RoleId | undefined;
  readonly uses: number;
  readonly joined: readonly PersonId[];
  readonly state: 'open' | 'used-up' | 'withdrawn';
}

export interface Proposal {
  readonly id: ProposalId;
  readonly by: PersonId;
  readonly act: ProposedAct | undefined;
  readonly signers: readonly PersonId[];
  readonly missing: number;
  readonly state: 'open' | 'decided' | 'over';
  readonly mayEndorse: boolean;
}

export interface Knock {
  readonly id: string;
  readonly name: string;
  readonly answers: readonly { readonly question: string; readonly answer: string }[];
  readonly vouchers: readonly PersonId[];
  readonly missing: number;
  readonly mayVouch: boolean;
  readonly mayTurnAway: boolean;
}

/* ---------- talking in a group ---------- */

export interface Channel {
  readonly id: ChannelId;
  readonly name: string;
  readonly readers: RoleId | 'everyone';
  readonly unread: number;
  /** Unread messages that name one. */
  readonly mentions: number;
  readonly mayPost: boolean;
}

/** A message that is kept in sight, and who pinned it. */
export interface Pin {
  readonly message: Message;
  readonly by: PersonId;
}

/** A channel's conversation: with many authors (`Message.by`). */
export interface ChannelTalk extends Talk {
  readonly channel: Live<Channel>;
  /** The newest pin first; what was deleted or has disappeared is not among them. */
  readonly pins: Live<readonly Pin[]>;
  /** Whoever may post may pin, and take down what others pinned. */
  setPinned(message: MessageId, pinned: boolean): Promise<Answer>;
  /** What is said in the thread that a message of the channel begins: that message first, then the answers. */
  thread(begins: MessageId): Talk;
  /** By which message the thread begins in which this one stands; `undefined`: in the channel itself. */
  threadOf(message: MessageId): MessageId | undefined;
}
