// What a replica asks about bodies that go, or need not come.

import type { Header } from '#core/charter/header.ts';
import type { MessageId, Scope } from '#core/charter/ids.ts';
import type { Message } from '#core/chain/message.ts';
import type { Reader } from '#core/keys/entitled.ts';
import type { Millis } from '#core/ports.ts';
import type { ChainId } from '#core/sync/held.ts';
import type { KnownClaim } from './claims.ts';
import type { Entry } from './log.ts';

/** Which bodies are not to be kept, or need not come; only groups have any (lasting.ts). */
export interface Lasting {
  isOver(entry: Entry): boolean;
  isCovered(header: Header): boolean;
  /**
   * Whether the body of something that people said may be gone: by its author's word, or by the rules. `after`: when it was
   * said at the earliest, as far as that is known.
   */
  mayBeGone(message: Pick<Message, 'id' | 'header'>, after: () => Millis | undefined): boolean;
  /** A message is held now, or will be if it settles. */
  note(entry: Entry): void;
  /** Whether another device is given a message without its body, because it has that by a checkpoint. */
  isReplacedFor?(to: Reader, header: Header): boolean;
  /** What shows another device of messages given without bodies that these are not needed. */
  evidenceFor?(to: Reader, given: readonly PlaceInChain[]): readonly PlaceInChain[];
  /** What of a chain is held without its body though nothing shows that it has to be; the newest first. */
  hollowIn?(chain: string): readonly HollowPlace[];
  /** Whether a body that came for a message held without it may be kept. */
  mayHave?(whole: Entry): boolean;
  /** Checkpoints that settled here, in content order. */
  checkpointsIn?(scope: Scope): readonly (KnownClaim & { readonly isJudged: boolean })[];
}

export interface HollowPlace {
  readonly id: MessageId;
  readonly seq: number;
  /** It may well be gone: nobody needs be asked twice. */
  readonly isLikely: boolean;
}

export interface PlaceInChain {
  readonly chain: ChainId;
  readonly seq: number;
}

/** Of two people who omits what the other said has nothing to gain: it is theirs. */
export const LASTING: Lasting = {
  isOver: () => false,
  isCovered: () => false,
  mayBeGone: () => true,
  note: () => undefined,
};
