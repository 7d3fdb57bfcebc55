// Messages of a group that are held without their bodies though nothing shows that these have to be gone: the word that
// took them back does not stand any more, or whoever passed an edit on left it out. They are asked for, a few times on each
// link, and taken from whoever still has them (core/sync/SPEC.md §6). What the rules let disappear never comes back.

import type { MessageId } from '#core/charter/ids.ts';
import type { Message } from '#core/chain/message.ts';
import { VANISHING } from '#core/chat/body.ts';
import { isWithheld } from '#core/keys/entitled.ts';
import { chainKey } from '#core/sync/held.ts';
import { saidAfter } from './bare.ts';
import { knowsWhen } from './bodies-for.ts';
import type { Deletions } from './deletions.ts';
import type { HollowPlace } from './lasting-ports.ts';
import type { Entry } from './log.ts';
import type { Replica } from './replica.ts';
import type { Retention } from './retention.ts';

/** Looked at for the first time in one go: after a long absence thousands come without bodies. */
const LOOKED_AT_ONCE = 256;

type Places = ReadonlyMap<string, readonly HollowPlace[]>;

export class Hollow {
  readonly #replica: Replica;
  readonly #deletions: Deletions;
  readonly #retention: Retention;
  /** Without bodies, and not looked at yet. */
  readonly #fresh = new Set<MessageId>();
  /** Whose bodies neither the rules nor a later coming of this person explain. */
  readonly #bare = new Map<MessageId, Message>();
  #found: { readonly basis: readonly unknown[]; readonly places: Places } | undefined;

  constructor(replica: Replica, by: { readonly deletions: Deletions; readonly retention: Retention }) {
    this.#replica = replica;
    this.#deletions = by.deletions;
    this.#retention = by.retention;
  }

  /** A message is held now, or its body is there or gone now. */
  note({ message, open, stands }: Entry): void {
    const { id, header } = message;
    const isNothing = open !== undefined && this.#fresh.size === 0 && this.#bare.size === 0;
    if (isNothing || !VANISHING.has(header.kind)) return;
    this.#fresh.delete(id);
    if (this.#bare.delete(id)) this.#found = undefined;
    if (open === undefined && stands) this.#fresh.add(id);
  }

  /** Those of a chain, the newest first. */
  in(chain: string): readonly HollowPlace[] {
    if (this.#fresh.size === 0 && this.#bare.size === 0) return [];
    this.#look();
    const { charter, standing } = this.#replica;
    const basis = [charter, standing.voided, this.#deletions.count];
    if (this.#found === undefined || basis.some((part, i) => part !== this.#found?.basis[i])) {
      this.#found = { basis, places: this.#places() };
    }
    return this.#found.places.get(chain) ?? [];
  }

  /** Whether a body that came for a message may be kept with it. */
  mayHave(whole: Entry): boolean {
    const { message, open } = whole;
    const isKind = VANISHING.has(message.header.kind) && whole.stands;
    if (!isKind || open === undefined || !this.#replica.standing.stands(message.id)) return false;
    return !this.#cameBefore(message) && !this.#deletions.stands(whole) && !this.#retention.isOver(whole);
  }

  #look(): void {
    let looked = 0;
    for (const id of this.#fresh) {
      if (looked++ === LOOKED_AT_ONCE) return;
      this.#fresh.delete(id);
      const message = this.#replica.entryAt(id)?.message;
      if (message === undefined) continue;
      // After what a waiting one was said may not show before it settles.
      const isKnown = knowsWhen(this.#replica.charter, message.header);
      if (isKnown && this.#cameBefore(message)) continue;
      if (this.#retention.isPast(message.header.under, () => saidAfter(this.#replica, message))) continue;
      this.#bare.set(id, message);
      this.#found = undefined;
    }
  }

  /** An edit goes with what it changed, and what that was its body told. */
  #mayBeGone(message: Message): boolean {
    const { header } = message;
    if (header.kind !== 'edit') return false;
    return this.#deletions.byAuthorOf(message) || this.#retention.mayBeOver(header, () => undefined);
  }

  #cameBefore({ header }: Message): boolean {
    const { charter, identity } = this.#replica;
    return !knowsWhen(charter, header) || isWithheld(charter, identity.device, header);
  }

  #places(): Places {
    const places = new Map<string, HollowPlace[]>();
    for (const message of [...this.#bare.values()].reverse()) {
      const { id, header } = message;
      if (!this.#replica.standing.stands(id) || this.#cameBefore(message)) continue;
      if (this.#deletions.stands({ message, open: undefined })) continue;
      const key = chainKey(header);
      const known = places.get(key) ?? [];
      known.push({ id, seq: header.seq, isLikely: this.#mayBeGone(message) });
      places.set(key, known);
    }
    return places;
  }
}
