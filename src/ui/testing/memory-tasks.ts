// Tasks of a group in memory, folded by the very rules of core/tasks: acts of others that crossed one's own or came too
// late are among those it begins with.

import { Awareness } from 'y-protocols/awareness';
import { Doc } from 'yjs';
import type { DocumentId, OpenDocument } from '#app/api.ts';
import type { GroupState } from '#app/groups/group-api.ts';
import { LiveValue } from '#app/live-value.ts';
import type { Live, PersonId } from '#app/talk/talk-api.ts';
import type { Readers, Tasks } from '#app/tasks/task-api.ts';
import type { HeardAct, TaskLog, TaskNews, WriteAnswer } from '#app/tasks/task-log.ts';
import { principalOf } from '#app/tasks/task-names.ts';
import { GroupTasks } from '#app/tasks/tasks.ts';
import type { MessageId } from '#core/charter/ids.ts';
import type { Right } from '#core/charter/rules.ts';
import type { Clock, Millis } from '#core/ports.ts';
import type { TaskAct } from '#core/tasks/task-body.ts';
import type { Actor } from '#core/tasks/task.ts';

const clock: Clock = {
  now: () => Date.now() as Millis,
  after: (delay, wake) => {
    const timer = setTimeout(wake, delay);
    return () => clearTimeout(timer);
  },
};

/** An act as it comes out of the group's messages, by whom and with which lamport. */
export interface SeedAct {
  readonly id: MessageId;
  readonly lamport: number;
  readonly by: PersonId;
  readonly readers?: Readers;
  readonly act: TaskAct;
}

export function memoryTasks(group: Live<GroupState>, seeds: readonly SeedAct[]): Tasks {
  return new GroupTasks({ group, log: new MemoryTaskLog(group, seeds), clock });
}

class MemoryTaskLog implements TaskLog {
  readonly readable: LiveValue<readonly Readers[]>;
  readonly #group: Live<GroupState>;
  readonly #acts: HeardAct[];
  readonly #docs = new Map<MessageId, Doc>();
  readonly #listeners = new Set<(news: TaskNews) => void>();

  constructor(group: Live<GroupState>, seeds: readonly SeedAct[]) {
    this.#group = group;
    this.readable = new LiveValue(this.#held());
    this.#acts = seeds.map(({ id, lamport, by, readers = 'everyone', act }) => {
      return { readers, told: { id, lamport, actor: this.#actor(by), act } };
    });
    group.subscribe(() => {
      const held = this.#held();
      if (held.join() !== this.readable.current.join()) this.readable.set(held);
    });
  }

  read(): readonly HeardAct[] {
    const held = this.readable.current;
    return this.#acts.filter(({ readers }) => held.includes(readers));
  }

  listen(heard: (news: TaskNews) => void): () => void {
    this.#listeners.add(heard);
    return () => void this.#listeners.delete(heard);
  }

  me(readers: Readers): Actor | undefined {
    const { me, standing } = this.#group.current;
    if (me === undefined || standing !== 'in' || !this.readable.current.includes(readers)) return undefined;
    return this.#actor(me);
  }

  async write(readers: Readers, act: TaskAct, made: (act: MessageId) => void): Promise<WriteAnswer> {
    const me = this.me(readers);
    if (me === undefined) return { is: 'gone' };
    const id = actId(this.#acts.length);
    const lamport = 1 + this.#acts.reduce((most, { told }) => Math.max(most, told.lamport), 0);
    made(id);
    const heard: HeardAct = { readers, told: { id, lamport, actor: me, act } };
    this.#acts.push(heard);
    for (const hear of this.#listeners) hear({ is: 'told', act: heard });
    await new Promise((resolve) => setTimeout(resolve, 30));
    return { is: 'saved', act: id };
  }

  openDescription(_readers: Readers, task: MessageId): Promise<OpenDocument> {
    const doc = this.#docs.get(task) ?? new Doc();
    this.#docs.set(task, doc);
    const awareness = new Awareness(doc);
    return Promise.resolve({
      id: task.slice(0, 32) as string as DocumentId,
      doc,
      awareness,
      mode: 'edit',
      saved: new LiveValue<'saved' | 'saving' | 'no-room'>('saved'),
      isOver: new LiveValue(false),
      authorOf: () => undefined,
      close: () => {
        awareness.destroy();
        return Promise.resolve();
      },
    });
  }

  #held(): readonly Readers[] {
    return ['everyone', ...this.#group.current.roles.filter(({ mine }) => mine).map(({ id }) => id)];
  }

  #actor(person: PersonId): Actor {
    const { people, rules } = this.#group.current;
    const roles = people.find(({ id }) => id === person)?.roles.map(({ role }) => role) ?? [];
    const can = new Set<Right>([
      ...rules.members,
      ...rules.roles.filter(({ id }) => roles.includes(id)).flatMap((role) => role.can),
    ]);
    const principal = principalOf(person);
    return { principal, roles, mayTasks: can.has('tasks'), mayPost: can.has('post') };
  }
}

/** 32 bytes, as a number. */
export function actId(number: number): MessageId {
  return number.toString(16).padStart(64, '0') as MessageId;
}
