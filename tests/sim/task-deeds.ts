// What members of a group do with its tasks. Each act that was acknowledged is written down.

import type { Group } from '#app/groups/group-api.ts';
import type { Assignee, TaskAnswer, TaskChange, TaskEntry, TaskPlace } from '#app/tasks/task-api.ts';
import type { PersonId } from '#app/talk/talk-api.ts';
import type { Person } from './person.ts';
import type { Town } from './town.ts';

const PLACES: readonly TaskPlace[] = ['todo', 'doing', 'done', 'dropped'];
/** Acts that may be taken back, by who made them. */
const undoable = new WeakMap<Person, Extract<TaskAnswer, { is: 'done' }>[]>();

function note(town: Town, person: Person, group: Group, answer: TaskAnswer): void {
  const author = group.state.current.me;
  if (answer.is !== 'done' || answer.act === undefined || author === undefined) return;
  const readers = new Set<PersonId>(group.state.current.people.flatMap(({ id, isIn }) => (isIn ? [id] : [])));
  town.done.push({ task: answer.task, act: answer.act, author, by: person, readers });
  const own = undoable.get(person) ?? [];
  undoable.set(person, own);
  own.push(answer);
}

export async function makeTask(town: Town, person: Person, group: Group): Promise<void> {
  const mayMakeFor = group.tasks!.me.current.mayMakeFor;
  if (mayMakeFor.length === 0) return;
  const title = `task ${person.name}.${person.written++} of the town`;
  town.taint.words('the title of a task', title);
  const answer = await group.tasks!.create({ title, readers: person.dice.pick(mayMakeFor) });
  note(town, person, group, answer);
}

export async function workOnTask(town: Town, person: Person, group: Group): Promise<void> {
  const { list } = group.tasks!;
  if (list.current.length === 0) return makeTask(town, person, group);
  const entry = person.dice.pick(list.current);
  const change = changeOf(person, group, entry);
  if (change !== undefined) note(town, person, group, await group.tasks!.act(entry.id, change));
}

export async function undoTask(_: Town, person: Person, group: Group): Promise<void> {
  const act = undoable.get(person)?.pop()?.act;
  if (act !== undefined) await group.tasks!.undo(act);
}

function changeOf(person: Person, group: Group, entry: TaskEntry): TaskChange | undefined {
  const { dice } = person;
  const { items, comments } = entry.task;
  switch (dice.roll(9)) {
    case 0:
      return { do: 'title', title: `${entry.title.slice(0, 60)} again` };
    case 1:
      return { do: 'assign', to: anyAssignee(person, group) };
    case 2:
    case 3:
    case 4:
      return moved(person, group);
    case 5:
      return { do: 'add-item', text: `item ${person.name}.${person.written++} of it` };
    case 6:
      return items.length === 0 ? undefined : { do: 'check', item: dice.pick(items).id, isDone: dice.chance(0.7) };
    case 7:
      return comments.length > 3 ? undefined : { do: 'comment', text: `comment ${person.name}.${person.written++}` };
    default:
      return { do: 'wait', on: dice.pick(group.tasks!.list.current).id, isOn: dice.chance(0.7) };
  }
}

function moved({ dice }: Person, group: Group): TaskChange {
  const to = dice.pick(PLACES);
  const beside = group.tasks!.list.current.filter(({ place }) => place === to);
  const above = beside.length > 0 && dice.chance(0.5) ? dice.pick(beside).id : undefined;
  return { do: 'move', to, above };
}

function anyAssignee({ dice }: Person, group: Group): Assignee | undefined {
  const { people, roles } = group.state.current;
  const present = people.filter(({ isIn }) => isIn);
  if (dice.chance(0.2) || present.length === 0) return undefined;
  if (roles.length > 0 && dice.chance(0.3)) return { role: dice.pick(roles).id };
  return { person: dice.pick(present).id };
}
