// One conversation as screens use it.

import { encodeChatBody, textProblem, type ChatBody } from '#core/chat/body.ts';
import type { MessageId } from '#core/charter/ids.ts';
import { utf8 } from '#core/bytes/bytes.ts';
import type { Clock } from '#core/ports.ts';
import type { Conversation, SendResult } from './api.ts';
import type { Disk } from './disk.ts';
import type { SayResult } from './space-host.ts';
import type { EventQueue } from './event-queue.ts';
import type { Pair } from './pair.ts';

export const DRAFT_COLLECTION = 'draft';

export interface ConversationPorts {
  readonly pair: Pair;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly queue: EventQueue;
  readonly say: (kind: ChatBody['kind'], body: () => Uint8Array<ArrayBuffer>) => Promise<SayResult>;
}

export class PairConversation implements Conversation {
  readonly #ports: ConversationPorts;

  constructor(ports: ConversationPorts) {
    this.#ports = ports;
  }

  get contact(): Conversation['contact'] {
    return this.#ports.pair.contact;
  }

  get timeline(): Conversation['timeline'] {
    return this.#ports.pair.timeline;
  }

  get firstUnread(): Conversation['firstUnread'] {
    return this.#ports.pair.firstUnread;
  }

  get draft(): Conversation['draft'] {
    return this.#ports.pair.draft;
  }

  setDraft(text: string): void {
    const { pair, disk, queue } = this.#ports;
    pair.draft.set(text);
    void queue.run(() => disk.put(DRAFT_COLLECTION, pair.space, text === '' ? null : utf8(text)));
  }

  async send(text: string, replyTo?: MessageId): Promise<SendResult> {
    const problem = textProblem(text) ?? this.#shut();
    if (problem !== undefined) return problem;
    return this.#say({ kind: 'chat', text, at: this.#ports.clock.now(), replyTo });
  }

  async edit(message: MessageId, text: string): Promise<SendResult> {
    const problem = textProblem(text) ?? this.#notMine(message) ?? this.#shut();
    if (problem !== undefined) return problem;
    return this.#say({ kind: 'edit', target: message, text, at: this.#ports.clock.now() });
  }

  async deleteForAll(message: MessageId): Promise<SendResult> {
    const problem = this.#notMine(message) ?? this.#shut();
    if (problem !== undefined) return problem;
    return this.#say({ kind: 'delete', target: message });
  }

  markRead(upTo: MessageId): void {
    void this.#ports.queue.run(() => this.#ports.pair.markRead(upTo));
  }

  #notMine(message: MessageId): 'not-yours' | undefined {
    const entry = this.#ports.pair.view.timeline.get(message);
    return entry?.mine === true && !entry.deleted ? undefined : 'not-yours';
  }

  #shut(): 'blocked' | undefined {
    return this.#ports.pair.facts.blocked ? 'blocked' : undefined;
  }

  async #say(body: ChatBody): Promise<SendResult> {
    const said = await this.#ports.say(body.kind, () => encodeChatBody(body));
    if (said === 'saved' || said === 'no-room') return said;
    // Closed while sending: nothing was promised. Void and read-only spaces take nothing more.
    return said === 'closed' ? 'no-room' : 'blocked';
  }
}
