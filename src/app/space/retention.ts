// What of a group disappears by its rules, and when (core/chat/SPEC.md §4). A body whose time was over before it came
// never reaches the disk.

import type { Charter } from '#core/charter/charter.ts';
import type { Header } from '#core/charter/header.ts';
import type { CharterView } from '#core/charter/view.ts';
import type { MessageId } from '#core/charter/ids.ts';
import { decodeChatBody, VANISHING } from '#core/chat/body.ts';
import { Lives, saidAt } from '#core/chat/retention.ts';
import { DAY, type Clock, type Millis } from '#core/ports.ts';
import { WireError } from '#core/wire/wire-error.ts';
import type { Entry, Log } from './log.ts';

/** Nothing is due at a time that cannot come: kept in front of what needs no looking at. */
const NEVER = Number.MAX_SAFE_INTEGER as Millis;

/** What of a space it depends on. */
interface Sets {
  readonly context: { readonly clock: Pick<Clock, 'now'> };
  readonly charter: Charter;
  readonly view: CharterView | undefined;
  readonly log: Log;
  readonly pending: ReadonlyMap<MessageId, Entry>;
}

export class Retention {
  readonly #sets: Sets;
  /** Bodies that are held, by when they are to go. */
  readonly #due = new Map<MessageId, Millis>();
  /** An edit goes with what it changed. */
  readonly #edits = new Map<MessageId, Set<MessageId>>();
  #judged: { readonly view: CharterView; readonly lives: Lives } | undefined;
  /** By what rules all that is held was looked at last. */
  #looked: { readonly lives: Lives; readonly says: string } | undefined;
  #next = NEVER;

  constructor(sets: Sets) {
    this.#sets = sets;
  }

  /** How many days what is said now is kept; 0: for ever. */
  get daysNow(): number {
    return this.#lives()?.daysNow ?? 0;
  }

  /** Whether the time of a message that came, or settled, now is over. What is not is looked at again when it is due. */
  isOver(entry: Entry): boolean {
    const due = this.#dueOf(entry);
    if (due === undefined) return false;
    if (due <= this.#now) return true;
    this.#note(entry.message.id, due);
    return false;
  }

  /**
   * Whether the time of a message that came without its body may be over. It was said after what it rests on; when exactly
   * only its body told. An edit goes with what it changed, and which that was only its body told.
   */
  mayBeOver({ kind, under }: Pick<Header, 'kind' | 'under'>, after: () => Millis | undefined): boolean {
    return VANISHING.has(kind) && this.isPast(under, kind === 'edit' ? () => undefined : after);
  }

  /** Whether by some rules nothing has to be left of what was said at a time; that is not known: nothing has. */
  isPast(under: Header['under'], at: () => Millis | undefined): boolean {
    const days = this.#lives()?.daysUnder(under) ?? 0;
    if (days === 0) return false;
    const since = at();
    return since === undefined || since + days * DAY <= this.#now;
  }

  /** Other rules may be in force: looks at everything that is held again. */
  judgeAnew(): void {
    const { log, pending } = this.#sets;
    const lives = this.#lives();
    if (lives === undefined || lives === this.#looked?.lives) return;
    const before = this.#looked?.says;
    this.#looked = { lives, says: lives.says };
    if (this.#looked.says === before) return;
    this.#due.clear();
    this.#edits.clear();
    this.#next = NEVER;
    for (const entry of [...log.entries, ...pending.values()]) {
      const due = this.#dueOf(entry);
      if (due !== undefined) this.#note(entry.message.id, due);
    }
  }

  /** Takes out what is due, with the edits of it. */
  takeDue(): ReadonlySet<MessageId> {
    const over = new Set<MessageId>();
    if (this.#next > this.#now) return over;
    for (const [id, due] of this.#due) {
      if (due > this.#now) continue;
      over.add(id);
      for (const edit of this.#edits.get(id) ?? []) over.add(edit);
      this.#edits.delete(id);
    }
    for (const id of over) this.#due.delete(id);
    this.#next = [...this.#due.values()].reduce((least, due) => (due < least ? due : least), NEVER);
    return over;
  }

  /** When the next body is due; `undefined`: none is. */
  get next(): Millis | undefined {
    return this.#next === NEVER ? undefined : this.#next;
  }

  /** What no key opened in all the time a message has is not kept for one that may come. */
  isOverUnread(since: Millis): boolean {
    const days = this.daysNow;
    return days > 0 && since + days * DAY <= this.#now;
  }

  get #now(): Millis {
    return this.#sets.context.clock.now();
  }

  #note(id: MessageId, due: Millis): void {
    this.#due.set(id, due);
    this.#next = Math.min(this.#next, due) as Millis;
  }

  #dueOf({ message, open, heardAt }: Entry): Millis | undefined {
    const { header, id } = message;
    if (open === undefined || !VANISHING.has(header.kind)) return undefined;
    const days = this.#lives()?.daysUnder(header.under) ?? 0;
    if (days === 0) return undefined;
    const own = (saidAt(open.body, heardAt) + days * DAY) as Millis;
    if (header.kind !== 'edit') return own;
    const changes = targetOf(open.body);
    if (changes === undefined) return own;
    const edits = this.#edits.get(changes) ?? new Set<MessageId>();
    this.#edits.set(changes, edits.add(id));
    const target = this.#sets.log.get(changes);
    // What it changed is gone, and nothing else shows it.
    if (target !== undefined && target.open === undefined) return 0 as Millis;
    return own;
  }

  #lives(): Lives | undefined {
    const { view, charter } = this.#sets;
    if (view?.group === undefined) return undefined;
    if (this.#judged?.view !== view) {
      this.#judged = { view, lives: new Lives(charter, view.group.charter) };
    }
    return this.#judged.lives;
  }
}

function targetOf(edit: Uint8Array): MessageId | undefined {
  try {
    const body = decodeChatBody('edit', edit);
    return body.kind === 'edit' ? body.target : undefined;
  } catch (cause) {
    if (cause instanceof WireError) return undefined;
    throw cause;
  }
}
