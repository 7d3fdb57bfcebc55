// What a menu beside a message needs to pin it, where messages can be pinned.

import type { MessageId } from '#app/talk/talk-api.ts';

export interface Pinning {
  isPinned(message: MessageId): boolean;
  change(message: MessageId, pinned: boolean): void;
}
