// Documents that go to other readers of their group (core/docs/SPEC.md §10): what they say goes as a new document, what
// they were made of here is destroyed, and their former names lead to where they are now.
//
// Invariants
// 1. What a document says is with its new readers, on this disk, before its former ones hear that it went.
// 2. A body is destroyed only when what it brought is in the new document.

import { hex } from '#core/bytes/bytes.ts';
import { comparePlaces, type Place } from '#core/chain/place.ts';
import type { Scope } from '#core/charter/ids.ts';
import { appendNew, blockHashes, copyContent } from '#core/docs/copy.ts';
import { decodeDocMove, encodeDocMove, MAX_FORMER_NAMES, type DocMove } from '#core/docs/doc-move.ts';
import { DOCUMENT_ID_BYTES } from '#core/docs/doc-update.ts';
import { titleOf } from '#core/docs/title.ts';
import { covers } from '#core/sync/spans.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import type { DocumentHome, DocumentId, MoveResult, Moved } from './document-api.ts';
import { contentOf, contentSpaceOf, homeOf, partsOfHome, spaceAndScope } from './document-homes.ts';
import type { ContentMessage, ContentSpace, DocumentsHost, SpaceFacts } from '../space-content.ts';
import type { Catalogue } from './catalogue.ts';
import { CoverSet } from './cover-set.ts';
import { documentOf } from './document-of.ts';
import { coversFor, MovedRows } from './moved-rows.ts';
import type { Shelf, Shelved } from './shelf.ts';

export interface MovesPorts {
  readonly host: DocumentsHost;
  readonly catalogue: Catalogue;
  readonly shelf: Shelf;
  /** `undefined`: nothing there can be read. */
  readonly facts: (space: ContentSpace) => SpaceFacts | undefined;
}

type Went = Extract<DocMove, { is: 'went' }>;

/** Where a name leads, by a message said in `said`. */
interface Next extends Place {
  readonly to: DocumentId;
  readonly home: ContentSpace;
  readonly said: ContentSpace;
}

/** A document that went again and again is followed so far. */
const MAX_STEPS = 64;

export class Moves {
  readonly #ports: MovesPorts;
  /** Departures, by the space they were said in. */
  readonly #went = new Map<ContentSpace, Went[]>();
  readonly #next = new Map<DocumentId, Next>();
  readonly #was = new Map<DocumentId, readonly DocumentId[]>();
  /** Those that this device moved: what comes late for them is brought along from here. */
  readonly #kept: MovedRows;
  #working: Promise<void> = Promise.resolve();

  constructor(ports: MovesPorts) {
    this.#ports = ports;
    this.#kept = new MovedRows(ports.host);
  }

  async load(): Promise<void> {
    for (const id of await this.#kept.load()) await this.#ports.shelf.renew(id);
  }

  /** Reads all that was said of moves in a space, before its documents are looked at. */
  async meet(space: ContentSpace): Promise<void> {
    this.#went.delete(space);
    for (const [id, { said }] of this.#next) if (said === space) this.#next.delete(id);
    if (partsOfHome(homeOf(space)).is !== 'group') return;
    for (const message of await this.#ports.host.contents.messages(space, 'doc.move', 0)) this.#learn(message);
    for (const { document } of this.#went.get(space) ?? []) await this.#leave(space, document);
    await this.#destroyCovered(space);
    for (const id of this.#kept.of(space)) this.bringLate(id);
  }

  /** One after the other, also when several come at once. */
  hear(message: ContentMessage): Promise<void> {
    return this.#inTurn(async () => {
      const move = this.#learn(message);
      if (move?.is !== 'went') return;
      await this.#leave(message.space, move.document);
      await this.#destroyCovered(message.space);
    });
  }

  /** Whether a document went from there: what is still heard of it came too late. */
  isGone(space: ContentSpace, id: DocumentId): boolean {
    return this.#went.get(space)?.some(({ document }) => document === id) === true;
  }

  /** Whether it went by this device's doing, so that it brings along what comes late. */
  isKept(id: DocumentId): boolean {
    return this.#kept.get(id) !== undefined;
  }

  /** The name a document has now. */
  nameNow(id: DocumentId): DocumentId {
    let now = id;
    for (let i = 0; i < MAX_STEPS; i++) {
      const next = this.#next.get(now)?.to;
      if (next === undefined) return now;
      now = next;
    }
    return now;
  }

  movedTo(id: DocumentId): Moved | undefined {
    const document = this.nameNow(id);
    if (document === id) return undefined;
    const known = this.#ports.catalogue.get(document);
    const home = known?.space ?? [...this.#next.values()].find(({ to }) => to === document)?.home;
    return home === undefined ? undefined : { document, home: homeOf(home), isHere: known !== undefined };
  }

  move(id: DocumentId, to: DocumentHome): Promise<MoveResult> {
    return this.#inTurn(() => this.#move(id, contentOf(to)));
  }

  /** Something was written into what this device moved, by somebody who had not heard of that. */
  bringLate(id: DocumentId): void {
    void this.#inTurn(() => this.#bringLate(id)).catch(() => this.#ports.host.logger.count('documents', 'late-failed'));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#working.then(work);
    this.#working = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  #learn(message: ContentMessage): DocMove | undefined {
    const move = decodeOrNothing(message);
    if (move === undefined) return undefined;
    const { space, lamport, id } = message;
    if (move.is === 'came') {
      this.#was.set(move.document, move.was);
      for (const former of move.was) this.#lead(former, { id, lamport, to: move.document, home: space, said: space });
      return move;
    }
    const home = contentSpaceOf(spaceAndScope(space).space, move.to);
    this.#went.set(space, [...(this.#went.get(space) ?? []), move]);
    this.#lead(move.document, { id, lamport, to: move.as, home, said: space });
    return move;
  }

  #lead(from: DocumentId, next: Next): void {
    const known = this.#next.get(from);
    if (from !== next.to && (known === undefined || comparePlaces(known, next) < 0)) this.#next.set(from, next);
  }

  /** Nothing of it is shown or kept put together here any more. */
  async #leave(space: ContentSpace, id: DocumentId): Promise<void> {
    const { catalogue, shelf } = this.#ports;
    const entry = catalogue.get(id);
    if (entry === undefined || entry.space !== space) return;
    catalogue.remove(id);
    if (this.isKept(id)) shelf.tellOver(id);
    else await shelf.renew(id);
  }

  async #destroyCovered(space: ContentSpace): Promise<void> {
    const went = this.#went.get(space) ?? [];
    if (went.length === 0) return;
    const { contents, inTurn } = this.#ports.host;
    const kept = [...(await contents.messages(space, 'doc.update', 0)), ...contents.states(space)];
    const over = kept.filter((message) => {
      const { author, incarnation, seq } = message;
      const document = documentOf(message);
      return went.some((move) => {
        const isMeant = (chain: Went['covers'][number]): boolean =>
          chain.device === author && chain.incarnation === incarnation && covers(chain.spans, seq);
        return move.document === document && move.covers.some(isMeant);
      });
    });
    if (over.length > 0)
      await inTurn(async () =>
        contents.destroy(
          space,
          over.map(({ id }) => id),
        ),
      );
  }

  async #move(id: DocumentId, target: ContentSpace): Promise<MoveResult> {
    const { catalogue, shelf, host } = this.#ports;
    const entry = catalogue.get(id);
    if (entry === undefined) return 'gone';
    if (!this.#mayMove(entry.space, target)) return 'not-allowed';
    const shelved = await shelf.take(id);
    const as = hex.encode(host.random.bytes(DOCUMENT_ID_BYTES)) as DocumentId;
    const made = await shelf.take(as, target);
    try {
      const result = await this.#copyOver(shelved, made, { from: entry.space, target });
      if (result === 'done') {
        catalogue.set({ ...entry, id: as, space: target, title: titleOf(made.live.doc), stale: false });
        return as;
      }
      shelf.discard(as);
      return result;
    } finally {
      await shelf.put(shelved);
      await shelf.put(made);
    }
  }

  async #copyOver(
    { live }: Shelved,
    made: Shelved,
    { from, target }: { readonly from: ContentSpace; readonly target: ContentSpace },
  ): Promise<'done' | 'not-allowed' | 'no-room'> {
    const { contents } = this.#ports.host;
    if (live.mode !== 'edit' || made.live.mode !== 'edit') return 'not-allowed';
    await live.outgoing.flush();
    const parts = await this.#messagesOf(from, live.id);
    await live.caughtUp();
    if (!live.isSettled) return 'no-room';
    // From here on nothing waits: what is copied is what these messages made.
    const covered = [
      ...parts.filter(({ position }) => position < live.next),
      ...(await this.#goneAlong(from, live.id)),
    ];
    copyContent(live.doc, made.live.doc);
    const base = blockHashes(live.doc);
    await made.live.outgoing.flush();
    if (made.live.outgoing.state.current !== 'saved') return 'no-room';
    const was = [live.id, ...(this.#was.get(live.id) ?? [])].slice(0, MAX_FORMER_NAMES);
    const came = await contents.publish(target, 'doc.move', encodeDocMove({ is: 'came', document: made.live.id, was }));
    if (came !== 'saved') return 'no-room';
    await this.#kept.keep(live.id, { space: from, as: made.live.id, base });
    const to = spaceAndScope(target).scope;
    return (await this.#tellGone(from, live.id, { to, as: made.live.id, covered })) ? 'done' : 'no-room';
  }

  async #tellGone(
    space: ContentSpace,
    document: DocumentId,
    about: { readonly to: Scope; readonly as: DocumentId; readonly covered: Parameters<typeof coversFor>[0] },
  ): Promise<boolean> {
    const { to, as, covered } = about;
    for (const part of coversFor(covered)) {
      const body = encodeDocMove({ is: 'went', document, to, as, covers: part });
      if ((await this.#ports.host.contents.publish(space, 'doc.move', body)) !== 'saved') return false;
    }
    return true;
  }

  async #bringLate(id: DocumentId): Promise<void> {
    const kept = this.#kept.get(id);
    if (kept === undefined || !this.isGone(kept.space, id)) return;
    const { shelf } = this.#ports;
    const { space, as } = kept;
    const target = this.#ports.catalogue.get(this.nameNow(as));
    const late = await this.#messagesOf(space, id);
    if (late.length === 0 || target === undefined || !this.#mayMove(space, target.space)) return;
    const [from, to] = [await shelf.take(id, space), await shelf.take(target.id)];
    try {
      await from.live.caughtUp();
      const covered = late.filter(({ position }) => position < from.live.next);
      const added = appendNew(from.live.doc, to.live.doc, new Set(kept.base));
      await to.live.outgoing.flush();
      if (to.live.outgoing.state.current !== 'saved') return;
      await this.#kept.keep(id, { ...kept, base: [...kept.base, ...added] });
      await this.#tellGone(space, id, { to: spaceAndScope(target.space).scope, as, covered });
    } finally {
      await shelf.put(from);
      await shelf.put(to);
    }
  }

  async #messagesOf(space: ContentSpace, id: DocumentId): Promise<readonly ContentMessage[]> {
    const all = await this.#ports.host.contents.messages(space, 'doc.update', 0);
    return all.filter((message) => documentOf(message) === id);
  }

  /** What checkpoints of it hold, and the changes that are gone here because of them: others may have these still. */
  async #goneAlong(space: ContentSpace, id: DocumentId): Promise<Parameters<typeof coversFor>[0]> {
    const { contents } = this.#ports.host;
    const states = contents.states(space).filter((part) => documentOf(part) === id);
    const replaced = new CoverSet();
    for (const { claim, state } of contents.checkpoints(space)) {
      if (claim.document === id && state === 'vouched') replaced.add(claim.covers);
    }
    const here = [...replaced.here((place) => contents.heldAt(space, place))];
    const bare = here.flatMap(([{ device, ...place }, { isOpen }]) => (isOpen ? [] : [{ author: device, ...place }]));
    return [...states, ...bare];
  }

  /** Between two scopes of one group, in both of which this person may write. */
  #mayMove(from: ContentSpace, to: ContentSpace): boolean {
    if (from === to || partsOfHome(homeOf(to)).is !== 'group') return false;
    const isOneGroup = spaceAndScope(from).space === spaceAndScope(to).space;
    return isOneGroup && [from, to].every((space) => this.#ports.facts(space)?.mode === 'write');
  }
}

function decodeOrNothing({ kind, body }: ContentMessage): DocMove | undefined {
  return kind === 'doc.move' ? tryDecode(() => decodeDocMove(body)) : undefined;
}
