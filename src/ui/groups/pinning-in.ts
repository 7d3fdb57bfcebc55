// Pins and takes down what is said in a channel, and says how that went.

import type { ChannelTalk } from '#app/groups/group-api.ts';
import type { MessageId } from '#app/talk/talk-api.ts';
import { m } from '#texts/messages.js';
import type { Pinning } from '#ui/chat/pinning.ts';
import type { AppState } from '#ui/shell/app-state.svelte.ts';
import { refusalWords } from './refusal-words.ts';

export function pinningIn(talk: ChannelTalk, app: AppState): Pinning {
  async function change(message: MessageId, pinned: boolean): Promise<void> {
    const answer = await talk.setPinned(message, pinned);
    if (answer === 'done') app.toasts.say(pinned ? m.pin_done() : m.pin_off_done());
    else app.toasts.say(refusalWords(answer));
  }
  return {
    isPinned: (id) => talk.pins.current.some(({ message }) => message.id === id),
    change: (message, pinned) => void change(message, pinned),
  };
}
