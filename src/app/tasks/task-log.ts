// Where the tasks of a group get their acts from and leave their own: the replica of the group (task-messages.ts), or a
// double of it that the screens are looked at with.

import type { MessageId } from '#core/charter/ids.ts';
import type { TaskAct } from '#core/tasks/task-body.ts';
import type { Actor, ToldAct } from '#core/tasks/task.ts';
import type { OpenDocument } from '../documents/document-api.ts';
import type { Live } from '../talk/talk-api.ts';
import type { Readers } from './task-api.ts';

/** An act that stands, in the scope of those who can read it. */
export interface HeardAct {
  readonly readers: Readers;
  readonly told: ToldAct;
}

export type TaskNews =
  | { readonly is: 'told'; readonly act: HeardAct }
  /** What was handed out stands otherwise now: all of it is to be read again. */
  | { readonly is: 'restood' };

export type WriteAnswer =
  { readonly is: 'saved'; readonly act: MessageId } | { readonly is: 'no-room' | 'gone' | 'newer-version' };

export interface TaskLog {
  /** The scopes whose content this device holds; grows and shrinks with roles. */
  readonly readable: Live<readonly Readers[]>;
  /** All acts held here; read bit by bit, so that a screen can draw between two. */
  read(): Iterable<HeardAct>;
  /** Called for each act that settles from now on, own ones as soon as they are made. */
  listen(heard: (news: TaskNews) => void): () => void;
  /** What the group's rules say of oneself in a scope now; `undefined` where one may write nothing. */
  me(readers: Readers): Actor | undefined;
  /**
   * Writes an act. It is heard before this answers, which is when it is on disk. `made` is told its id before it is
   * heard.
   */
  write(readers: Readers, act: TaskAct, made: (act: MessageId) => void): Promise<WriteAnswer>;
  /** The document of a scope that describes a task. */
  openDescription(readers: Readers, task: MessageId): Promise<OpenDocument | 'gone'>;
}
