// What a person can do with the tasks of a group, as the interface between the screens and the session (see api.ts).
// What an act does is decided by every member's app alike (core/tasks/SPEC.md); lists are narrowed and ordered by
// core/tasks/board.ts, over `TaskEntry.task`. Texts are already made safe to show.

import type { RoleId } from '#core/charter/rules.ts';
import type { Millis } from '#core/ports.ts';
import type { Column, DueDay, Ending } from '#core/tasks/task-body.ts';
import type { ActOutcome, ActRefusal, Task } from '#core/tasks/task.ts';
import type { OpenDocument } from '../documents/document-api.ts';
import type { Live, MessageId, PersonId } from '../talk/talk-api.ts';

/** The id of the message that made it. */
export type TaskId = MessageId;
/** One act on a task. */
export type TaskActId = MessageId;
/** The holders of a role, or all members. */
export type Readers = RoleId | 'everyone';
/** Where a task can be put. */
export type TaskPlace = Column | Ending;

export interface Tasks {
  /** `opening`: what lies on this device is still being read, and the list grows. */
  readonly state: Live<'opening' | 'open'>;
  /**
   * In the order of the board: `todo`, `doing`, ended. Replaced whole on change; entries that did not change stay the
   * same objects.
   */
  readonly list: Live<readonly TaskEntry[]>;
  readonly me: Live<TaskMe>;
  /** One task with all that was done on it; `undefined` while or since it is not here. */
  task(task: TaskId): Live<TaskDetails | undefined>;
  create(making: TaskMaking): Promise<TaskAnswer>;
  /** Answers when the act is on disk. It shows as soon as it is made, and no more if the disk does not take it. */
  act(task: TaskId, change: TaskChange): Promise<TaskAnswer>;
  /** Takes one of one's own acts since the vault was opened back, unless somebody changed the same thing since. */
  undo(act: TaskActId): Promise<TaskAnswer>;
  openDescription(task: TaskId): Promise<OpenDocument | 'gone'>;
}

export interface TaskMe {
  readonly person: PersonId | undefined;
  readonly roles: readonly RoleId[];
  /** Whose tasks one may make; empty: none. */
  readonly mayMakeFor: readonly Readers[];
}

export interface TaskMaking {
  readonly title: string;
  readonly readers: Readers;
  readonly column?: Column;
  readonly assignee?: Assignee;
  readonly due?: DueDay;
  /** The chat message it is made from. */
  readonly origin?: MessageId;
}

export type Assignee = { readonly person: PersonId } | { readonly role: RoleId };

export type TaskChange =
  | { readonly do: 'title'; readonly title: string }
  | { readonly do: 'assign'; readonly to: Assignee | undefined }
  | { readonly do: 'due'; readonly day: DueDay | undefined }
  /** `above`: the open task that it comes to stand before; else it goes to the end. What had ended is opened again. */
  | { readonly do: 'move'; readonly to: TaskPlace; readonly above?: TaskId | undefined }
  | { readonly do: 'add-item'; readonly text: string }
  | { readonly do: 'check'; readonly item: TaskActId; readonly isDone: boolean }
  | { readonly do: 'reword'; readonly item: TaskActId; readonly text: string }
  | { readonly do: 'drop-item'; readonly item: TaskActId }
  | { readonly do: 'wait'; readonly on: TaskId; readonly isOn: boolean }
  | { readonly do: 'comment'; readonly text: string }
  | { readonly do: 'drop-comment'; readonly comment: TaskActId }
  /** Of two contradictory acts the one that stands may stand. */
  | { readonly do: 'agree'; readonly act: TaskActId };

/** `act` is missing where all was so already. */
export type TaskAnswer =
  | { readonly is: 'done'; readonly task: TaskId; readonly act: TaskActId | undefined }
  | { readonly is: 'refused'; readonly why: TaskRefusal };

export type TaskRefusal =
  | ActRefusal
  | 'no-room'
  | 'gone'
  | 'newer-version'
  | 'empty'
  | 'too-long'
  /** It would wait for itself, through others. */
  | 'loop'
  /** Somebody changed it since: it is not taken back. */
  | 'changed-since';

/* ---------- what is shown ---------- */

/** Somebody, or the holders of a role. An empty name: not heard yet. */
export type Whom =
  | { readonly is: 'person'; readonly id: PersonId; readonly name: string; readonly isMe: boolean }
  | { readonly is: 'role'; readonly id: RoleId; readonly label: string; readonly isMine: boolean };

export interface TaskEntry {
  readonly id: TaskId;
  readonly readers: Readers;
  /** For filters and order. */
  readonly task: Task;
  readonly title: string;
  readonly place: TaskPlace;
  readonly assignee: Whom | undefined;
  readonly due: DueDay | undefined;
  readonly items: { readonly done: number; readonly all: number };
  readonly comments: number;
  /** How many open tasks it waits for. */
  readonly waitsFor: number;
  /** Contradictory acts that nobody has settled since. */
  readonly crossings: number;
  readonly may: MayTask;
}

/** What one may do with it: change everything · bring it on (move, close, reopen, check off) · comment. */
export interface MayTask {
  readonly change: boolean;
  readonly bringOn: boolean;
  readonly comment: boolean;
}

export interface TaskDetails {
  readonly entry: TaskEntry;
  readonly by: Whom;
  readonly at: Millis;
  readonly origin: MessageId | undefined;
  readonly items: readonly { readonly id: TaskActId; readonly text: string; readonly isDone: boolean }[];
  readonly waits: readonly TaskWait[];
  /** Open tasks that wait for this one. */
  readonly neededBy: readonly { readonly id: TaskId; readonly title: string }[];
  readonly comments: readonly TaskComment[];
  /** Oldest first; acts that had no effect too. */
  readonly history: readonly TaskEvent[];
  readonly crossings: readonly Crossing[];
}

export interface TaskWait {
  readonly id: TaskId;
  /** `undefined`: a task that is not here. */
  readonly title: string | undefined;
  readonly isOpen: boolean;
  /** It waits for this one too, perhaps through others: neither can begin. */
  readonly isCircle: boolean;
}

export interface TaskComment {
  readonly id: TaskActId;
  readonly by: Whom;
  readonly text: string;
  readonly at: Millis;
}

export interface TaskEvent {
  readonly id: TaskActId;
  readonly by: Whom;
  readonly at: Millis;
  readonly what: TaskWords;
  readonly outcome: ActOutcome;
  /** Why it is refused as `ended`: who had closed it, and how. */
  readonly because: { readonly by: Whom; readonly what: TaskWords } | undefined;
}

export type TaskWords =
  | { readonly is: 'made' | 'renamed'; readonly title: string }
  | { readonly is: 'gave'; readonly to: Whom | undefined }
  | { readonly is: 'due'; readonly day: DueDay | undefined }
  /** `put`: to another place among those of one column, of little interest. */
  | { readonly is: 'moved' | 'reopened' | 'put'; readonly to: Column }
  | { readonly is: 'closed'; readonly as: Ending }
  | { readonly is: 'added-item' | 'dropped-item' | 'checked' | 'unchecked' | 'reworded'; readonly text: string }
  | { readonly is: 'waits' | 'waits-not'; readonly title: string | undefined }
  | { readonly is: 'commented' | 'took-comment-back' };

/** Two did contradictory things, neither knowing of the other. It is told until somebody settles it. */
export interface Crossing {
  readonly stands: TaskEvent;
  readonly fell: TaskEvent;
  /** What makes the other one stand, and what leaves it so; `undefined` where one may not, or no one act would do. */
  readonly instead: TaskChange | undefined;
  readonly agree: TaskChange | undefined;
}
