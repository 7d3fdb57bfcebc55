// Tells other groups by itself how the tasks go that were made of what they asked for. Everybody who could works out when it
// would be their turn; whoever is first does it, and all others see that it is done (SPEC.md of core/neighbours, §4.1).

import { encodeNeighbourAct } from '#core/neighbours/neighbour-body.ts';
import { nextReport, type ReceivedOrder } from '#core/neighbours/neighbours.ts';
import type { OrderId, Report } from '#core/neighbours/order.ts';
import type { Task } from '#core/tasks/task.ts';
import { MINUTE, SECOND, type Millis } from '#core/ports.ts';
import type { NeighbourCard } from './neighbour-card.ts';
import { NEIGHBOUR_KIND, type NeighbourHome } from './neighbour-log.ts';
import { turnIn, type NeighbourSurroundings } from './neighbour-surroundings.ts';
import { write } from '../space/author.ts';
import type { Live } from '../talk/talk-api.ts';
import type { TaskEntry, Tasks } from '../tasks/task-api.ts';

/** Several changes in a row are told at once. */
const FIRST = (2 * SECOND) as Millis;
const SLOT = (20 * SECOND) as Millis;
const MOST = (5 * MINUTE) as Millis;
const RETRY_AFTER = MINUTE;

export interface ReportPorts {
  readonly around: NeighbourSurroundings;
  readonly card: NeighbourCard;
  readonly tasks: () => Tasks;
  /** Tasks made of orders may be others than before. */
  readonly changed: () => void;
}

/** What can be said of an order from the tasks made of it; nothing while there are none. */
export type Progress = Pick<Report, 'state' | 'parts'>;

export function progressOf(tasks: readonly Task[]): Progress | undefined {
  if (tasks.length === 0) return undefined;
  const ended = tasks.map(({ stage }) => (stage.value.is === 'ended' ? stage.value.as : undefined));
  const done = ended.filter((as) => as === 'done').length;
  const dropped = ended.filter((as) => as === 'dropped').length;
  const all = tasks.length - dropped;
  if (all === 0) return { state: 'returned', parts: { all: 0, done: 0 } };
  if (done === all) return { state: 'done', parts: { all, done } };
  return { state: all > 1 ? 'split' : 'accepted', parts: { all, done } };
}

export class NeighbourReports {
  readonly #ports: ReportPorts;
  readonly #turn: number;
  readonly #due = new Map<OrderId, { readonly says: string; readonly at: Millis }>();
  #byOrigin: ReadonlyMap<string, readonly TaskEntry[]> = new Map();
  #heardOf: unknown;
  #tasks: Tasks | undefined;
  #unlisten: (() => void) | undefined;
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(ports: ReportPorts) {
    this.#ports = ports;
    this.#turn = ports.around.context.random.bytes(1)[0]! / 256;
  }

  close(): void {
    this.#isClosed = true;
    this.#unlisten?.();
    this.#cancel?.();
  }

  /** Tasks that were made of an order, while there are any. */
  tasksOf({ id }: Pick<ReceivedOrder, 'id'>): readonly TaskEntry[] {
    this.#look();
    return this.#byOrigin.get(id) ?? [];
  }

  /** Looks what is to be told, and when it is this device's turn. Part of an event. */
  consider(): void {
    const { around } = this.#ports;
    const { home } = around.log;
    if (this.#isClosed || home === undefined || home.state.received.size === 0) return;
    this.#look();
    if (!this.#areTasksRead || !around.log.isWhole) return;
    const now = around.context.clock.now();
    for (const [id, received] of home.state.received) {
      const progress = this.#toTell(received);
      if (progress === undefined) this.#due.delete(id);
      else {
        const says = JSON.stringify(progress);
        if (this.#due.get(id)?.says !== says) this.#due.set(id, { says, at: (now + this.#delay(home, id)) as Millis });
      }
    }
    this.#wake();
  }

  get #areTasksRead(): boolean {
    return this.#tasks?.state.current === 'open';
  }

  /** What has to be said and was not. */
  #toTell(received: ReceivedOrder): Progress | undefined {
    const made = this.tasksOf(received);
    const progress = progressOf(made.map(({ task }) => task));
    const { report } = received;
    if (progress === undefined) return undefined;
    // Somebody returned it though tasks were made: that stands until one of them goes on.
    const isSame =
      report?.state === progress.state &&
      report.parts.all === progress.parts.all &&
      report.parts.done === progress.parts.done;
    const isReturned = report?.state === 'returned' && made.every(({ task }) => lastChange(task) <= report.at);
    return isSame || isReturned ? undefined : progress;
  }

  #delay({ scope }: NeighbourHome, order: OrderId): Millis {
    const rank = turnIn(this.#ports.around, scope, order);
    return (FIRST + Math.ceil(Math.min((rank + this.#turn / 4) * SLOT, MOST))) as Millis;
  }

  #wake(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#isClosed || this.#due.size === 0) return;
    const { context, queue } = this.#ports.around;
    const next = Math.min(...[...this.#due.values()].map(({ at }) => at));
    const delay = Math.max(1, next - context.clock.now()) as Millis;
    this.#cancel = context.clock.after(delay, () => void queue.run(() => this.#tell()));
  }

  async #tell(): Promise<void> {
    const { around } = this.#ports;
    const { home } = around.log;
    const now = around.context.clock.now();
    if (this.#isClosed || home === undefined) return;
    const [id] = [...this.#due].find(([, { at }]) => at <= now) ?? [];
    const received = id === undefined ? undefined : home.state.received.get(id);
    const progress = received === undefined ? undefined : this.#toTell(received);
    if (id !== undefined) {
      const isTold = progress === undefined || (await this.report(home, received!, { ...progress, note: '' }));
      if (isTold) this.#due.delete(id);
      else this.#due.set(id, { says: JSON.stringify(progress), at: (now + RETRY_AFTER) as Millis });
    }
    this.#wake();
  }

  /** Whether it was written. Part of an event. */
  async report(
    home: NeighbourHome,
    received: ReceivedOrder,
    said: Pick<Report, 'state' | 'parts' | 'note'>,
  ): Promise<boolean> {
    const { around } = this.#ports;
    const { space, context, engine } = around;
    const role = await this.#signingRole();
    if (role === undefined || !(space.has('tasks') || space.has('card'))) return false;
    const at = context.clock.now();
    const letter = await this.#ports.card.sign(nextReport(received, { ...said, role, at }));
    if (letter === undefined) return false;
    const { replica } = space;
    const body = encodeNeighbourAct({ act: 'went', at, letter, task: undefined });
    const what = { scope: home.scope, kind: NEIGHBOUR_KIND, body };
    const problem = await write(replica, what, (written) => engine().push(replica, written));
    if (problem === undefined) engine().noteDurable(replica);
    return problem === undefined;
  }

  /** Of the roles on the card whose key one holds, the first. */
  async #signingRole() {
    const { card, around } = this.#ports;
    const shown = around.log.card;
    for (const { id } of shown?.card.roles ?? []) if (await card.maySign(shown!, id)) return id;
    return undefined;
  }

  /** Tasks are read when something came, not before. */
  #look(): void {
    if (this.#tasks === undefined) {
      this.#tasks = this.#ports.tasks();
      const { list, state } = this.#tasks;
      const heard = (): void => void this.#ports.around.queue.later(() => this.#ports.changed());
      const listen = (live: Live<unknown>): (() => void) => live.subscribe(heard);
      const stops = [listen(list), listen(state)];
      this.#unlisten = () => stops.forEach((stop) => stop());
    }
    const entries = this.#tasks.list.current;
    if (entries === this.#heardOf) return;
    this.#heardOf = entries;
    const byOrigin = new Map<string, TaskEntry[]>();
    for (const entry of entries) {
      const { origin } = entry.task;
      if (origin === undefined) continue;
      const known = byOrigin.get(origin);
      if (known === undefined) byOrigin.set(origin, [entry]);
      else known.push(entry);
    }
    this.#byOrigin = byOrigin;
  }
}

function lastChange(task: Task): number {
  return Math.max(...task.acts.map(({ act }) => act.at));
}
