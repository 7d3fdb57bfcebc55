// What a group's messages say of other groups: read from those of the kind `neighbour` that stand, with what the rules said
// of each author, and with their signatures checked; folded to one picture in the scope that takes what others send.

import type { MessageId, Scope } from '#core/charter/ids.ts';
import type { CryptoSuite } from '#core/crypto/suite.ts';
import { decodeNeighbourAct, proofOfAct, type NeighbourAct } from '#core/neighbours/neighbour-body.ts';
import {
  foldNeighbours,
  type KeptKeys,
  type Neighbourhood,
  type ToldNeighbourAct,
} from '#core/neighbours/neighbours.ts';
import type { Proof, SignedLetter } from '#core/neighbours/order.ts';
import { decodeOutsideCard, type SignedOutsideCard } from '#core/neighbours/outside-card.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import type { EventQueue } from '../event-queue.ts';
import { hadRight } from '../groups/group-rights.ts';
import type { GroupSpace } from '../groups/group-space.ts';
import type { Entry } from '../space/log.ts';

export const NEIGHBOUR_KIND = 'neighbour';
/** Signatures checked before others have their turn. */
const AT_ONCE = 20;

interface Said {
  readonly entry: Entry;
  readonly act: NeighbourAct;
  /** `undefined`: not checked yet. */
  proof: Proof | undefined;
  /** What the rules said of its author, and what that was judged from. */
  judged?: { readonly ground: unknown; readonly mayCard: boolean; readonly mayTasks: boolean };
}

/** What is known in the scope whose members take what other groups send. */
export interface NeighbourHome {
  readonly scope: Scope;
  /** Our card and what belongs to it. */
  readonly keys: KeptKeys;
  readonly state: Neighbourhood;
  readonly told: readonly ToldNeighbourAct[];
}

export interface NeighbourLogPorts {
  readonly space: GroupSpace;
  readonly suite: CryptoSuite;
  readonly queue: EventQueue;
  /** It says something else than before, as part of an event. */
  readonly changed: () => void;
}

export class NeighbourLog {
  readonly #ports: NeighbourLogPorts;
  readonly #said = new Map<MessageId, Said>();
  #isChecking = false;
  #isClosed = false;
  /** What the last answer rests on. */
  #ground: unknown;
  #home: NeighbourHome | undefined;

  constructor(ports: NeighbourLogPorts) {
    this.#ports = ports;
    this.#readAll();
  }

  close(): void {
    this.#isClosed = true;
  }

  /** Everything here was checked. */
  get isWhole(): boolean {
    return !this.#isChecking;
  }

  /** The group's card as its log says it. */
  get card(): SignedOutsideCard | undefined {
    const op = this.#ports.space.replica.view?.group?.outsideCard;
    if (op === undefined) return undefined;
    const { number, expires, key, signature } = op;
    // Whoever may publish a card may publish one that is none.
    const card = tryDecode(() => decodeOutsideCard(op.card));
    return card && { card, bytes: op.card, number, expires, key, signature };
  }

  /** `undefined`: there is no card, or one is not of those who have what belongs to it. */
  get home(): NeighbourHome | undefined {
    const ground = this.#ports.space.replica.view?.group;
    if (this.#ground !== ground || ground === undefined) {
      this.#ground = ground;
      this.#home = this.#fold();
    }
    return this.#home;
  }

  /** Letters this very device wrote, oldest first. */
  ownLetters(): readonly { readonly id: MessageId; readonly letter: SignedLetter }[] {
    const { device } = this.#ports.space.replica.identity;
    return [...this.#said.values()].flatMap(({ entry, act }) => {
      const { header, id } = entry.message;
      return act.act === 'went' && header.device === device ? [{ id, letter: act.letter }] : [];
    });
  }

  settled(entry: Entry): void {
    if (this.#take(entry)) this.#checkSoon();
  }

  /** What was handed out stands otherwise now. */
  restood(): void {
    const proofs = new Map(this.#said);
    this.#said.clear();
    this.#readAll(proofs);
    this.#changed();
  }

  #readAll(known: ReadonlyMap<MessageId, Said> = new Map()): void {
    const { log, standing } = this.#ports.space.replica;
    for (const { entry } of log.ofKind(NEIGHBOUR_KIND)) {
      const { id } = entry.message;
      if (!entry.stands || !standing.stands(id) || !this.#take(entry)) continue;
      this.#said.get(id)!.proof = known.get(id)?.proof;
    }
    this.#checkSoon();
  }

  #take(entry: Entry): boolean {
    const { message, open } = entry;
    if (message.header.kind !== NEIGHBOUR_KIND || open === undefined) return false;
    const act = tryDecode(
      () => decodeNeighbourAct(open.body),
      () => (this.#ports.space.needsNewer = true),
    );
    if (act !== undefined) this.#said.set(message.id, { entry, act, proof: undefined });
    return act !== undefined;
  }

  #checkSoon(): void {
    if (this.#isChecking || this.#unchecked().length === 0) return;
    this.#isChecking = true;
    void this.#ports.queue.run(() => this.#check());
  }

  async #check(): Promise<void> {
    for (const said of this.#unchecked().slice(0, AT_ONCE)) said.proof = await proofOfAct(this.#ports.suite, said.act);
    if (this.#isClosed) return;
    if (this.#unchecked().length > 0) {
      void this.#ports.queue.later(() => this.#check());
      return;
    }
    this.#isChecking = false;
    this.#changed();
  }

  #unchecked(): readonly Said[] {
    return [...this.#said.values()].filter(({ proof }) => proof === undefined);
  }

  #changed(): void {
    this.#ground = undefined;
    this.#ports.changed();
  }

  #fold(): NeighbourHome | undefined {
    const { space } = this.#ports;
    const card = this.card;
    if (card === undefined) return undefined;
    const scopes = new Set([...this.#said.values()].map(({ entry }) => entry.message.header.scope));
    for (const scope of scopes) {
      if (!space.reads(scope)) continue;
      const told = this.#toldIn(scope);
      const state = foldNeighbours(card.key, told);
      const ours = state.kept.filter((kept) => kept.card.key === card.key);
      // Of a card that one did not hear of yet only what belongs to the one before is here.
      const keys = ours.find((kept) => kept.card.number === card.number) ?? ours.at(-1);
      if (keys !== undefined) return { scope, keys, state, told };
    }
    return undefined;
  }

  #toldIn(scope: Scope): readonly ToldNeighbourAct[] {
    const { replica } = this.#ports.space;
    const told: ToldNeighbourAct[] = [];
    for (const said of this.#said.values()) {
      const { entry, act, proof } = said;
      const { header, id } = entry.message;
      const [author] = header.auth;
      if (header.scope !== scope || proof === undefined || author === undefined) continue;
      const ground = replica.view?.group;
      if (said.judged?.ground !== ground) {
        const may = (right: 'card' | 'tasks'): boolean => hadRight(replica, entry.message, right);
        said.judged = { ground, mayCard: may('card'), mayTasks: may('tasks') };
      }
      const { mayCard, mayTasks } = said.judged!;
      told.push({ id, lamport: header.lamport, author, mayCard, mayTasks, act, proof });
    }
    return told;
  }
}
