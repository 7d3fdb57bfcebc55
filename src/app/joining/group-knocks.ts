// Who knocks at one group, as its members see and decide it: vouching by the group's rule, turning away, the link.

import type { DeviceId } from '#core/charter/ids.ts';
import { refusalOf } from '#core/charter/may.ts';
import type { Admit } from '#core/charter/member-body.ts';
import { neededOf } from '#core/charter/votes.ts';
import { safeName, safeText } from '#core/identity/names.ts';
import type { HeardKnock } from '#core/knocks/knocks.ts';
import { votesOn, type Doors } from './doors.ts';
import { endorsementOf, mayPropose } from '../groups/group-acts.ts';
import { refusalFor } from '../groups/group-answers.ts';
import type { Answer, Knock, May } from '../groups/group-api.ts';
import type { GroupSpace } from '../groups/group-space.ts';
import { personOf } from '../groups/group-words.ts';
import type { GroupWriter, Plan } from '../groups/group-writer.ts';
import type { KnockBook } from './knock-book.ts';

export interface GroupKnocksPorts {
  readonly doors: Doors;
  readonly space: () => GroupSpace | undefined;
  readonly writer: GroupWriter;
}

export class GroupKnocks {
  readonly #ports: GroupKnocksPorts;

  constructor(ports: GroupKnocksPorts) {
    this.#ports = ports;
  }

  shown(): readonly Knock[] {
    const space = this.#ports.space();
    if (space?.standing !== 'in') return [];
    return this.#book?.considered().map((knock) => this.#shownOf(space, knock)) ?? [];
  }

  code(): string | undefined {
    const space = this.#ports.space();
    return space === undefined ? undefined : this.#ports.doors.code(space.space);
  }

  may(device: string): May {
    const space = this.#ports.space();
    const admit = this.#book?.admission(device);
    if (space === undefined || admit === undefined) return 'no';
    if (mayAlone(space, admit)) return 'yes';
    return mayVouch(space, admit) ? 'vote' : 'no';
  }

  async vouch(device: string): Promise<Answer> {
    const { writer } = this.#ports;
    const done = await writer.act((space) => {
      const admit = this.#book?.considered().some(({ letter }) => letter.device === device)
        ? this.#book.admission(device)
        : undefined;
      return admit === undefined ? undefined : vouchOf(space, admit);
    });
    if (typeof done === 'string') return done;
    // Where one voice is enough, the proposer's is it.
    const space = this.#ports.space();
    const vote = space && votesOn(space, device).find(({ op, missing }) => op === done.op && missing === 0);
    if (vote === undefined) return 'done';
    return writer.answer(({ replica, me }) => {
      const body = endorsementOf(replica.view!.group!, vote.op, me!);
      return body === undefined ? undefined : { bodies: [body] };
    });
  }

  async turnAway(device: string): Promise<Answer> {
    const space = this.#ports.space();
    const problem = this.#ports.writer.problem();
    if (problem !== undefined) return problem;
    const isKnown = this.#book?.considered().some(({ letter }) => letter.device === device) === true;
    if (!isKnown) return 'gone';
    if (!mayTurnAway(space!)) return 'not-allowed';
    const said = await this.#ports.doors.turnAway(space!, device as DeviceId);
    return said === 'saved' ? 'done' : refusalFor(said);
  }

  async open(): Promise<Answer> {
    const problem = this.#ports.writer.problem();
    if (problem !== undefined) return problem;
    const space = this.#ports.space()!;
    const asks = (space.replica.view?.group?.rules.knock.length ?? 0) > 0;
    if (!asks || !space.has('card')) return 'not-allowed';
    const said = await this.#ports.doors.open(space);
    return said === 'saved' ? 'done' : refusalFor(said);
  }

  get #book(): KnockBook | undefined {
    const space = this.#ports.space();
    return space === undefined ? undefined : this.#ports.doors.book(space.space);
  }

  #shownOf(space: GroupSpace, { letter }: HeardKnock): Knock {
    const admit = this.#book!.admission(letter.device)!;
    const votes = votesOn(space, letter.device);
    const vouchers = [...new Set(votes.flatMap(({ signers }) => signers))];
    const [first] = votes;
    const needed = first === undefined ? neededNow(space, admit) : first.signers.length + first.missing;
    return {
      id: letter.device,
      name: safeName(letter.name),
      answers: letter.answers.map(({ question, answer }) => ({
        question: safeText(question),
        answer: safeText(answer),
      })),
      vouchers: vouchers.map(personOf),
      missing: Math.max(0, needed - vouchers.length),
      mayVouch: mayAlone(space, admit) || mayVouch(space, admit),
      mayTurnAway: mayTurnAway(space),
    };
  }
}

function neededNow({ replica }: GroupSpace, admit: Admit): number {
  const { group } = replica.view!;
  const voters = new Set(
    group!.rules.roles.flatMap(({ id, can }) =>
      can.includes('vote') ? (group!.scopes.get(id as never)?.principals ?? []) : [],
    ),
  );
  return neededOf(voters.size, admit, group!.rules);
}

function mayAlone({ replica }: GroupSpace, admit: Admit): boolean {
  return refusalOf(replica.charter, replica.identity.device, admit) === undefined;
}

function mayVouch(space: GroupSpace, admit: Admit): boolean {
  const { replica, me } = space;
  const votes = votesOn(space, admit.device);
  if (me === undefined || votes.some(({ signers }) => signers.includes(me))) return false;
  if (votes.length === 0) return mayPropose(replica.charter, replica.identity.device, admit);
  return votes.some(({ op }) => endorsementOf(replica.view!.group!, op, me) !== undefined);
}

function mayTurnAway(space: GroupSpace): boolean {
  return space.has('admit') || space.has('card');
}

/** Alone where one may; else the next signature of the vote that is under way, or the first of a new one. */
function vouchOf(space: GroupSpace, admit: Admit): Plan | undefined {
  const { replica, me } = space;
  if (mayAlone(space, admit)) return { bodies: [admit] };
  const votes = votesOn(space, admit.device);
  if (me === undefined || votes.some(({ signers }) => signers.includes(me))) return undefined;
  for (const { op } of votes) {
    const body = endorsementOf(replica.view!.group!, op, me);
    if (body !== undefined) return { bodies: [body] };
  }
  return votes.length > 0 ? undefined : { bodies: [{ type: 'propose', act: admit }] };
}
