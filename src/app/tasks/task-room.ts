// The tasks of one group in a session: its messages and what screens read of them.

import type { Clock } from '#core/ports.ts';
import type { GroupState } from '../groups/group-api.ts';
import type { Settled } from '../space/replica.ts';
import type { Live } from '../talk/talk-api.ts';
import type { Tasks } from './task-api.ts';
import { TaskMessages, type TaskMessagesPorts } from './task-messages.ts';
import { GroupTasks } from './tasks.ts';

export interface TaskRoomPorts extends TaskMessagesPorts {
  readonly group: Live<GroupState>;
  readonly clock: Clock;
}

export class TaskRoom {
  readonly #ports: TaskRoomPorts;
  readonly #messages: TaskMessages;
  #tasks: GroupTasks | undefined;

  constructor(ports: TaskRoomPorts) {
    this.#ports = ports;
    this.#messages = new TaskMessages(ports);
  }

  /** Read from the messages when somebody looks at them. */
  get tasks(): Tasks {
    const { group, clock } = this.#ports;
    this.#tasks ??= new GroupTasks({ group, clock, log: this.#messages });
    return this.#tasks;
  }

  /** A message settled. */
  settled(message: Settled): void {
    this.#messages.settled(message);
  }

  /** What was handed out stands otherwise now. */
  restood(): void {
    this.#messages.restood();
  }

  /** Roles, rules or members may be others now. */
  refresh(): void {
    this.#messages.refresh();
  }

  close(): void {
    this.#tasks?.close();
  }
}
