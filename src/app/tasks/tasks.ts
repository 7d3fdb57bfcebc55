// The tasks of a group as the screens use them: read from the group's messages, kept up as acts come in, and acted on.

import type { MessageId } from '#core/charter/ids.ts';
import type { Clock, Millis } from '#core/ports.ts';
import { TaskBoard } from '#core/tasks/board.ts';
import type { Column, TaskAct } from '#core/tasks/task-body.ts';
import { outcomeOf, type Task } from '#core/tasks/task.ts';
import { undoOf } from '#core/tasks/undo.ts';
import type { OpenDocument } from '../documents/document-api.ts';
import type { GroupState } from '../groups/group-api.ts';
import { LiveValue } from '../live-value.ts';
import type { Live } from '../talk/talk-api.ts';
import { actChanging, actMaking, type ActSurroundings } from './task-acts.ts';
import type {
  Readers,
  TaskAnswer,
  TaskChange,
  TaskDetails,
  TaskEntry,
  TaskId,
  TaskMaking,
  TaskMe,
  TaskRefusal,
  Tasks,
} from './task-api.ts';
import { detailsOf } from './task-details.ts';
import type { TaskLog, TaskNews } from './task-log.ts';
import { personOf, TaskNames } from './task-names.ts';
import { TaskShelf } from './task-shelf.ts';

export interface TaskPorts {
  readonly group: Live<GroupState>;
  readonly log: TaskLog;
  readonly clock: Clock;
}

/** Own acts that can be taken back: more than anybody remembers. */
const MAX_UNDOS = 100;

/** Acts or lines after which the screen has its turn: some milliseconds of an old phone. */
const STEPS_AT_ONCE = 100;

/** What is needed to take an act back. */
interface Undoable {
  readonly task: TaskId;
  readonly readers: Readers;
  readonly before: Task | undefined;
}

type Boards = Map<Readers, TaskBoard>;

export class GroupTasks implements Tasks {
  readonly state = new LiveValue<'opening' | 'open'>('opening');
  readonly list = new LiveValue<readonly TaskEntry[]>([]);
  readonly me: LiveValue<TaskMe>;
  readonly #ports: TaskPorts;
  readonly #details = new Map<TaskId, Details>();
  readonly #undos = new Map<MessageId, Undoable>();
  readonly #unlisten: readonly (() => void)[];
  #names: TaskNames;
  #boards: Boards = new Map();
  /** Being read; what comes meanwhile goes into both. */
  #reading: Boards | undefined;
  #shelf: TaskShelf;
  #isTold = true;

  constructor(ports: TaskPorts) {
    this.#ports = ports;
    this.#names = new TaskNames(ports.group.current);
    this.#shelf = this.#newShelf(this.#boards);
    this.me = new LiveValue(this.#whoAmI());
    this.#unlisten = [
      ports.log.listen((news) => this.#hear(news)),
      ports.log.readable.subscribe(() => void this.#read()),
      ports.group.subscribe(() => this.#groupChanged()),
    ];
    void this.#read();
  }

  close(): void {
    this.#reading = undefined;
    for (const stop of this.#unlisten) stop();
  }

  task(task: TaskId): Live<TaskDetails | undefined> {
    const known = this.#details.get(task) ?? new Details(this.list, () => this.#detailsOf(task));
    this.#details.set(task, known);
    return known;
  }

  async create(making: TaskMaking): Promise<TaskAnswer> {
    const around = this.#around(making.readers);
    if (around === undefined) return refused('not-allowed');
    const act = actMaking(making, around);
    return typeof act === 'string' ? refused(act) : this.#write(making.readers, act);
  }

  async act(task: TaskId, change: TaskChange): Promise<TaskAnswer> {
    const entry = this.#shelf.get(task);
    if (entry === undefined) return refused('gone');
    const around = this.#around(entry.readers);
    if (around === undefined) return refused('not-allowed');
    const act = actChanging(entry.task, change, around);
    if (act === 'already') return { is: 'done', task, act: undefined };
    return typeof act === 'string' ? refused(act) : this.#write(entry.readers, act);
  }

  async undo(act: MessageId): Promise<TaskAnswer> {
    const undoable = this.#undos.get(act);
    const now = undoable && this.#taskOf(undoable);
    if (undoable === undefined || now === undefined) return refused('gone');
    const { readers, before } = undoable;
    const around = this.#around(readers);
    const back = undoOf(act, before, now, this.#ports.clock.now());
    if (around === undefined) return refused('not-allowed');
    if (back === undefined) return refused('changed-since');
    const outcome = outcomeOf(now, {
      id: act,
      lamport: Number.MAX_SAFE_INTEGER,
      actor: around.me,
      act: back,
    });
    if (outcome === 'already') return { is: 'done', task: now.id, act: undefined };
    return outcome === 'done' ? this.#write(readers, back) : refused(outcome);
  }

  openDescription(task: TaskId): Promise<OpenDocument | 'gone'> {
    const readers = this.#shelf.get(task)?.readers;
    return readers === undefined ? Promise.resolve('gone') : this.#ports.log.openDescription(readers, task);
  }

  async #write(readers: Readers, act: TaskAct): Promise<TaskAnswer> {
    const answer = await this.#ports.log.write(readers, act, (id) => {
      const task = act.act === 'create' ? id : act.task;
      this.#undos.set(id, { task, readers, before: this.#taskOf({ task, readers }) });
      const [oldest] = this.#undos.keys();
      if (this.#undos.size > MAX_UNDOS) this.#undos.delete(oldest!);
    });
    this.#tell();
    if (answer.is !== 'saved') return refused(answer.is);
    return { is: 'done', task: act.act === 'create' ? answer.act : act.task, act: answer.act };
  }

  /** `undefined`: one may write nothing there. */
  #around(readers: Readers): ActSurroundings | undefined {
    const me = this.#ports.log.me(readers);
    if (me === undefined) return undefined;
    const column = (wanted: Column): readonly Task[] =>
      this.#shelf.entries.flatMap(({ place, task }) => (place === wanted ? [task] : []));
    return { me, at: this.#ports.clock.now(), tasks: this.#tasksOf(readers), column };
  }

  #hear(news: TaskNews): void {
    if (news.is === 'restood') {
      void this.#read();
      return;
    }
    const { readers, told } = news.act;
    if (this.#reading !== undefined) boardOf(this.#reading, readers).add(told);
    if (this.state.current === 'opening') return;
    boardOf(this.#boards, readers).add(told);
    this.#shelf.put(told.act.act === 'create' ? told.id : told.act.task, readers);
    this.#tellSoon();
  }

  /** Reads all there is beside what is shown, a little at a time, and shows it when it is whole. */
  async #read(): Promise<void> {
    const boards: Boards = new Map();
    this.#reading = boards;
    let steps = 0;
    /** False: something else is being read by now. */
    const step = async (): Promise<boolean> => {
      if (++steps % STEPS_AT_ONCE === 0) await new Promise<void>((go) => this.#ports.clock.after(0 as Millis, go));
      return this.#reading === boards;
    };
    for (const { readers, told } of this.#ports.log.read()) {
      boardOf(boards, readers).add(told);
      if (!(await step())) return;
    }
    const shelf = this.#newShelf(boards);
    for (const [readers, board] of boards) {
      // Those that change meanwhile are put in their places below.
      for (const id of [...board.tasks.keys()]) {
        const task = board.tasks.get(id);
        if (task !== undefined) shelf.take(task, readers);
        if (!(await step())) return;
      }
    }
    shelf.sort();
    for (const [readers, board] of boards) {
      for (const [id, task] of board.tasks) if (shelf.get(id)?.task !== task) shelf.put(id, readers);
    }
    this.#boards = boards;
    this.#shelf = shelf;
    this.#reading = undefined;
    this.#tell();
    this.state.set('open');
  }

  #newShelf(boards: Boards): TaskShelf {
    return new TaskShelf({
      names: () => this.#names,
      me: (readers) => this.#ports.log.me(readers),
      tasks: (readers) => boardOf(boards, readers).tasks,
    });
  }

  #groupChanged(): void {
    const names = this.#names.renewed(this.#ports.group.current);
    const me = this.#whoAmI();
    if (names === this.#names && isSameMe(me, this.me.current)) return;
    this.#names = names;
    this.me.set(me);
    this.#shelf.remake();
    this.#tell();
  }

  #whoAmI(): TaskMe {
    const { log, group } = this.#ports;
    const actors = log.readable.current.map((readers) => [readers, log.me(readers)] as const);
    const first = actors.find(([, me]) => me !== undefined)?.[1];
    return {
      person: first === undefined ? group.current.me : personOf(first.principal),
      roles: group.current.roles.filter(({ mine }) => mine).map(({ id }) => id),
      mayMakeFor: actors.flatMap(([readers, me]) => (me?.mayTasks === true ? [readers] : [])),
    };
  }

  /** Once for all that comes in one go. */
  #tellSoon(): void {
    if (!this.#isTold) return;
    this.#isTold = false;
    queueMicrotask(() => this.#tell());
  }

  #tell(): void {
    this.#isTold = true;
    this.list.set(this.#shelf.entries);
  }

  #tasksOf(readers: Readers): ReadonlyMap<MessageId, Task> {
    return boardOf(this.#boards, readers).tasks;
  }

  #taskOf({ task, readers }: { readonly task: TaskId; readonly readers: Readers }): Task | undefined {
    return this.#tasksOf(readers).get(task);
  }

  #detailsOf(id: TaskId): DetailGround | undefined {
    const entry = this.#shelf.get(id);
    if (entry === undefined) return undefined;
    const tasks = this.#tasksOf(entry.readers);
    const neededBy = this.#shelf.neededBy(id, entry.readers);
    const waits = entry.task.waitsFor.map((on) => tasks.get(on));
    const around = { entry, names: this.#names, tasks, neededBy };
    return { from: [entry, this.#names, ...neededBy, 'and', ...waits], make: () => detailsOf(entry.task, around) };
  }
}

/** What a task's details are made from, and how. */
interface DetailGround {
  readonly from: readonly unknown[];
  readonly make: () => TaskDetails;
}

/** One task, made when it is looked at and kept for as long as what it is made from is the same. */
class Details implements Live<TaskDetails | undefined> {
  readonly #signal: Live<unknown>;
  readonly #ground: () => DetailGround | undefined;
  #known: { readonly from: readonly unknown[]; readonly details: TaskDetails } | undefined;

  constructor(signal: Live<unknown>, ground: () => DetailGround | undefined) {
    this.#signal = signal;
    this.#ground = ground;
  }

  get current(): TaskDetails | undefined {
    const ground = this.#ground();
    if (ground === undefined) return undefined;
    const { from, make } = ground;
    const known = this.#known;
    const isSame = known?.from.length === from.length && from.every((one, i) => one === known.from[i]);
    if (!isSame) this.#known = { from, details: make() };
    return this.#known!.details;
  }

  subscribe(changed: () => void): () => void {
    return this.#signal.subscribe(changed);
  }
}

function boardOf(boards: Boards, readers: Readers): TaskBoard {
  const board = boards.get(readers) ?? new TaskBoard();
  boards.set(readers, board);
  return board;
}

function isSameMe(a: TaskMe, b: TaskMe): boolean {
  const text = ({ person, roles, mayMakeFor }: TaskMe): string => JSON.stringify([person, roles, mayMakeFor]);
  return text(a) === text(b);
}

function refused(why: TaskRefusal): TaskAnswer {
  return { is: 'refused', why };
}
