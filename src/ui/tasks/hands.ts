// What hands do on tasks: the act, then word of it with a way back.

import type {
  TaskActId,
  TaskAnswer,
  TaskChange,
  TaskEntry,
  TaskId,
  TaskMaking,
  TaskPlace,
  Tasks,
} from '#app/tasks/task-api.ts';
import { m } from '#texts/messages.js';
import type { AppState } from '#ui/shell/app-state.svelte.ts';
import { apart } from '#ui/shared/apart.ts';
import { PLACES, refusedWords } from './task-words.ts';

export class TaskHands {
  readonly tasks: Tasks;
  readonly #app: AppState;

  constructor(tasks: Tasks, app: AppState) {
    this.tasks = tasks;
    this.#app = app;
  }

  /** True when it was done. `words`: what is said then. */
  async act(task: TaskId, change: TaskChange, words: string): Promise<boolean> {
    return this.#tell(await this.tasks.act(task, change), words);
  }

  move({ id, title }: TaskEntry, to: TaskPlace, above?: TaskId): Promise<boolean> {
    return this.act(id, { do: 'move', to, above }, m.task_moved_now({ title: apart(title), place: PLACES[to]() }));
  }

  /** `open`: offered where the new task is not in sight. */
  async create(making: TaskMaking, open?: (task: TaskId) => void): Promise<TaskId | undefined> {
    const answer = await this.tasks.create(making);
    if (!this.#tell(answer, m.task_made_now(), open) || answer.is !== 'done') return undefined;
    return answer.task;
  }

  announce(text: string): void {
    this.#app.announce(text);
  }

  #tell(answer: TaskAnswer, words: string, open?: (task: TaskId) => void): boolean {
    const { toasts } = this.#app;
    if (answer.is === 'refused') {
      toasts.say(refusedWords(answer.why));
      return false;
    }
    const { act, task } = answer;
    if (act === undefined) return true;
    const undo = { label: m.undo(), run: () => void this.#undo(act) };
    if (open === undefined) toasts.say(words, undo);
    else toasts.say(words, { label: m.task_open(), run: () => open(task) }, undo);
    return true;
  }

  async #undo(act: TaskActId): Promise<void> {
    const answer = await this.tasks.undo(act);
    this.#app.toasts.say(answer.is === 'done' ? m.task_undone() : refusedWords(answer.why));
  }
}
