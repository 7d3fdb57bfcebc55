// Takes one's own last act back by a further act: nothing that was said disappears, and what another did since is spared
// (SPEC.md §5).

import type { MessageId } from '../charter/ids.ts';
import type { Millis } from '../ports.ts';
import type { TaskAct } from './task-body.ts';
import type { Register, Stage, Task } from './task.ts';

/**
 * The act that brings back what `undone` replaced: `before` is the task as its author saw it then, `now` as it is.
 * `undefined` where somebody changed the same thing since, or where there is nothing to bring back.
 */
export function undoOf(undone: MessageId, before: Task | undefined, now: Task, at: Millis): TaskAct | undefined {
  const act = now.acts.find((one) => one.id === undone && one.outcome === 'done')?.act;
  if (act === undefined) return undefined;
  if (act.act === 'create') return endAgain(undone, now, at);
  const on = { task: now.id, at };
  switch (act.act) {
    case 'title':
      return stands(now.title, undone) && before && { ...on, act: 'title', saw: undone, title: before.title.value };
    case 'assign':
      return stands(now.assignee, undone) && before && { ...on, act: 'assign', saw: undone, to: before.assignee.value };
    case 'due':
      return stands(now.due, undone) && before && { ...on, act: 'due', saw: undone, day: before.due.value };
    case 'move':
    case 'close':
    case 'reopen':
      return stands(now.stage, undone) && before && backTo(before.stage.value, now, { at, saw: undone });
    case 'add-item':
      return { ...on, act: 'drop-item', item: undone };
    case 'check':
    case 'reword':
      return undoItem(undone, { before, now }, { act: act.act, item: act.item, at });
    case 'drop-item': {
      const text = before?.items.find((one) => one.id === act.item)?.text.value;
      return text === undefined ? undefined : { ...on, act: 'add-item', text };
    }
    case 'wait':
      return { ...on, act: 'wait', on: act.on, isOn: !act.isOn };
    case 'comment':
      return { ...on, act: 'drop-comment', comment: undone };
    case 'drop-comment':
      return undefined;
  }
}

function stands(register: Register<unknown>, by: MessageId): true | undefined {
  return register.by === by ? true : undefined;
}

/** A task nobody wanted is dropped, not unmade: others may have answered it. */
function endAgain(undone: MessageId, now: Task, at: Millis): TaskAct | undefined {
  return stands(now.stage, undone) && { act: 'close', as: 'dropped', task: now.id, saw: undone, at };
}

function backTo(stage: Stage, now: Task, { at, saw }: { at: Millis; saw: MessageId }): TaskAct {
  const on = { task: now.id, at, saw };
  if (stage.is === 'ended') return { ...on, act: 'close', as: stage.as };
  const act = now.stage.value.is === 'ended' ? 'reopen' : 'move';
  return { ...on, act, column: stage.column, rank: stage.rank };
}

function undoItem(
  undone: MessageId,
  { before, now }: { before: Task | undefined; now: Task },
  { act, item, at }: { act: 'check' | 'reword'; item: MessageId; at: Millis },
): TaskAct | undefined {
  const was = before?.items.find((one) => one.id === item);
  const is = now.items.find((one) => one.id === item);
  const on = { task: now.id, item, saw: undone, at };
  if (was === undefined || is === undefined) return undefined;
  if (act === 'check') return stands(is.isDone, undone) && { ...on, act, isDone: was.isDone.value };
  return stands(is.text, undone) && { ...on, act, text: was.text.value };
}
