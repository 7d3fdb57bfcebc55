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
} from '#app/task-api.ts';
import { m } from '#texts/messages.js';
import type { AppState } from '#ui/shell/app-state.svelte.ts';
import { apart, PLACES, refusedWords } from './task-words.ts';

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

  async create(making: TaskMaking): Promise<TaskId | undefined> {
    const answer = await this.tasks.create(making);
    return this.#tell(answer, m.task_made_now()) && answer.is === 'done' ? answer.task : undefined;
  }

  announce(text: string): void {
    this.#app.announce(text);
  }

  #tell(answer: TaskAnswer, words: string): boolean {
    const { toasts } = this.#app;
    if (answer.is === 'refused') {
      toasts.say(refusedWords(answer.why));
      return false;
    }
    const { act } = answer;
    if (act !== undefined) toasts.say(words, { label: m.undo(), run: () => void this.#undo(act) });
    return true;
  }

  async #undo(act: TaskActId): Promise<void> {
    const answer = await this.tasks.undo(act);
    this.#app.toasts.say(answer.is === 'done' ? m.task_undone() : refusedWords(answer.why));
  }
}
