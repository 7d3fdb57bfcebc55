// How somebody looks at the tasks of a group: board or list, narrowed to what, in which order. Kept while the vault is
// open, so that coming back from a task finds all as it was.

import { untrack } from 'svelte';
import type { TaskEntry, TaskId, TaskMe, TaskPlace, Tasks } from '#app/tasks/task-api.ts';
import { principalOf } from '#app/tasks/task-names.ts';
import type { RoleId } from '#core/charter/rules.ts';
import { matches, type TaskFilter } from '#core/tasks/board.ts';

/** Whose tasks: all, own ones, those of own roles, nobody's, or of one role. */
export type Whose = 'all' | 'mine' | 'my-roles' | 'nobody' | `role:${string}`;
export type DueBy = 'any' | 'today' | 'week';
export type Sorting = 'board' | 'due' | 'newest';

export class TaskLook {
  view = $state<'board' | 'list'>('board');
  whose = $state<Whose>('all');
  dueBy = $state<DueBy>('any');
  text = $state('');
  sorting = $state<Sorting>('due');
  /** The list shows what ended too. */
  showsEnded = $state(false);
  /** The last column of the board: what is done, or what was dropped. */
  ending = $state<'done' | 'dropped'>('done');
  /** The one column that a small screen shows. */
  column = $state<'todo' | 'doing' | 'ended'>('todo');
  /** The task that was opened last: where one goes on. */
  last: TaskId | undefined;
  /** One just made, to be shown at once. */
  made = $state.raw<TaskId>();

  /** The task to bring into sight now, if any; asked once. */
  takeNext(): TaskId | undefined {
    const next = this.made ?? this.last;
    this.last = undefined;
    if (next !== undefined) untrack(() => (this.made = undefined));
    return next;
  }

  get isNarrowed(): boolean {
    return this.whose !== 'all' || this.dueBy !== 'any' || this.text.trim() !== '';
  }

  widen(): void {
    this.whose = 'all';
    this.dueBy = 'any';
    this.text = '';
  }

  get columns(): readonly TaskPlace[] {
    return ['todo', 'doing', this.ending];
  }

  narrowed(entries: readonly TaskEntry[], me: TaskMe, today: number): readonly TaskEntry[] {
    if (!this.isNarrowed) return entries;
    const filter = this.#filter(me, today);
    return entries.filter(({ task }) => matches(task, filter));
  }

  #filter(me: TaskMe, today: number): TaskFilter {
    const person = me.person === undefined ? undefined : principalOf(me.person);
    const whose: Partial<TaskFilter> =
      this.whose === 'mine'
        ? { of: { person, roles: [] } }
        : this.whose === 'my-roles'
          ? { of: { person: undefined, roles: me.roles } }
          : this.whose === 'nobody'
            ? { isUnassigned: true }
            : this.whose.startsWith('role:')
              ? { role: this.whose.slice(5) as RoleId }
              : {};
    const due = this.dueBy === 'any' ? {} : { dueBy: this.dueBy === 'today' ? today : today + 6 };
    return { ...whose, ...due, ...(this.text.trim() === '' ? {} : { text: this.text }) };
  }
}

export function sorted(entries: readonly TaskEntry[], by: Sorting): readonly TaskEntry[] {
  if (by === 'board') return entries;
  if (by === 'newest') return entries.toSorted((a, b) => b.task.at - a.task.at);
  // What is due on no day comes last; stable, so that the board's order decides between equals.
  return entries.toSorted((a, b) => (a.due ?? Infinity) - (b.due ?? Infinity) || 0);
}

const looks = new WeakMap<Tasks, TaskLook>();

/** One for each group, gone with the session. */
export function lookAt(tasks: Tasks): TaskLook {
  const known = looks.get(tasks) ?? new TaskLook();
  looks.set(tasks, known);
  return known;
}
