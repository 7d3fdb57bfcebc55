// What of a group's bodies is over or need not come, for as long as the group is open here: its rules let things disappear
// (retention.ts), documents go to other readers (covered.ts), and checkpoints replace what they are made of (claims.ts).

import type { Header } from '#core/charter/header.ts';
import type { PrincipalId, Scope } from '#core/charter/ids.ts';
import type { PlainRight } from '#core/charter/rules.ts';
import type { Message } from '#core/chain/message.ts';
import { comparePlaces } from '#core/chain/place.ts';
import type { Reader } from '#core/keys/entitled.ts';
import type { Millis } from '#core/ports.ts';
import { Claims, type KnownClaim } from './claims.ts';
import { Covered } from './covered.ts';
import { Deletions } from './deletions.ts';
import { Hollow } from './hollow.ts';
import type { Entry } from './log.ts';
import type { HollowPlace, Lasting, PlaceInChain } from './lasting-ports.ts';
import { evidenceFor, isReplacedFor } from './replaced.ts';
import type { Replica } from './replica.ts';
import { Retention } from './retention.ts';
import type { Standing } from './standing.ts';

type Judged = Pick<Standing, 'stands' | 'lost'>;
/** Whether the author of a message had a right, by what counts against it. */
type HadRight = (message: Message, right: PlainRight, by: Judged) => boolean;

export class GroupLasting implements Lasting {
  readonly retention: Retention;
  readonly claims: Claims;
  readonly #replica: Replica;
  readonly #covered = new Covered();
  readonly #deletions: Deletions;
  readonly #hollow: Hollow;

  constructor(replica: Replica, hadRight: HadRight) {
    this.#replica = replica;
    this.retention = new Retention(replica);
    const countsBy = ({ message, stands }: Entry, by: Judged): boolean =>
      stands && by.stands(message.id) && hadRight(message, 'documents', by);
    this.claims = new Claims({
      counts: (entry) => countsBy(entry, replica.standing),
      willCount: (entry) => {
        const { standing, pending } = replica;
        return countsBy(entry, pending.has(entry.message.id) ? standing.foreseen : standing);
      },
      authorOf: ({ auth }) => auth[0] as string as PrincipalId,
      basis: () => [replica.charter, replica.standing.voided],
    });
    this.#deletions = new Deletions({
      principalOf: (device) => replica.principalOf(device),
      counts: (message) => replica.standing.stands(message.id) && hadRight(message, 'post', replica.standing),
    });
    this.#hollow = new Hollow(replica, { deletions: this.#deletions, retention: this.retention });
    for (const entry of replica.log.entries) if (!isPlainWord(entry)) this.note(entry);
    for (const entry of replica.pending.values()) this.note(entry);
  }

  isOver(entry: Entry): boolean {
    return this.retention.isOver(entry);
  }

  isCovered(header: Header): boolean {
    return this.#covered.has(header) || this.claims.has(header);
  }

  mayBeGone(message: Pick<Message, 'id' | 'header'>, after: () => Millis | undefined): boolean {
    return this.#deletions.has(message) || this.retention.mayBeOver(message.header, after);
  }

  checkpointsIn(scope: Scope): readonly (KnownClaim & { readonly isJudged: boolean })[] {
    const { log, me } = this.#replica;
    const settled = this.claims.in(scope).filter(({ id }) => log.get(id) !== undefined);
    return settled.sort(comparePlaces).map((known) => {
      const isJudged = me !== undefined && [...known.by, ...known.against].includes(me.principal);
      return { ...known, isJudged };
    });
  }

  isReplacedFor(to: Reader, header: Header): boolean {
    return isReplacedFor(this.#replica, this.claims, { to, header });
  }

  evidenceFor(to: Reader, given: readonly PlaceInChain[]): readonly PlaceInChain[] {
    return evidenceFor(this.#replica, this.claims, { to, given });
  }

  hollowIn(chain: string): readonly HollowPlace[] {
    return this.#hollow.in(chain);
  }

  mayHave(whole: Entry): boolean {
    return this.#hollow.mayHave(whole);
  }

  note(entry: Entry): void {
    this.#covered.note(entry);
    this.claims.note(entry);
    this.#deletions.note(entry);
    this.#hollow.note(entry);
  }
}

/** Most of what is held: nothing that is kept here begins with it. */
function isPlainWord({ message, open }: Entry): boolean {
  return open !== undefined && message.header.kind === 'chat';
}
