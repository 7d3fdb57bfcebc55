// The questions of a group in its messages: those of the kind `decision` that stand, with what the group's rules said of
// each author by what they had seen.

import type { Scope } from '#core/charter/ids.ts';
import { decodeDecisionAct, encodeDecisionAct, type DecisionAct } from '#core/decisions/decision-body.ts';
import type { Speaker } from '#core/decisions/decision.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import type { Engine } from '../traffic/engine.ts';
import { hadRight } from '../groups/group-rights.ts';
import type { GroupSpace } from '../groups/group-space.ts';
import type { QuestionAnswer } from './question-api.ts';
import type { HeardQuestion, QuestionLog } from './questions.ts';
import type { Entry } from '../space/log.ts';
import type { Settled } from '../space/replica.ts';
import type { Readers } from '../tasks/task-api.ts';

export interface QuestionMessagesPorts {
  readonly space: () => GroupSpace | undefined;
  readonly engine: Pick<Engine, 'say'>;
}

const KIND = 'decision';

export class QuestionMessages implements QuestionLog {
  readonly #ports: QuestionMessagesPorts;
  #told: HeardQuestion[] | undefined;
  /** What authors were judged by; another one may judge otherwise. */
  #judgedBy: object | undefined;
  #changed: () => void = () => undefined;

  constructor(ports: QuestionMessagesPorts) {
    this.#ports = ports;
  }

  told(): readonly HeardQuestion[] {
    return (this.#told ??= this.#read());
  }

  listen(changed: () => void): void {
    this.#changed = changed;
  }

  readable(): readonly Readers[] {
    const space = this.#ports.space();
    const scopes = space?.replica.view?.group?.scopes.keys() ?? [];
    return [...scopes].filter((scope) => space!.reads(scope)).map((scope) => scope as string as Readers);
  }

  me(readers: Readers): Speaker | undefined {
    const space = this.#ports.space();
    const me = space?.me;
    if (space?.standing !== 'in' || me === undefined || !space.reads(readers as Scope)) return undefined;
    return { principal: me, mayDecide: space.has('decisions'), mayPost: space.has('post') };
  }

  async write(readers: Readers, act: DecisionAct): Promise<QuestionAnswer> {
    const space = this.#ports.space();
    if (space === undefined) return 'gone';
    const said = await this.#ports.engine.say(space.replica, KIND, () => encodeDecisionAct(act), readers as Scope);
    if (said === 'saved') return 'done';
    return said === 'no-room' ? said : said === 'newer' ? 'newer-version' : 'gone';
  }

  /** A message settled. */
  settled({ entry }: Settled): void {
    const space = this.#ports.space();
    if (space === undefined || this.#told === undefined || entry.message.header.kind !== KIND) return;
    const heard = heardIn(space, entry);
    if (heard === undefined) return;
    this.#told.push(heard);
    this.#changed();
  }

  /** What was handed out stands otherwise now. */
  restood(): void {
    if (this.#told === undefined) return;
    this.#told = undefined;
    this.#changed();
  }

  /** Roles, rules or members may be others now. */
  refresh(): void {
    const ground = this.#ports.space()?.replica.view?.group;
    if (ground !== this.#judgedBy) this.restood();
  }

  #read(): HeardQuestion[] {
    const space = this.#ports.space();
    this.#judgedBy = space?.replica.view?.group;
    if (space === undefined) return [];
    const { log, standing } = space.replica;
    const said = [...log.ofKind(KIND)].map(({ entry }) => entry);
    const standingOnes = said.filter(({ stands, message }) => stands && standing.stands(message.id));
    return standingOnes.flatMap((entry) => heardIn(space, entry) ?? []);
  }
}

function heardIn(space: GroupSpace, { message, open }: Entry): HeardQuestion | undefined {
  const { header, id } = message;
  const { replica } = space;
  const principal = replica.principalOf(header.device);
  if (open === undefined || principal === undefined || !space.reads(header.scope)) return undefined;
  const act = actIn(space, open.body);
  if (act === undefined) return undefined;
  const speaker = {
    principal,
    mayDecide: hadRight(replica, message, 'decisions'),
    mayPost: hadRight(replica, message, 'post'),
  };
  return { readers: header.scope as string as Readers, told: { id, lamport: header.lamport, speaker, act } };
}

/** An act of a newer version makes the group read-only; a bad one means nothing to anybody. */
function actIn(space: GroupSpace, body: Uint8Array): DecisionAct | undefined {
  return tryDecode(
    () => decodeDecisionAct(body),
    () => (space.needsNewer = true),
  );
}
