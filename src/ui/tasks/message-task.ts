// A task from what somebody said: its first line becomes the title, and the message can be found again from the task.

import type { Channel } from '#app/groups/group-api.ts';
import type { Message } from '#app/talk/talk-api.ts';
import type { TaskMaking } from '#app/tasks/task-api.ts';

/** Within 500 bytes in any script. */
const MOST_LETTERS = 120;

export function titleFrom(text: string): string {
  const line = text.trim().split('\n')[0]!.replace(/\s+/gu, ' ');
  const letters = [...new Intl.Segmenter().segment(line)].map(({ segment }) => segment);
  if (letters.length <= MOST_LETTERS && line.length <= 2 * MOST_LETTERS) return line;
  let title = '';
  for (const letter of letters) {
    // A single letter can be of many parts.
    if (title.length + letter.length > MOST_LETTERS) break;
    title += letter;
  }
  return `${title.trimEnd()}…`;
}

/** For those who could read the message, and nobody else. */
export function makingFrom(message: Message, { readers }: Pick<Channel, 'readers'>): TaskMaking {
  return { title: titleFrom(message.text), readers, origin: message.id };
}
