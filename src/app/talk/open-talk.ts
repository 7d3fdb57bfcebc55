// What a person writes into a conversation, between two or among many: checked, then said and kept.

import { textProblem, type ChatBody } from '#core/chat/body.ts';
import { utf8 } from '#core/bytes/bytes.ts';
import type { ChannelId } from '#core/chat/channel.ts';
import type { MessageId } from '#core/charter/ids.ts';
import type { Clock } from '#core/ports.ts';
import type { Conversation } from '../api.ts';
import type { ConversationView } from './conversation-view.ts';
import type { Disk } from '../disk.ts';
import type { EventQueue } from '../event-queue.ts';
import type { LiveValue } from '../live-value.ts';
import type { SayResult } from '../traffic/space-host.ts';
import type { SendResult, Talk } from './talk-api.ts';

export const DRAFT_COLLECTION = 'draft';

/** One conversation as it is held. */
export interface HeldTalk {
  readonly view: ConversationView;
  readonly timeline: Talk['timeline'];
  readonly firstUnread: Talk['firstUnread'];
  readonly draft: LiveValue<string>;
  markRead(upTo: MessageId): void;
}

export interface OpenTalkPorts {
  readonly held: HeldTalk;
  /** Where the draft is kept. */
  readonly draftRow: string;
  /** In which channel of a space, where it has several. */
  readonly channel?: ChannelId;
  /** In which thread of the channel. */
  readonly thread?: MessageId;
  /** What everybody's app would ignore is not written. */
  readonly mayWrite: () => boolean;
  readonly say: (body: ChatBody) => Promise<SayResult>;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly queue: EventQueue;
}

export class OpenTalk implements Talk {
  readonly #ports: OpenTalkPorts;

  constructor(ports: OpenTalkPorts) {
    this.#ports = ports;
  }

  get timeline(): Talk['timeline'] {
    return this.#ports.held.timeline;
  }

  get firstUnread(): Talk['firstUnread'] {
    return this.#ports.held.firstUnread;
  }

  get draft(): Talk['draft'] {
    return this.#ports.held.draft;
  }

  setDraft(text: string): void {
    const { held, draftRow, disk, queue } = this.#ports;
    held.draft.set(text);
    void queue.run(() => disk.put(DRAFT_COLLECTION, draftRow, text === '' ? null : utf8(text)));
  }

  async send(text: string, replyTo?: MessageId): Promise<SendResult> {
    const problem = textProblem(text) ?? this.#shut();
    if (problem !== undefined) return problem;
    const { clock, channel, thread } = this.#ports;
    return this.#say({ kind: 'chat', text, at: clock.now(), replyTo, channel, thread });
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
    const { held, queue } = this.#ports;
    void queue.run(() => held.markRead(upTo));
  }

  #notMine(message: MessageId): 'not-yours' | undefined {
    const entry = this.#ports.held.view.timeline.get(message);
    return entry?.mine === true && !entry.deleted ? undefined : 'not-yours';
  }

  #shut(): 'blocked' | undefined {
    return this.#ports.mayWrite() ? undefined : 'blocked';
  }

  async #say(body: ChatBody): Promise<SendResult> {
    const said = await this.#ports.say(body);
    if (said === 'saved' || said === 'no-room') return said;
    // Closed while sending: nothing was promised. A space that is void, read-only or left takes nothing more.
    return said === 'closed' ? 'no-room' : 'blocked';
  }
}

/** A conversation with one contact. */
export class PairConversation extends OpenTalk implements Conversation {
  readonly contact: Conversation['contact'];

  constructor(contact: Conversation['contact'], ports: OpenTalkPorts) {
    super(ports);
    this.contact = contact;
  }
}
