// Words that nobody has to have: written into a document of everyone by who had lost the right to and had not heard of it
// (chain/SPEC.md §8.1), or on a device that was ended before anybody had seen them (§8), or typed beside such words, which
// then hang in the air (§9 there). Told from what was sent and the second reading of rights; where it is in doubt a word is
// to be there.

import { overlap, readChange, spanOf, type Change, type Span } from './changes.ts';
import type { SentChange, Ledger, WrittenWord } from './ledger.ts';
import type { LostRights } from './lost-rights.ts';

interface Sent {
  readonly at: number;
  readonly sent: SentChange;
  readonly change: Change;
}

type Rights = Pick<LostRights, 'lacks' | 'isBeyondEnd'>;

/** What was sent is read once. */
const read = new WeakMap<SentChange, Change | 'unreadable'>();

export class VoidWords {
  readonly #rights: Rights;
  readonly #byClient = new Map<string, Sent[]>();
  readonly #rests = new Map<Sent, boolean>();

  constructor({ changes }: Pick<Ledger, 'changes'>, rights: Rights) {
    this.#rights = rights;
    for (const [at, sent] of changes.entries()) {
      const change = changeOf(sent);
      if (change === 'unreadable') continue;
      const key = `${change.document}/${change.client}`;
      const others = this.#byClient.get(key);
      if (others === undefined) this.#byClient.set(key, [{ at, sent, change }]);
      else others.push({ at, sent, change });
    }
  }

  /** Written without the right to, all of it: nobody may have it. */
  isForbidden(word: WrittenWord): boolean {
    const carriers = this.#carriersOf(word);
    return carriers.length > 0 && carriers.every((carrier) => this.#isWithoutRight(carrier));
  }

  /** Nobody can have it, or not all of it. */
  isVoid(word: WrittenWord): boolean {
    return this.#carriersOf(word).some((carrier) => this.#isVoid(carrier));
  }

  /** Who lost the right begins where they stood before, and may write under the same numbers once they have it again. */
  #carriersOf({ document, letters, before }: WrittenWord): readonly Sent[] {
    return this.#bringing(document, letters).filter(({ sent }) => sent.words > before);
  }

  #bringing(document: string, span: Span): readonly Sent[] {
    const sent = this.#byClient.get(`${document}/${span.client}`) ?? [];
    return sent.filter(({ change: { brings } }) => brings !== undefined && overlap(brings, span));
  }

  #isWithoutRight({ sent }: Sent): boolean {
    return this.#rights.lacks(sent.id, 'documents');
  }

  /** Who saw it in time may leave, and it falls after others typed beside it. */
  #isBeyondEnd({ sent }: Sent): boolean {
    return this.#rights.isBeyondEnd(sent.id);
  }

  #isVoid(sent: Sent): boolean {
    let isVoid = this.#rests.get(sent);
    if (isVoid === undefined) {
      isVoid = this.#isWithoutRight(sent) || this.#isBeyondEnd(sent) || this.#restsOnVoid(sent);
      this.#rests.set(sent, isVoid);
    }
    return isVoid;
  }

  /** A change is refused whole for anything in it that lies beside, in or upon what is not there. */
  #restsOnVoid({ at, change }: Sent): boolean {
    const { document, client, brings, beside, deletes } = change;
    const before = brings !== undefined && brings.from > 0 ? [spanOf({ client, clock: brings.from - 1 })] : [];
    return [...before, ...beside, ...deletes].some((span) => {
      const bringers = this.#bringing(document, span).filter((other) => other.at < at);
      return bringers.length > 0 && bringers.every((other) => this.#isVoid(other));
    });
  }
}

function changeOf(sent: SentChange): Change | 'unreadable' {
  let change = read.get(sent);
  if (change === undefined) {
    change = readChange({ device: sent.author, incarnation: sent.incarnation }, sent.body) ?? 'unreadable';
    read.set(sent, change);
  }
  return change;
}
