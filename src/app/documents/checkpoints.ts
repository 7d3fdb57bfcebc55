// Checkpoints of documents in groups (core/docs/SPEC.md §11): written when enough was changed, looked over by others, and
// after a while, when two people came to the same, in place of the changes. Somebody who comes later begins with them.
//
// Invariants
// 1. A body is destroyed only after this device put together itself what the checkpoint says, and the row that names the
//    checkpoint is written.
// 2. This device said something after all of it, so that it stands whatever becomes of those who wrote it.
// 3. Who comes to something else says so, and keeps everything.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { CoveredChain } from '#core/docs/covered-chains.ts';
import { encodeAttest, encodeDocCheckpoint, partsOf, stateHashOf } from '#core/docs/doc-checkpoint.ts';
import { DAY, MINUTE, type Millis } from '#core/ports.ts';
import type { DocumentId, MessageId } from '../api.ts';
import type { ContentCheckpoint, ContentMessage, ContentSpace, DocumentsHost, SpaceFacts } from '../space-content.ts';
import { Assembly, type Beginning } from './assembly.ts';
import { BegunRows } from './begun-rows.ts';
import { firstThatFit, refusedForNow } from './coverable.ts';
import { coveredBy, CoverSet, placeOf } from './cover-set.ts';
import { decodeBody } from './doc-messages.ts';
import type { DocumentParts } from './document-parts.ts';

export interface CheckpointPace {
  /** Changes of a document that no checkpoint holds, from which on one is due. */
  readonly changes: number;
  /** Somebody does it within this time: who comes later finds it done. */
  readonly within: Millis;
  /** How long the changes stay after a second person came to the same: as long as mail lies at relay nodes. */
  readonly keep: Millis;
}

export const PACE: CheckpointPace = {
  changes: 300,
  within: (10 * MINUTE) as Millis,
  keep: (14 * DAY) as Millis,
};

/** What rests on what is left out is left out too, mostly at once. */
const TRIES = 4;
/** What was said by more people at once is not built upon today. */
const WORDS = 4;
/** After so many times `within` a checkpoint nobody looked over, or somebody disputes, is no reason not to make another. */
const PATIENCE = 30;

export interface CheckpointsPorts {
  readonly host: DocumentsHost;
  readonly facts: (space: ContentSpace) => SpaceFacts | undefined;
  readonly isGone: (space: ContentSpace, id: DocumentId) => boolean;
  /** What a document begins with is other than it was: it is to be put together anew, or met for the first time. */
  readonly begins: (space: ContentSpace, id: DocumentId) => Promise<void>;
  /** Changes of it went from here. */
  readonly tidy: (id: DocumentId) => Promise<void>;
  readonly pace: CheckpointPace;
}

export class Checkpoints {
  readonly #ports: CheckpointsPorts;
  readonly #assembly: Assembly;
  readonly #rows: BegunRows;
  readonly #timers = new Map<string, () => void>();
  /** Looked over since the start, and those of whose changes nothing was left to let go. */
  readonly #judged = new Set<MessageId>();
  readonly #over = new Set<MessageId>();
  /** When letting go may be tried once more where this device's words do not come to stand on all that would go. */
  readonly #notBefore = new Map<MessageId, Millis>();
  #working: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(ports: CheckpointsPorts) {
    this.#ports = ports;
    this.#assembly = new Assembly(ports.host);
    this.#rows = new BegunRows(ports.host.rows);
  }

  load(): Promise<void> {
    return this.#rows.load();
  }

  /** Looks at a space for the first time, or again because other messages stand. */
  meet(space: ContentSpace): Promise<void> {
    return this.#inTurn(async () => {
      const documents = new Set(this.#claims(space).map(({ claim }) => claim.document));
      for (const id of documents) await this.#takeIn(space, id);
      this.#planAll(space);
      this.#plan(space);
    });
  }

  /** A part, a claim, or somebody's word. */
  hear({ space }: ContentMessage): void {
    // Several come together: a claim follows its parts.
    this.#later(`heard/${space}`, 0 as Millis, () => this.meet(space));
  }

  /** Something was changed: a checkpoint may be due. */
  changed(space: ContentSpace): void {
    if (!this.#timers.has(`due/${space}`)) this.#plan(space);
  }

  /** Documents that are known by their checkpoints. */
  documentsIn(space: ContentSpace): readonly DocumentId[] {
    const known = this.#claims(space).filter(({ id, state, claim }) => {
      return state === 'vouched' || this.#rows.of(claim.document).has(id);
    });
    return [...new Set(known.map(({ claim }) => claim.document))];
  }

  /** What a document begins with, when it is put together from messages. */
  async beginningOf(space: ContentSpace, document: DocumentId): Promise<Beginning | undefined> {
    const claims = this.#claims(space).filter(({ claim }) => claim.document === document);
    // Nearly always everything is here, and nothing needs to be opened to see that.
    if (!this.#assembly.isShortOf(space, claims)) return undefined;
    const taken = this.#rows.of(document);
    return this.#assembly.beginningOf(await this.#assembly.partsOf(space, document), taken);
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#timers.values()) cancel();
  }

  #claims(space: ContentSpace): readonly ContentCheckpoint[] {
    return this.#ports.host.contents
      .checkpoints(space)
      .filter(({ claim }) => !this.#ports.isGone(space, claim.document));
  }

  /** Begins a document with what stands in for changes that are not here. */
  async #takeIn(space: ContentSpace, document: DocumentId): Promise<void> {
    const begun = await this.beginningOf(space, document);
    const known = this.#rows.of(document);
    if (begun?.claims.some((id) => !known.has(id)) !== true) return;
    await this.#rows.put(document, begun.claims);
    await this.#ports.begins(space, document);
  }

  /** When what is due with the checkpoints that are known. */
  #planAll(space: ContentSpace): void {
    const now = this.#ports.host.clock.now();
    for (const { id, state, vouchedAt, isJudged } of this.#claims(space)) {
      const isOpen = state === 'claimed' || state === 'vouched';
      if (isOpen && !isJudged && !this.#judged.has(id) && this.#mayTakePart(space)) {
        this.#later(`judge/${id}`, this.#draw(), () => this.#inTurn(() => this.#judge(space, id)));
      }
      if (state !== 'vouched' || this.#over.has(id)) continue;
      const due = Math.max(vouchedAt! + this.#ports.pace.keep, this.#notBefore.get(id) ?? 0);
      const left = Math.max(0, due - now) as Millis;
      this.#later(`prune/${id}`, left, () => this.#inTurn(() => this.#prune(space, id)));
    }
  }

  #mayTakePart(space: ContentSpace): boolean {
    const facts = this.#ports.facts(space);
    return facts?.mode === 'write' && facts.checkpoints;
  }

  #plan(space: ContentSpace): void {
    this.#later(`due/${space}`, this.#draw(), () => this.#inTurn(() => this.#writeDue(space)));
  }

  /* ---------- writing ---------- */

  /** One look through a space for all that was changed in it. */
  async #writeDue(space: ContentSpace): Promise<void> {
    if (!this.#mayTakePart(space)) return;
    const { contents, clock } = this.#ports.host;
    const { changes, within } = this.#ports.pace;
    const claims = this.#claims(space);
    const recent = claims.filter(({ state, heardAt }) => {
      return state === 'vouched' || (state !== 'void' && clock.now() - heardAt < PATIENCE * within);
    });
    const held = new CoverSet();
    for (const { claim } of recent) held.add(claim.covers);
    const open = new Map<DocumentId, number>();
    for (const message of await contents.messages(space, 'doc.update', 0)) {
      if (held.has(placeOf(message))) continue;
      const body = decodeBody(message);
      if (typeof body !== 'string') open.set(body.document, (open.get(body.document) ?? 0) + 1);
    }
    for (const [document, count] of open) {
      if (count >= changes && !this.#ports.isGone(space, document)) await this.#write(space, document);
    }
  }

  async #write(space: ContentSpace, document: DocumentId): Promise<void> {
    const parts = await this.#assembly.partsOf(space, document);
    const base = parts.claims.findLast(({ state }) => state === 'vouched');
    const before = base === undefined ? new CoverSet() : coveredBy(parts.claims, base.id);
    if (before === undefined) return;
    const { covers, state } = (await this.#coverable(parts, before)) ?? {};
    const pieces = state === undefined ? undefined : partsOf(document, state);
    if (covers === undefined || state === undefined || pieces === undefined) return;
    const bodies = pieces.map(encodeDocCheckpoint);
    const claim = { document, state: stateHashOf(state), parts: pieces.length, base: base?.id, covers };
    bodies.push(encodeDocCheckpoint({ is: 'claim', ...claim }));
    for (const body of bodies) {
      if ((await this.#ports.host.contents.publish(space, 'doc.checkpoint', body)) !== 'saved') return;
    }
  }

  /** What may be covered beside what is, and what all of it comes to; nothing where that is too little. */
  async #coverable(
    parts: DocumentParts,
    before: CoverSet,
  ): Promise<{ readonly covers: readonly CoveredChain[]; readonly state: Bytes } | undefined> {
    const taken = this.#rows.of(parts.document);
    const gone = this.#assembly.goneOf(parts, taken);
    const left = new Set<ContentMessage>();
    for (let tries = 0; tries < TRIES; tries++) {
      const changes = parts.changes.filter(({ message }) => !left.has(message));
      const isEnough =
        changes.filter(({ message }) => !before.has(placeOf(message))).length >= this.#ports.pace.changes;
      const covers = isEnough ? firstThatFit({ ...parts, changes }, before, gone) : [];
      if (covers.length === 0) return undefined;
      const covered = new CoverSet();
      covered.addAll(before);
      covered.add(covers);
      const made = await this.#assembly.make(parts, covered, taken);
      if (made === undefined) return undefined;
      const late = refusedForNow(parts, covered, { refused: made.refused, gone });
      if (late.length === 0) return { covers, state: made.state };
      for (const message of late) left.add(message);
    }
    return undefined;
  }

  /* ---------- looking over ---------- */

  async #judge(space: ContentSpace, id: MessageId): Promise<void> {
    const claim = this.#claims(space).find((known) => known.id === id);
    if (claim === undefined || claim.isJudged || !this.#mayTakePart(space)) return;
    if (claim.state === 'disputed' || claim.state === 'void') return;
    this.#judged.add(id);
    const parts = await this.#assembly.partsOf(space, claim.claim.document);
    const verdict = await this.#assembly.verify(parts, claim, this.#rows.of(claim.claim.document));
    // A second person is enough; that somebody comes to something else has to be heard whoever agreed before.
    if (verdict === 'differs' || (verdict === 'same' && claim.state === 'claimed')) {
      await this.#say(space, id, verdict === 'same');
    }
  }

  async #say(space: ContentSpace, checkpoint: MessageId, agrees: boolean): Promise<void> {
    const { contents, logger } = this.#ports.host;
    if (!agrees) logger.count('documents', 'checkpoint-disputed');
    await contents.publish(space, 'attest', encodeAttest({ checkpoint, agrees }));
  }

  /* ---------- letting go ---------- */

  async #prune(space: ContentSpace, id: MessageId): Promise<void> {
    const claim = this.#claims(space).find((known) => known.id === id);
    if (claim?.state !== 'vouched' || this.#ports.facts(space)?.checkpoints !== true) return;
    const { document } = claim.claim;
    const parts = await this.#assembly.partsOf(space, document);
    const covered = coveredBy(parts.claims, id);
    if (covered === undefined) return;
    const over = [...parts.changes, ...parts.parts]
      .map(({ message }) => message)
      .filter((message) => covered.has(placeOf(message)));
    if (over.length === 0) this.#over.add(id);
    if (over.length === 0) return;
    const verdict = await this.#assembly.verify(parts, claim, this.#rows.of(document));
    if (verdict === 'differs' && this.#mayTakePart(space)) await this.#say(space, id, false);
    if (verdict !== 'same') return;
    if (!(await this.#buildOn(space, claim, covered))) {
      // Each of those words is heard here too, and would have it tried at once.
      const { clock } = this.#ports.host;
      this.#notBefore.set(id, (clock.now() + this.#ports.pace.keep) as Millis);
      return;
    }
    await this.#rows.put(document, [id, ...this.#rows.of(document)]);
    const { contents, inTurn } = this.#ports.host;
    await inTurn(async () =>
      contents.destroy(
        space,
        over.map((message) => message.id),
      ),
    );
    await this.#ports.tidy(document);
  }

  /** Says so, if nothing was said here since: nobody must be left with changes that stand for nobody else. */
  async #buildOn(space: ContentSpace, { id, second }: ContentCheckpoint, covered: CoverSet): Promise<boolean> {
    const { contents } = this.#ports.host;
    const isDone = (): boolean =>
      contents.isBuiltOn(space, covered.places(), second === undefined ? [id] : [id, second]);
    // A message names some of what it was said after, the next one more of it.
    for (let said = 0; !isDone(); said++) {
      if (said === WORDS || !this.#mayTakePart(space)) return false;
      await this.#say(space, id, true);
    }
    return true;
  }

  /* ---------- time ---------- */

  #draw(): Millis {
    const [high, low] = this.#ports.host.random.bytes(2);
    return Math.floor((this.#ports.pace.within * (256 * high! + low!)) / 65_536) as Millis;
  }

  /** What is planned already stays planned. */
  #later(what: string, delay: Millis, work: () => Promise<void>): void {
    if (this.#closed || this.#timers.has(what)) return;
    const cancel = this.#ports.host.clock.after(delay, () => {
      this.#timers.delete(what);
      void work();
    });
    this.#timers.set(what, cancel);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#working = this.#working.then(async () => {
      if (this.#closed) return;
      await work().catch(() => this.#ports.host.logger.count('documents', 'checkpoint-failed'));
    });
    return this.#working;
  }
}
