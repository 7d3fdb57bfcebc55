// What a person can do with the tasks between their group and others, as the interface between the screens and the session
// (see api.ts). What is believed of another group is decided by every member's app alike (core/neighbours/SPEC.md). Texts
// are already made safe to show.

import type { Brand } from '#core/bytes/brand.ts';
import type { LetterRefusal } from '#core/neighbours/neighbours.ts';
import type { OrderId, OrderState } from '#core/neighbours/order.ts';
import type { RoleId } from '#core/charter/rules.ts';
import type { Millis } from '#core/ports.ts';
import type { CodeProblem, Live, MessageId, PersonId } from '../talk/talk-api.ts';
import type { Assignee, Readers, TaskId } from '../tasks/task-api.ts';

export type { OrderId, OrderState } from '#core/neighbours/order.ts';
export type { LetterRefusal } from '#core/neighbours/neighbours.ts';

/** Another group, by the key on its card that stays. */
export type NeighbourId = Brand<string, 'NeighbourId'>;

export interface Neighbours {
  readonly state: Live<NeighbourState>;
  /** Looks at another group's card, in a code, a link or a text that ends with one, without keeping anything. */
  readCard(code: string): Promise<CardReading>;
  /** Makes our card, or a new one in its place. Where nobody who is here has what belongs to the old one, `anew`. */
  publishCard(making: CardMaking): Promise<NeighbourAnswer>;
  /** Takes a card in, and says which roles of that group may send us tasks. None: we may send to it, it not to us. */
  approve(code: string, trust: Trust): Promise<NeighbourAnswer>;
  /** The same of a group known already, or of one whose letter was refused because nobody had approved it. */
  trust(group: NeighbourId, trust: Trust): Promise<NeighbourAnswer>;
  send(asking: Asking): Promise<NeighbourAnswer>;
  /** Makes tasks of what another group asks for; word of how they go is sent by itself. */
  accept(order: OrderId, parts: readonly Part[]): Promise<NeighbourAnswer>;
  /** Says that we do not do it, or no longer. */
  giveBack(order: OrderId, note: string): Promise<NeighbourAnswer>;
}

export type CardReading =
  | {
      readonly is: 'card' | 'expired' | 'own';
      readonly group: NeighbourId;
      readonly name: string;
      readonly roles: readonly { readonly id: RoleId; readonly label: string }[];
      readonly until: Millis;
      /** The same at both groups; `undefined` while we have no card. */
      readonly safetyNumber: string | undefined;
      /** What we call it, and trust it with, where it is known. */
      readonly known: Trust | undefined;
    }
  | { readonly is: Exclude<CodeProblem, 'expired'> };

export interface Trust {
  readonly name: string;
  readonly roles: readonly RoleId[];
}

export interface CardMaking {
  /** Roles of one's own in whose name tasks may be sent. */
  readonly roles: readonly RoleId[];
  /** Who gets what other groups send; chosen with the first card, and kept. */
  readonly readers: Readers;
  readonly anew?: boolean;
}

export interface Asking {
  readonly to: NeighbourId;
  /** In whose name: a role of one's own that stands on our card. */
  readonly role: RoleId;
  readonly title: string;
  readonly text: string;
  readonly due: number | undefined;
  /** A task of ours that it stands for. */
  readonly task?: TaskId;
}

export interface Part {
  readonly title: string;
  readonly assignee?: Assignee;
}

export type NeighbourAnswer = 'done' | NeighbourRefusal;
export type NeighbourRefusal =
  | 'not-allowed'
  | 'no-room'
  | 'gone'
  | 'newer-version'
  | 'empty'
  | 'too-long'
  /** We have none, or nobody here has what belongs to it. */
  | 'no-card'
  /** The role does not stand on our card with the key it has now: a new card is due. */
  | 'role-not-on-card'
  | 'own-card'
  | CodeProblem;

export interface NeighbourState {
  /**
   * `none`: no card was made. `elsewhere`: one was, and what belongs to it went to a role one does not have. `here`: one is
   * of those who take what comes.
   */
  readonly home: 'none' | 'elsewhere' | 'here';
  /** Who gets what other groups send. */
  readonly readers: Readers | undefined;
  readonly card: OwnCard | undefined;
  readonly mayPublish: boolean;
  /** To say whom we trust. */
  readonly mayTrust: boolean;
  /** To send, accept and return. */
  readonly mayTasks: boolean;
  readonly known: readonly KnownGroup[];
  /** Groups whose tasks were refused because nobody decided about them. */
  readonly strangers: readonly KnownGroup[];
  /** Newest first. */
  readonly received: readonly ReceivedTask[];
  readonly sent: readonly SentTask[];
  readonly refused: readonly RefusedLetter[];
}

export interface OwnCard {
  /** For links, QR codes and files; `undefined`: too much stands on it for a code. */
  readonly code: string | undefined;
  readonly roles: readonly { readonly id: RoleId; readonly label: string; readonly maySign: boolean }[];
  readonly until: Millis;
  readonly isOver: boolean;
}

export interface KnownGroup {
  readonly id: NeighbourId;
  readonly name: string;
  /** What its card says. */
  readonly ownName: string;
  readonly roles: readonly { readonly id: RoleId; readonly label: string; readonly isApproved: boolean }[];
  readonly until: Millis;
  readonly isOver: boolean;
  readonly safetyNumber: string | undefined;
}

export interface ReceivedTask {
  readonly id: OrderId;
  /** Of the message it came by: the `origin` of tasks made from it. */
  readonly message: MessageId;
  readonly from: NeighbourId;
  readonly fromName: string;
  readonly role: string;
  readonly title: string;
  readonly text: string;
  readonly due: number | undefined;
  readonly at: Millis;
  /** What the tasks made from it say now, or that it was returned; `undefined`: nobody answered yet. */
  readonly state: OrderState | undefined;
  readonly parts: { readonly done: number; readonly all: number };
  readonly note: string;
  readonly tasks: readonly { readonly id: TaskId; readonly title: string }[];
}

export interface SentTask {
  readonly id: OrderId;
  readonly to: NeighbourId;
  readonly toName: string;
  readonly role: string;
  readonly by: PersonId;
  readonly title: string;
  readonly text: string;
  readonly due: number | undefined;
  readonly at: Millis;
  readonly task: TaskId | undefined;
  /** `waiting`: not yet left at a relay node of theirs, as far as this device knows. `sent`: no word came of it. */
  readonly state: 'waiting' | 'sent' | OrderState;
  readonly parts: { readonly done: number; readonly all: number };
  readonly note: string;
}

/** What came and is not believed. */
export interface RefusedLetter {
  readonly id: MessageId;
  readonly why: LetterRefusal;
  /** By whom it says to be; only for `forged` nothing of it is true. */
  readonly from: NeighbourId;
  readonly fromName: string;
  readonly title: string;
  readonly at: Millis;
  /** It can be taken after all, once its role is approved. */
  readonly isOpen: boolean;
}
