// Puts documents together from messages, or from checkpoints where these stand for messages whose bodies are gone, without
// touching those that are open (core/docs/SPEC.md §11).
//
// Invariants
// 1. A checkpoint is used only for what is not here otherwise, and never where it contradicts what is.
// 2. Whether a checkpoint is right depends on the messages it covers, in whatever order they came here.

import { applyUpdate, Doc, type Transaction } from 'yjs';
import { equal, type Bytes } from '#core/bytes/bytes.ts';
import { comparePlaces } from '#core/chain/place.ts';
import { joinParts, stateHashOf, type StatePart } from '#core/docs/doc-checkpoint.ts';
import {
  decodeDocumentState,
  isGuardWithin,
  mergeGuards,
  plant,
  stateOf,
  type DocumentState,
} from '#core/docs/document-state.ts';
import { DocumentGuard, type SavedGuard } from '#core/docs/guard.ts';
import { schemaMode } from '#core/docs/schema.ts';
import type { Millis } from '#core/ports.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { DocumentId, MessageId } from '../api.ts';
import type { ContentCheckpoint, ContentMessage, ContentPlace, ContentSpace, DocumentsHost } from '../space-content.ts';
import { isWhole, refusedForNow, stoodFor, type StoodFor } from './coverable.ts';
import { coveredBy, CoverSet, placeOf, union } from './cover-set.ts';
import { decodeBody } from './doc-messages.ts';
import { keyOf, partsFor, type DocumentMessage, type DocumentParts } from './document-parts.ts';
import { partIn } from './document-of.ts';

/** `cannot`: some of what it covers is not here. */
export type Verdict = 'same' | 'differs' | 'cannot';

/** What a document begins with here, in place of messages. */
export interface Beginning {
  readonly claims: readonly MessageId[];
  readonly states: readonly DocumentState[];
  readonly guard: SavedGuard;
  readonly covers: (message: ContentMessage) => boolean;
  /** Some of what is missing is in no checkpoint that can be used. */
  readonly isShort: boolean;
}

/** What some messages come to, and those of them that the guard let nothing come of. */
interface Made {
  readonly state: Bytes;
  readonly refused: readonly ContentMessage[];
}

const NOTHING: SavedGuard = { schema: 0, tracks: [], runs: [] };
/** Longest time messages are worked through without letting the screen breathe. */
const TURN = 12 as Millis;
/** More than this no document has; a claim that names more is not looked through. */
const MAX_COVERED = 1_000_000;

export class Assembly {
  readonly #host: Pick<DocumentsHost, 'contents' | 'clock' | 'logger'>;

  constructor(host: Pick<DocumentsHost, 'contents' | 'clock' | 'logger'>) {
    this.#host = host;
  }

  async partsOf(space: ContentSpace, document: DocumentId): Promise<DocumentParts> {
    const { contents } = this.#host;
    const ofDocument = (message: ContentMessage): DocumentMessage[] => {
      const body = decodeBody(message);
      return typeof body !== 'string' && body.document === document ? [{ message, body }] : [];
    };
    const changes = (await contents.messages(space, 'doc.update', 0)).flatMap(ofDocument);
    const setAside = contents.setAside(space, 'doc.update').flatMap(ofDocument);
    const parts = contents.states(space).flatMap((message) => {
      const part = partIn(message);
      return part?.document === document ? [{ message, part }] : [];
    });
    const claims = contents.checkpoints(space).filter(({ claim }) => claim.document === document);
    const aside = setAside.map(({ message }) => placeOf(message));
    return { space, document, changes, setAside: aside, parts, claims };
  }

  /** Whether changes that checkpoints cover are not here. */
  isShortOf(space: ContentSpace, claims: readonly ContentCheckpoint[]): boolean {
    const sets = claims.map(({ claim }) => {
      const set = new CoverSet();
      set.add(claim.covers);
      return set;
    });
    return this.#missing(space, sets).size > 0;
  }

  /** Which checkpoints stand in for what is not here; `taken` are such as were trusted before. */
  async beginningOf(parts: DocumentParts, taken: ReadonlySet<MessageId>): Promise<Beginning> {
    const trusted = parts.claims.filter(({ id, state }) => state === 'vouched' || taken.has(id));
    return this.#begin(parts, trusted);
  }

  /** Whether what a checkpoint covers comes to what it says. */
  async verify(parts: DocumentParts, claim: ContentCheckpoint, taken: ReadonlySet<MessageId>): Promise<Verdict> {
    const covered = coveredBy(parts.claims, claim.id);
    if (covered === undefined) return 'cannot';
    if (!this.#isItsOwn(parts, covered) || !isWhole(parts, covered, taken)) return 'differs';
    const made = await this.make(parts, covered, new Set([...taken].filter((id) => id !== claim.id)));
    if (made === undefined) return 'cannot';
    const { state, refused } = made;
    if (stateHashOf(state) !== claim.claim.state) return 'differs';
    if (refusedForNow(parts, covered, { refused, gone: this.goneOf(parts, taken) }).length > 0) return 'differs';
    // A hash alone is nothing to begin with.
    if (joinParts(claim.claim, statesFor(parts, claim)) !== undefined) return 'same';
    return this.#isPartGone(parts.space, claim) ? 'cannot' : 'differs';
  }

  /** What is here by checkpoints alone. */
  goneOf(parts: DocumentParts, taken: ReadonlySet<MessageId>): StoodFor {
    return stoodFor(this.#host.contents, parts, taken);
  }

  /** What some messages come to, with checkpoints for those of them that are not here. */
  async make(parts: DocumentParts, covered: CoverSet, taken: ReadonlySet<MessageId>): Promise<Made | undefined> {
    const usable = parts.claims.filter(({ id, state }) => {
      const within = coveredBy(parts.claims, id);
      const isWithin = within !== undefined && within.size < covered.size && within.isWithin(covered);
      return isWithin && (state === 'vouched' || taken.has(id));
    });
    const beginning = await this.#begin(parts, usable, covered);
    if (beginning.isShort) return undefined;
    const { doc, guard, refused } = await this.#put(parts, beginning, ({ message }) => covered.has(placeOf(message)));
    // What a newer app may write is judged otherwise there: this one cannot tell what it comes to.
    const isKnown = schemaMode(guard.schema) === 'edit';
    const state = isKnown ? stateOf(doc, guard.save()) : undefined;
    doc.destroy();
    return state === undefined ? undefined : { state, refused };
  }

  /** Nothing but changes of this document and what earlier checkpoints of it came to. */
  #isItsOwn({ space, changes, parts }: DocumentParts, covered: CoverSet): boolean {
    if (covered.size > MAX_COVERED) return false;
    const own = new Set([...changes, ...parts].map(({ message }) => keyOf(placeOf(message))));
    for (const place of covered.places()) {
      const held = this.#host.contents.heldAt(space, place);
      if (held === undefined || (held.isOpen && !own.has(keyOf(place)))) return false;
      if (held.kind !== 'doc.update' && held.kind !== 'doc.checkpoint') return false;
    }
    return true;
  }

  /** Newest checkpoints first, as many as are needed for what is missing: of `wanted`, or of what they cover themselves. */
  async #begin(parts: DocumentParts, trusted: readonly ContentCheckpoint[], wanted?: CoverSet): Promise<Beginning> {
    const sets = new Map(trusted.flatMap(({ id }) => mapped(id, coveredBy(parts.claims, id))));
    const missing = this.#missing(parts.space, wanted === undefined ? [...sets.values()] : [wanted]);
    const chosen: { id: MessageId; set: CoverSet; state: DocumentState }[] = [];
    for (const claim of [...trusted].sort(comparePlaces).reverse()) {
      const set = sets.get(claim.id);
      if (set === undefined || ![...missing.values()].some((place) => set.has(place))) continue;
      const state = this.#opened(parts, claim);
      if (state === undefined || !(await this.#agrees(parts, { claim, set, state }))) continue;
      chosen.push({ id: claim.id, set, state });
      for (const [key, place] of missing) if (set.has(place)) missing.delete(key);
    }
    const all = union(chosen.map(({ set }) => set));
    return {
      claims: chosen.map(({ id }) => id),
      states: chosen.map(({ state }) => state),
      guard: chosen.reduce((guard, { state }) => mergeGuards(guard, state.guard), NOTHING),
      covers: (message) => all.has(placeOf(message)),
      isShort: missing.size > 0,
    };
  }

  /** Changes whose links are here without what they brought. */
  #missing(space: ContentSpace, sets: readonly CoverSet[]): Map<string, ContentPlace> {
    const missing = new Map<string, ContentPlace>();
    for (const set of sets) {
      for (const [place, { kind, isOpen }] of set.here((place) => this.#host.contents.heldAt(space, place))) {
        if (kind === 'doc.update' && !isOpen) missing.set(keyOf(place), place);
      }
    }
    return missing;
  }

  /** Its parts stand before it in its chain: all of that is here, except what a later checkpoint replaced. */
  #isPartGone(space: ContentSpace, { author: device, incarnation, seq: end }: ContentCheckpoint): boolean {
    for (let seq = 0; seq < end; seq++) {
      const held = this.#host.contents.heldAt(space, { device, incarnation, seq });
      if (held?.kind === 'doc.checkpoint' && !held.isOpen) return true;
    }
    return false;
  }

  #opened(parts: DocumentParts, checkpoint: ContentCheckpoint): DocumentState | undefined {
    const state = joinParts(checkpoint.claim, statesFor(parts, checkpoint));
    if (state === undefined) return undefined;
    try {
      const opened = decodeDocumentState(state);
      const doc = new Doc();
      const fault = plant(doc, opened, parts.document);
      doc.destroy();
      if (fault === undefined) return opened;
      this.#host.logger.count('documents', `checkpoint-${fault}`);
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
      this.#host.logger.count('documents', `checkpoint-${cause.fault}`);
    }
    return undefined;
  }

  /**
   * Whether what is here of the messages it covers is in it, and nothing of it otherwise than here. In the place of what its
   * author had seen there may be something else here, which is not covered.
   */
  async #agrees(
    parts: DocumentParts,
    { claim, set, state }: { readonly claim: ContentCheckpoint; readonly set: CoverSet; readonly state: DocumentState },
  ): Promise<boolean> {
    const isMeant = ({ message }: DocumentMessage): boolean => set.has(placeOf(message)) && !claim.sawOther(message);
    if (!parts.changes.some(isMeant)) return true;
    const { doc, guard } = await this.#put(parts, { states: [], guard: NOTHING, covers: () => false }, isMeant);
    const isIn = isGuardWithin(guard.save(), state.guard) && plant(doc, state, parts.document) === undefined;
    const alike = isIn && equal(stateOf(doc, state.guard), reSpelled(state));
    doc.destroy();
    if (!alike) this.#host.logger.count('documents', 'checkpoint-contradicts');
    return alike;
  }

  async #put(
    { document, changes }: DocumentParts,
    { states, guard: saved, covers }: Pick<Beginning, 'states' | 'guard' | 'covers'>,
    isMeant: (change: DocumentMessage) => boolean,
  ): Promise<{ readonly doc: Doc; readonly guard: DocumentGuard; readonly refused: readonly ContentMessage[] }> {
    const { clock } = this.#host;
    const doc = new Doc({ gc: true });
    // As in documents that are open: tidying marks would make of it what nobody wrote.
    doc.on('afterTransaction', (transaction: Transaction) => (transaction._needFormattingCleanup = false));
    const guard = new DocumentGuard(document, saved);
    const refused: ContentMessage[] = [];
    for (const { update } of states) applyUpdate(doc, update);
    let until = clock.now() + TURN;
    for (const change of [...changes].sort((a, b) => comparePlaces(a.message, b.message))) {
      const { message, body } = change;
      if (!isMeant(change) || covers(message)) continue;
      const author = { device: message.author, incarnation: message.incarnation };
      if (guard.admit({ author, seq: message.seq, past: message.past, body }).ok) applyUpdate(doc, body.update);
      else refused.push(message);
      if (clock.now() <= until) continue;
      await new Promise<void>((resolve) => clock.after(0 as Millis, resolve));
      until = clock.now() + TURN;
    }
    return { doc, guard, refused };
  }
}

/** A state that came in another spelling than ours would never be equal to what we spell. */
function reSpelled(state: DocumentState): Bytes {
  const doc = new Doc();
  applyUpdate(doc, state.update);
  const spelled = stateOf(doc, state.guard);
  doc.destroy();
  return spelled;
}

function statesFor(parts: DocumentParts, claim: ContentCheckpoint): readonly StatePart[] {
  return partsFor(parts, claim).map(({ part }) => part);
}

function mapped(id: MessageId, set: CoverSet | undefined): [MessageId, CoverSet][] {
  return set === undefined ? [] : [[id, set]];
}
