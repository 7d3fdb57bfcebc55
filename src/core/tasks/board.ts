// All tasks of one scope, kept up as acts come in, and which of them a person looks for (SPEC.md §4).

import { comparePlaces } from '../chain/place.ts';
import type { MessageId, PrincipalId } from '../charter/ids.ts';
import type { RoleId } from '../charter/rules.ts';
import { rankBetween, type Rank } from './rank.ts';
import type { DueDay } from './task-body.ts';
import { actOn, foldTask, type Stage, type Task, type ToldAct } from './task.ts';

export class TaskBoard {
  readonly #told = new Map<MessageId, ToldAct[]>();
  readonly #seen = new Set<MessageId>();
  readonly #tasks = new Map<MessageId, Task>();

  get tasks(): ReadonlyMap<MessageId, Task> {
    return this.#tasks;
  }

  /** Takes an act in; a second time changes nothing. The task it changed, as it is now. */
  add(told: ToldAct): Task | undefined {
    if (this.#seen.has(told.id)) return undefined;
    this.#seen.add(told.id);
    const id = told.act.act === 'create' ? told.id : told.act.task;
    const acts = this.#told.get(id) ?? [];
    acts.push(told);
    this.#told.set(id, acts);
    const known = this.#tasks.get(id);
    const last = known?.acts.at(-1);
    // The usual case, made cheap: nothing comes after it yet.
    const isLast = last !== undefined && comparePlaces(last, told) < 0;
    return this.#keep(id, known !== undefined && isLast ? actOn(known, told) : foldTask(id, acts));
  }

  /** Forgets acts that were taken back: their author turned out not to have been one. The tasks that changed. */
  remove(ids: ReadonlySet<MessageId>): readonly MessageId[] {
    const changed: MessageId[] = [];
    for (const [id, acts] of this.#told) {
      const left = acts.filter((one) => !ids.has(one.id));
      if (left.length === acts.length) continue;
      this.#told.set(id, left);
      this.#keep(id, foldTask(id, left));
      changed.push(id);
    }
    for (const id of ids) this.#seen.delete(id);
    return changed;
  }

  #keep(id: MessageId, task: Task | undefined): Task | undefined {
    if (task === undefined) this.#tasks.delete(id);
    else this.#tasks.set(id, task);
    return task;
  }
}

/** What a list of tasks is narrowed to; everything given must hold. */
export interface TaskFilter {
  readonly stage?: 'open' | 'ended';
  /** Given to this person, or to one of these roles. */
  readonly of?: { readonly person: PrincipalId | undefined; readonly roles: readonly RoleId[] };
  readonly role?: RoleId;
  readonly isUnassigned?: boolean;
  /** Open, and due on this day or before. */
  readonly dueBy?: DueDay;
  /** Words that all stand in the title, whatever their case. */
  readonly text?: string;
}

export function matches(task: Task, filter: TaskFilter): boolean {
  const to = task.assignee.value;
  const { stage, of, role, isUnassigned, dueBy, text } = filter;
  if (stage !== undefined && task.stage.value.is !== stage) return false;
  if (
    of !== undefined &&
    (to === undefined || !('person' in to ? to.person === of.person : of.roles.includes(to.role)))
  )
    return false;
  if (role !== undefined && (to === undefined || !('role' in to) || to.role !== role)) return false;
  if (isUnassigned === true && to !== undefined) return false;
  if (dueBy !== undefined && !isDueBy(task, dueBy)) return false;
  const title = task.title.value.toLocaleLowerCase();
  return (text ?? '')
    .toLocaleLowerCase()
    .split(/\s+/u)
    .every((word) => title.includes(word));
}

function isDueBy(task: Task, day: DueDay): boolean {
  return task.stage.value.is === 'open' && task.due.value !== undefined && task.due.value <= day;
}

/** By rank on the board; what ended, by when it was made; ids decide between equals. */
export function compareTasks(a: Task, b: Task): number {
  const [left, right] = [placeOf(a.stage.value), placeOf(b.stage.value)];
  if (left !== right) return left < right ? -1 : 1;
  if (a.stage.value.is === 'ended' && a.at !== b.at) return b.at - a.at;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function placeOf(stage: Stage): string {
  if (stage.is === 'ended') return '3';
  return `${stage.column === 'todo' ? '1' : '2'}${stage.rank}`;
}

/** A text for each task whose order, by code units, is that of `compareTasks`: made once, compared often. */
export function boardKey(task: Task): string {
  const stage = task.stage.value;
  // A blank comes before all digits of ranks.
  const newestFirst = stage.is === 'ended' ? String(Number.MAX_SAFE_INTEGER - task.at).padStart(16, '0') : '';
  return `${placeOf(stage)}${newestFirst} ${task.id}`;
}

/** Tasks an open task waits for that are still open. */
export function waitingFor(task: Task, tasks: ReadonlyMap<MessageId, Task>): readonly Task[] {
  return task.waitsFor.flatMap((id) => {
    const other = tasks.get(id);
    return other?.stage.value.is === 'open' ? [other] : [];
  });
}

/** Whether a task would wait for itself through others if it waited for this one too. */
export function wouldLoop(task: MessageId, on: MessageId, tasks: ReadonlyMap<MessageId, Task>): boolean {
  const seen = new Set<MessageId>();
  const toLook = [on];
  for (let at = toLook.pop(); at !== undefined; at = toLook.pop()) {
    if (at === task) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    toLook.push(...(tasks.get(at)?.waitsFor ?? []));
  }
  return false;
}

/** The rank of a task put at this place of a column, which is given in order and without it. */
export function rankAt(column: readonly Task[], place: number): Rank {
  return rankBetween(rankOf(column[place - 1]), rankOf(column[place]));
}

function rankOf(task: Task | undefined): Rank | undefined {
  const stage = task?.stage.value;
  return stage?.is === 'open' ? stage.rank : undefined;
}
