// The tasks of a group in the order of the board, as screens show them, kept up task by task: of five thousand lines one
// change makes one anew.

import type { MessageId } from '#core/charter/ids.ts';
import { boardKey, waitingFor } from '#core/tasks/board.ts';
import type { Actor, Task } from '#core/tasks/task.ts';
import type { Readers, TaskEntry } from './task-api.ts';
import { entryOf } from './task-entry.ts';
import type { TaskNames } from './task-names.ts';

export interface ShelfPorts {
  readonly names: () => TaskNames;
  readonly me: (readers: Readers) => Actor | undefined;
  readonly tasks: (readers: Readers) => ReadonlyMap<MessageId, Task>;
}

interface Line {
  readonly key: string;
  readonly entry: TaskEntry;
}

export class TaskShelf {
  readonly #ports: ShelfPorts;
  readonly #lines = new Map<MessageId, Line>();
  /** Which tasks wait for one. */
  readonly #waiting = new Map<MessageId, Set<MessageId>>();
  #order: readonly Line[] = [];
  #entries: readonly TaskEntry[] = [];

  constructor(ports: ShelfPorts) {
    this.#ports = ports;
  }

  get entries(): readonly TaskEntry[] {
    return this.#entries;
  }

  get(task: MessageId): TaskEntry | undefined {
    return this.#lines.get(task)?.entry;
  }

  /** Tasks that wait for this one and are open. */
  neededBy(task: MessageId, readers: Readers): readonly Task[] {
    const tasks = this.#ports.tasks(readers);
    return [...(this.#waiting.get(task) ?? [])].flatMap((id) => {
      const other = tasks.get(id);
      return other?.stage.value.is === 'open' ? [other] : [];
    });
  }

  /** A task came, changed or is here no more. */
  put(task: MessageId, readers: Readers): void {
    const before = this.#lines.get(task)?.entry;
    const after = this.#ports.tasks(readers).get(task);
    this.#place(task, readers, after);
    if (isOpen(before?.task) === isOpen(after)) return;
    for (const other of this.#waiting.get(task) ?? []) {
      const known = this.#ports.tasks(readers).get(other);
      if (known !== undefined) this.#place(other, readers, known);
    }
  }

  /** Names, roles or rights are others now: every line is made anew. */
  remake(): void {
    for (const [id, { key, entry }] of this.#lines) {
      this.#lines.set(id, { key, entry: this.#entry(entry.task, entry.readers) });
    }
    this.#order = this.#order.map(({ entry }) => this.#lines.get(entry.id)!);
    this.#entries = this.#order.map(({ entry }) => entry);
  }

  /** One of many, whose places are found by `sort`. */
  take(task: Task, readers: Readers): void {
    this.#noteWaits(undefined, task);
    this.#lines.set(task.id, { key: boardKey(task), entry: this.#entry(task, readers) });
  }

  sort(): void {
    this.#order = [...this.#lines.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    this.#entries = this.#order.map(({ entry }) => entry);
  }

  #place(id: MessageId, readers: Readers, task: Task | undefined): void {
    const before = this.#lines.get(id);
    this.#noteWaits(before?.entry.task, task);
    const order = [...this.#order];
    const entries = [...this.#entries];
    if (before !== undefined) {
      const at = placeOf(order, before.key);
      order.splice(at, 1);
      entries.splice(at, 1);
      this.#lines.delete(id);
    }
    if (task !== undefined) {
      const line = { key: boardKey(task), entry: this.#entry(task, readers) };
      const at = placeOf(order, line.key);
      order.splice(at, 0, line);
      entries.splice(at, 0, line.entry);
      this.#lines.set(id, line);
    }
    this.#order = order;
    this.#entries = entries;
  }

  #entry(task: Task, readers: Readers): TaskEntry {
    const { names, me, tasks } = this.#ports;
    const waitsFor = task.waitsFor.length === 0 ? 0 : waitingFor(task, tasks(readers)).length;
    return entryOf(task, { readers, names: names(), me: me(readers), waitsFor });
  }

  #noteWaits(before: Task | undefined, after: Task | undefined): void {
    if (before?.waitsFor === after?.waitsFor) return;
    for (const on of before?.waitsFor ?? []) this.#waiting.get(on)?.delete(before!.id);
    for (const on of after?.waitsFor ?? []) {
      const waiting = this.#waiting.get(on) ?? new Set();
      this.#waiting.set(on, waiting.add(after!.id));
    }
  }
}

function isOpen(task: Task | undefined): boolean {
  return task?.stage.value.is === 'open';
}

/** Of the first line whose key is not before this one. */
function placeOf(lines: readonly Line[], key: string): number {
  let [from, to] = [0, lines.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (lines[middle]!.key < key) from = middle + 1;
    else to = middle;
  }
  return from;
}
