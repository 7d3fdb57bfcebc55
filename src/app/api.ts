// What a person can do, as the interface between the screens and the session. Screens know nothing below it; the
// simulator drives the same interface. Ids are opaque strings; texts that came from others are already made safe
// to show (no control or bidi characters), never trusted as markup.

import type { Brand } from '#core/bytes/brand.ts';
import type { Millis, NetworkPolicy } from '#core/ports.ts';
import type { Documents } from './documents/document-api.ts';
import type { Groups, InvitationReading } from './groups/group-api.ts';
import type { CodeProblem, ContactId, Live, Talk } from './talk/talk-api.ts';

export type { DocumentEntry, DocumentHome, DocumentId, Documents, OpenDocument } from './documents/document-api.ts';
export type {
  ContactId,
  CodeProblem,
  Delivery,
  Gap,
  Live,
  Message,
  MessageId,
  SendResult,
  Talk,
  TimelineEntry,
} from './talk/talk-api.ts';

export type CardId = Brand<string, 'CardId'>;

/* ---------- the device: before and around an unlocked session ---------- */

export type DeviceState =
  | { readonly is: 'empty' }
  | { readonly is: 'locked' }
  /** Another tab of this browser has the vault open; `takeOver` closes it there. */
  | { readonly is: 'elsewhere' }
  | { readonly is: 'working'; readonly on: 'create' | 'unlock' | 'restore'; readonly progress: number }
  | { readonly is: 'open'; readonly session: Session }
  /** The database was deleted from outside while in use. */
  | { readonly is: 'gone' };

export type UnlockAnswer = 'open' | 'wrong-passphrase' | 'elsewhere' | 'broken';
/** `elsewhere`: another tab was faster; the state says so too. */
export type RestoreAnswer = 'open' | 'wrong-passphrase' | 'not-a-backup' | 'newer-version' | 'no-room' | 'elsewhere';

export interface Device {
  readonly state: Live<DeviceState>;
  create(passphrase: string): Promise<'open' | 'no-room' | 'elsewhere'>;
  unlock(passphrase: string): Promise<UnlockAnswer>;
  restore(backup: Uint8Array, backupPassphrase: string, newPassphrase: string): Promise<RestoreAnswer>;
  lock(): Promise<void>;
  /** Removes everything of the open vault from this browser; the state says whether it is gone. */
  erase(): Promise<void>;
  takeOver(): Promise<void>;
  /**
   * Looks at a group's invitation where there is no vault yet, so that whoever is invited reads the group's name before
   * they choose a passphrase. Never `member-already` then.
   */
  readInvitation?(code: string): Promise<InvitationReading>;
}

/* ---------- an unlocked session ---------- */

export interface Session {
  readonly people: People;
  readonly ownDevices: OwnDevices;
  readonly documents: Documents;
  readonly groups: Groups;
  readonly connection: Live<Connection>;
  readonly keeping: Live<Keeping>;
  readonly settings: Live<Settings>;
  changeSettings(change: Partial<Settings>): Promise<void>;
  conversation(contact: ContactId): Conversation;
  /** A backup of everything, in the age format under its own passphrase (1 passphrase, scrypt). */
  backUp(passphrase: string): Promise<Uint8Array>;
  /** Puts everything that was acknowledged on disk and ends. */
  close(): Promise<void>;
}

/* ---------- own devices ---------- */

export type OwnDeviceId = Brand<string, 'OwnDeviceId'>;

/** One of this person's devices. */
export interface OwnDevice {
  readonly id: OwnDeviceId;
  /** As the person called it; empty when they did not. */
  readonly name: string;
  readonly isThis: boolean;
  readonly isEnded: boolean;
  /** When this device heard of it. */
  readonly addedAt: Millis;
  /** When it was last heard here; for this one and those linked now: now. */
  readonly lastSeen: Millis | undefined;
  /** The person has not said on this device that they know of it. */
  readonly isNew: boolean;
}

/** The code shown here to take in another device, and how far that is. */
export type DeviceOffer =
  | { readonly is: 'none' }
  | { readonly is: 'open'; readonly code: string; readonly expiresAt: Millis }
  /** A device asks. The person types the number it shows. */
  | { readonly is: 'asked'; readonly name: string; readonly expiresAt: Millis }
  /** It is let in at that time unless the person stops it. */
  | { readonly is: 'confirmed'; readonly name: string; readonly at: Millis }
  | { readonly is: 'added'; readonly name: string }
  | { readonly is: 'over'; readonly why: 'expired' | 'asked-twice' | 'wrong-number' | 'no-room' };

/** What this device knows of being taken in by another one. */
export type DeviceJoining =
  | { readonly is: 'none' }
  /** Type the number on the other device. */
  | { readonly is: 'asking'; readonly number: string; readonly until: Millis; readonly isLeft: boolean }
  /** It is in; so many contacts and messages are still to come. */
  | { readonly is: 'receiving'; readonly contacts: number; readonly missing: number };

export type DeviceCodeReading =
  | { readonly is: 'device-code'; readonly expiresAt: Millis }
  | { readonly is: CodeProblem | 'own-code' | 'contact-card' };

/**
 * Whether the recovery words are on paper. `none`: this vault has none. `isHere`: they can be shown on this device; else on
 * the one that made them.
 */
export type PaperState =
  { readonly is: 'none' } | { readonly is: 'not-on-paper'; readonly isHere: boolean } | { readonly is: 'on-paper' };

export type ShowWordsAnswer =
  { readonly is: 'words'; readonly words: readonly string[] } | { readonly is: 'wrong-passphrase' | 'not-here' };

/** `slip`: one of the words is not what was written down. `other-words`: whole, but not this person's. */
export type WordsProblem = 'too-few' | 'too-many' | 'not-a-word' | 'slip' | 'other-words';

export type EndDeviceAnswer =
  /** `left`: spaces in which another recovery key counts, so that the device goes on there. */
  { readonly is: 'ended'; readonly spaces: number; readonly left: number } | { readonly is: WordsProblem | 'no-room' };

export type ShowCodeAnswer = 'shown' | 'wrong-passphrase' | 'no-relay' | 'no-room';
export type JoinProblem = CodeProblem | 'own-code' | 'contact-card' | 'not-empty' | 'no-room';
export type ConfirmAnswer = 'confirmed' | 'wrong-number' | 'over';

export interface OwnDevices {
  readonly list: Live<readonly OwnDevice[]>;
  readonly offer: Live<DeviceOffer>;
  readonly joining: Live<DeviceJoining>;
  /** Shows a code to take in another device: once, for minutes, and only for whoever knows the passphrase. */
  showCode(passphrase: string): Promise<ShowCodeAnswer>;
  /** Ends the code that is shown, also while a confirmed device waits to be let in. */
  withdrawCode(): Promise<void>;
  /** The person typed the number that the new device shows. */
  confirm(number: string): Promise<ConfirmAnswer>;
  /** Looks at a code without answering it. */
  readCode(code: string): DeviceCodeReading;
  /** Asks to become a further device of whoever shows the code. Only a device with nothing on it may. */
  join(code: string, name: string): Promise<'asked' | JoinProblem>;
  cancelJoin(): Promise<void>;
  /** Names this device, for the person's other devices. */
  rename(name: string): Promise<void>;
  readonly paper: Live<PaperState>;
  /** The recovery words, for whoever knows the passphrase, until they are on paper. */
  showWords(passphrase: string): Promise<ShowWordsAnswer>;
  /** The person typed them from their paper: from then on they are nowhere else. */
  rehearse(words: string): Promise<'on-paper' | WordsProblem>;
  /** Ends another device, lost or stolen, with the words on paper. */
  end(device: OwnDeviceId, words: string): Promise<EndDeviceAnswer>;
  /** True when this device was ended by another one: nothing new comes here, and nothing is sent. */
  readonly isEnded: Live<boolean>;
  /** The person knows of a device that was announced. */
  acknowledge(device: OwnDeviceId): Promise<void>;
}

export interface Settings {
  /** Minutes without a touch until the vault locks itself; 0 = never. */
  readonly lockAfterMinutes: number;
  /** The relay nodes new cards name. At first the one the app came from. */
  readonly relays: readonly string[];
  readonly theme: 'auto' | 'dark' | 'light';
  readonly language: string | undefined;
}

/** How we are connected, in facts from which the screen makes words. */
export interface Connection {
  readonly relays: readonly { readonly address: string; readonly state: 'connected' | 'connecting' | 'unreachable' }[];
  readonly directWith: readonly ContactId[];
  readonly relayedWith: readonly ContactId[];
  /** Own messages and changes that are not yet at a relay or with the other person. */
  readonly waiting: number;
}

/** What protects against loss, told honestly. */
export interface Keeping {
  readonly persisted: boolean;
  readonly lastBackup: Millis | undefined;
  /** Bytes used and allowed by the browser, when it says. */
  readonly usedBytes: number | undefined;
  readonly allowedBytes: number | undefined;
  /** True while the disk takes nothing more: reading works, writing waits. */
  readonly full: boolean;
  /** Rows that could not be read since the vault was opened. */
  readonly damagedRows: number;
  /** The database was deleted while in use. */
  readonly gone: boolean;
}

/* ---------- people ---------- */

export interface People {
  readonly contacts: Live<readonly Contact[]>;
  readonly cards: Live<readonly Card[]>;
  /** Makes a one-time card under the name this contact will see. */
  makeCard(options: { readonly myName: string; readonly validFor: Millis }): Promise<Card>;
  withdrawCard(card: CardId): Promise<void>;
  /** Looks at a code without answering it. */
  readCode(code: string): CodeReading;
  /** Answers a card: makes the contact, at once and also when the other person is offline. */
  answer(code: string, myName: string): Promise<AnswerResult>;
  setNickname(contact: ContactId, nickname: string): Promise<void>;
  setPolicy(contact: ContactId, policy: NetworkPolicy): Promise<void>;
  setBlocked(contact: ContactId, blocked: boolean): Promise<void>;
  /** After both compared the safety number. */
  confirm(contact: ContactId, confirmed: boolean): Promise<void>;
}

export interface Contact {
  readonly id: ContactId;
  /** The local nickname, else the name they gave. */
  readonly name: string;
  readonly theirName: string;
  readonly nickname: string | undefined;
  /** The name this contact knows us by. */
  readonly myName: string;
  /** True when the name mixes writing systems or resembles another contact's. */
  readonly nameWarning: 'mixed-scripts' | 'looks-like-another' | undefined;
  readonly confirmed: boolean;
  readonly blocked: boolean;
  /** `answered`: we answered their card and they were not heard yet. `void`: the card was answered twice. */
  readonly state: 'answered' | 'connected' | 'void';
  readonly policy: NetworkPolicy;
  readonly presence: 'direct' | 'relayed' | 'away';
  /** 60 digits in groups of five, equal at both ends. */
  readonly safetyNumber: string;
  readonly lastMessage: { readonly text: string; readonly at: Millis; readonly mine: boolean } | undefined;
  readonly unread: number;
}

export interface Card {
  readonly id: CardId;
  /** What the link's fragment and the QR code hold. Empty once the card is no longer open. */
  readonly code: string;
  readonly myName: string;
  readonly madeAt: Millis;
  readonly expiresAt: Millis;
  readonly state: 'open' | 'used' | 'expired' | 'withdrawn' | 'void';
}

export type CodeReading =
  | { readonly is: 'card'; readonly expiresAt: Millis }
  | { readonly is: 'own-card' }
  /** It links a person's own device; here it does nothing. */
  | { readonly is: 'device-code' }
  | { readonly is: 'answered-before'; readonly contact: ContactId }
  | { readonly is: CodeProblem };

export type AnswerResult =
  | { readonly is: 'contact'; readonly contact: ContactId }
  | { readonly is: 'refused'; readonly problem: CodeProblem | 'own-card' | 'device-code' | 'no-room' };

/* ---------- chat ---------- */

export interface Conversation extends Talk {
  readonly contact: Live<Contact>;
}
