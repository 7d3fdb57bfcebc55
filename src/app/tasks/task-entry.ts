// A task as a line of a list or a card of the board shows it.

import { safeText } from '#core/identity/names.ts';
import { contradictionsOf } from '#core/tasks/contradictions.ts';
import type { Actor, Stage, Task } from '#core/tasks/task.ts';
import type { MayTask, Readers, TaskEntry, TaskPlace } from './task-api.ts';
import type { TaskNames } from './task-names.ts';

export interface EntrySurroundings {
  readonly readers: Readers;
  readonly names: TaskNames;
  readonly me: Actor | undefined;
  /** How many open tasks it waits for. */
  readonly waitsFor: number;
}

export function entryOf(task: Task, { readers, names, me, waitsFor }: EntrySurroundings): TaskEntry {
  return {
    id: task.id,
    readers,
    task,
    title: oneLine(task.title.value),
    place: placeOf(task.stage.value),
    assignee: names.whom(task.assignee.value),
    due: task.due.value,
    items: { done: task.items.filter(({ isDone }) => isDone.value).length, all: task.items.length },
    comments: task.comments.length,
    waitsFor,
    crossings: contradictionsOf(task).length,
    may: mayOf(task, me),
  };
}

/** Titles and items are lines, whatever others put in them. */
export function oneLine(text: string): string {
  return safeText(text).replace(/\s+/gu, ' ').trim();
}

export function placeOf(stage: Stage): TaskPlace {
  return stage.is === 'open' ? stage.column : stage.as;
}

/** As in the fold (core/tasks/SPEC.md §2, "Who may"). */
function mayOf(task: Task, me: Actor | undefined): MayTask {
  if (me === undefined) return nothing;
  const to = task.assignee.value;
  const isMine = to !== undefined && ('person' in to ? to.person === me.principal : me.roles.includes(to.role));
  const bringOn = me.mayTasks || isMine;
  return { change: me.mayTasks, bringOn, comment: bringOn || me.mayPost };
}

const nothing: MayTask = { change: false, bringOn: false, comment: false };
