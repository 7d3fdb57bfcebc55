// The tasks of a group in its messages: reads those of the kind `task` that stand, with what the group's rules said of
// each author by what they had seen, and writes own ones.

import type { MessageId, Scope } from '#core/charter/ids.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import { decodeTaskAct, encodeTaskAct, type TaskAct } from '#core/tasks/task-body.ts';
import type { Actor } from '#core/tasks/task.ts';
import type { DocumentHome, DocumentId, OpenDocument } from '../documents/document-api.ts';
import { groupHome } from '../documents/document-homes.ts';
import type { Engine } from '../traffic/engine.ts';
import { hadRight, lostBy, rolesHad, type Said } from '../groups/group-rights.ts';
import type { GroupSpace } from '../groups/group-space.ts';
import { LiveValue } from '../live-value.ts';
import type { SayResult } from '../traffic/space-host.ts';
import type { Entry } from '../space/log.ts';
import type { Settled } from '../space/replica.ts';
import type { Readers } from './task-api.ts';
import type { HeardAct, TaskLog, TaskNews, WriteAnswer } from './task-log.ts';

export interface TaskMessagesPorts {
  readonly space: () => GroupSpace | undefined;
  readonly engine: Pick<Engine, 'say'>;
  readonly openDocument: (home: DocumentHome, id: DocumentId) => Promise<OpenDocument>;
}

const KIND = 'task';
/** Of a document's id; the first of a task's. */
const DOCUMENT_DIGITS = 32;

export class TaskMessages implements TaskLog {
  readonly readable: LiveValue<readonly Readers[]>;
  readonly #ports: TaskMessagesPorts;
  readonly #listeners = new Set<(news: TaskNews) => void>();
  /** What the rules said of those who wrote, by what they cite: thousands of messages cite a few things. */
  readonly #actors = new Map<string, { readonly said: Said; readonly actor: Actor | undefined }>();
  /** What was judged from; another one may judge otherwise. */
  #judgedBy: object | undefined;
  /** Told the id of the own act that is being written. */
  #made: ((act: MessageId) => void) | undefined;

  constructor(ports: TaskMessagesPorts) {
    this.#ports = ports;
    this.readable = new LiveValue(this.#scopes());
  }

  *read(): Iterable<HeardAct> {
    const space = this.#ports.space();
    if (space === undefined) return;
    const { log, standing } = space.replica;
    for (const { entry } of log.ofKind(KIND)) {
      const isShown = entry.stands && standing.stands(entry.message.id);
      const act = isShown ? this.#heard(space, entry) : undefined;
      if (act !== undefined) yield act;
    }
  }

  listen(heard: (news: TaskNews) => void): () => void {
    const listener = (news: TaskNews): void => heard(news);
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  me(readers: Readers): Actor | undefined {
    const space = this.#ports.space();
    const { replica, me } = space ?? {};
    const device = replica?.me;
    if (space?.standing !== 'in' || replica?.view?.group === undefined || me === undefined) return undefined;
    if (device === undefined || !space.reads(readers as Scope)) return undefined;
    const { group } = replica.view;
    const auth = [device.principal, device.binding];
    return this.#judge(space, { header: { under: group.charter, auth, charter: replica.charter.heads } });
  }

  async write(readers: Readers, act: TaskAct, made: (act: MessageId) => void): Promise<WriteAnswer> {
    const space = this.#ports.space();
    if (space === undefined) return { is: 'gone' };
    let id: MessageId | undefined;
    const body = (): Uint8Array<ArrayBuffer> => {
      // Own acts are written one after the other: the next that settles is this one.
      this.#made = (own) => {
        id = own;
        made(own);
      };
      return encodeTaskAct(act);
    };
    const said = await this.#ports.engine.say(space.replica, KIND, body, readers as Scope);
    this.#made = undefined;
    return said === 'saved' && id !== undefined ? { is: 'saved', act: id } : { is: REFUSALS[said] };
  }

  openDescription(readers: Readers, task: MessageId): Promise<OpenDocument | 'gone'> {
    const space = this.#ports.space();
    if (space === undefined || !space.reads(readers as Scope)) return Promise.resolve('gone');
    return this.#ports.openDocument(groupHome(space.id, readers), task.slice(0, DOCUMENT_DIGITS) as DocumentId);
  }

  /** A message settled. */
  settled({ entry }: Settled): void {
    const space = this.#ports.space();
    const { header, id } = entry.message;
    if (space === undefined || header.kind !== KIND) return;
    if (header.device === space.replica.identity.device) {
      const made = this.#made;
      this.#made = undefined;
      made?.(id);
    }
    const act = this.#heard(space, entry);
    if (act !== undefined) this.#tell({ is: 'told', act });
  }

  /** What was handed out stands otherwise now. */
  restood(): void {
    this.#tell({ is: 'restood' });
  }

  /** Roles, rules or members may be others now. */
  refresh(): void {
    const scopes = this.#scopes();
    if (scopes.join() !== this.readable.current.join()) this.readable.set(scopes);
    const space = this.#ports.space();
    if (space !== undefined && this.#judgesOtherwise(space)) this.restood();
  }

  /** Whether somebody who wrote is seen otherwise since grants fell or rose. */
  #judgesOtherwise(space: GroupSpace): boolean {
    const ground = space.replica.view?.group;
    if (ground === this.#judgedBy) return false;
    this.#judgedBy = ground;
    const before = [...this.#actors.values()];
    this.#actors.clear();
    return before.some(({ said, actor }) => JSON.stringify(this.#judge(space, said)) !== JSON.stringify(actor));
  }

  #heard(space: GroupSpace, { message, open }: Entry): HeardAct | undefined {
    const { header, id } = message;
    if (open === undefined || !space.reads(header.scope)) return undefined;
    const actor = this.#judge(space, message);
    const act = this.#decode(space, open.body);
    if (actor === undefined || act === undefined) return undefined;
    return { readers: header.scope as string as Readers, told: { id, lamport: header.lamport, actor, act } };
  }

  /** An act of a newer version makes the group read-only; a bad one means nothing to anybody. */
  #decode(space: GroupSpace, body: Uint8Array): TaskAct | undefined {
    return tryDecode(
      () => decodeTaskAct(body),
      () => (space.needsNewer = true),
    );
  }

  #judge({ replica }: GroupSpace, { id, header }: Said): Actor | undefined {
    const { under, auth, charter } = header;
    const [principal] = auth;
    if (principal === undefined || replica.view?.group === undefined) return undefined;
    const said: Said = { ...(id === undefined ? {} : { id }), header: { under, auth, charter } };
    const key = [under, principal, ...charter, '', ...lostBy(replica, said)].join();
    const known = this.#actors.get(key);
    if (known !== undefined) return known.actor;
    const actor: Actor = {
      principal,
      roles: rolesHad(replica, said),
      mayTasks: hadRight(replica, said, 'tasks'),
      mayPost: hadRight(replica, said, 'post'),
    };
    this.#actors.set(key, { said, actor });
    return actor;
  }

  #scopes(): readonly Readers[] {
    const space = this.#ports.space();
    const scopes = space?.replica.view?.group?.scopes.keys() ?? [];
    return [...scopes].filter((scope) => space!.reads(scope)).map((scope) => scope as string as Readers);
  }

  #tell(news: TaskNews): void {
    for (const heard of [...this.#listeners]) heard(news);
  }
}

const REFUSALS: Readonly<Record<SayResult, 'no-room' | 'gone' | 'newer-version'>> = {
  // It is on disk, but does not count here: nothing to show.
  saved: 'gone',
  'no-room': 'no-room',
  closed: 'gone',
  newer: 'newer-version',
  shut: 'gone',
};
