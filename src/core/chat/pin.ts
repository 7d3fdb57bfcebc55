// What a channel keeps in sight (SPEC.md §5): a message of kind `pin` pins another, or takes it down again.

import { hex, type Bytes } from '../bytes/bytes.ts';
import { comparePlaces, type Place } from '../chain/place.ts';
import type { MessageId, PrincipalId } from '../charter/ids.ts';
import { decode, encode } from '../wire/cbor.ts';
import { fields } from '../wire/fields.ts';

export interface PinBody {
  readonly target: MessageId;
  /** False takes it down. */
  readonly pinned: boolean;
}

const VERSION = 1;
const ID_BYTES = 32;
const MAX_BODY_BYTES = 100;

export function encodePinBody({ target, pinned }: PinBody): Bytes {
  const bytes = hex.decode(target);
  if (bytes?.length !== ID_BYTES) throw new Error('pin: not a message id');
  return encode({ v: VERSION, target: bytes, pinned });
}

/** Throws `WireError` only. */
export function decodePinBody(bytes: Uint8Array): PinBody {
  const read = fields(decode(bytes, 'pin', MAX_BODY_BYTES), 'pin');
  read.version('v', VERSION);
  const body = { target: read.id<MessageId>('target', ID_BYTES), pinned: read.bool('pinned') };
  read.end();
  return body;
}

/** Who said last, in content order, whether a message is pinned. */
export interface Pinning extends Place {
  readonly pinned: boolean;
  readonly by: PrincipalId;
}

/** The fold of the pins of one channel: a function of the set of what was said, whatever came first. */
export class Pins {
  #last = new Map<MessageId, Pinning>();

  tell(target: MessageId, pinning: Pinning): void {
    const known = this.#last.get(target);
    if (known === undefined || comparePlaces(known, pinning) < 0) this.#last.set(target, pinning);
  }

  /** The pinned message is no more. */
  drop(target: MessageId): void {
    this.#last.delete(target);
  }

  /** Says what another fold says from now on: everything was told anew there. */
  become(told: Pins): void {
    this.#last = told.#last;
  }

  isPinned(target: MessageId): boolean {
    return this.#last.get(target)?.pinned === true;
  }

  /** What is pinned, the newest pin first. */
  get pinned(): readonly { readonly target: MessageId; readonly by: PrincipalId }[] {
    const pinned = [...this.#last].filter(([, { pinned }]) => pinned);
    return pinned.sort(([, a], [, b]) => comparePlaces(b, a)).map(([target, { by }]) => ({ target, by }));
  }
}
