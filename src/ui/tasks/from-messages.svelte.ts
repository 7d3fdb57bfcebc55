// Making tasks of what is said in a channel or a thread of it.

import type { Channel, Group } from '#app/groups/group-api.ts';
import type { Message } from '#app/talk/talk-api.ts';
import type { TaskId } from '#app/tasks/task-api.ts';
import { LiveView } from '#ui/shared/live-view.svelte.ts';
import type { AppState } from '#ui/shell/app-state.svelte.ts';
import { TaskHands } from './hands.ts';
import { makingFrom } from './message-task.ts';

/** `undefined` where none can be made; read anew whenever something about that changed. */
export function tasksFromMessages(
  group: Group,
  app: AppState,
  open: (task: TaskId) => void,
): (channel: Channel) => ((message: Message) => void) | undefined {
  const { tasks } = group;
  if (tasks === undefined) return () => undefined;
  const hands = new TaskHands(tasks, app);
  const me = new LiveView(tasks.me);
  return (channel) => {
    if (!me.current.mayMakeFor.includes(channel.readers)) return undefined;
    return (message) => {
      void hands.create(makingFrom(message, channel), open);
    };
  };
}
