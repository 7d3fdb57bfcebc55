// One channel's conversation as screens use it.

import { textProblem, type ChatBody } from '#core/chat/body.ts';
import type { MessageId } from '#core/charter/ids.ts';
import { utf8 } from '#core/bytes/bytes.ts';
import type { Clock } from '#core/ports.ts';
import type { SendResult } from './api.ts';
import type { ChannelRoom } from './channel-room.ts';
import { DRAFT_COLLECTION } from './conversation.ts';
import type { Disk } from './disk.ts';
import type { SayResult } from './space-host.ts';
import type { EventQueue } from './event-queue.ts';
import type { ChannelTalk } from './group-api.ts';
import { readRowId } from './group-rows.ts';
import type { GroupSpace } from './group-space.ts';

export interface RoomTalkPorts {
  readonly group: GroupSpace;
  readonly room: ChannelRoom;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly queue: EventQueue;
  readonly say: (body: ChatBody) => Promise<SayResult>;
}

export class RoomTalk implements ChannelTalk {
  readonly #ports: RoomTalkPorts;

  constructor(ports: RoomTalkPorts) {
    this.#ports = ports;
  }

  get channel(): ChannelTalk['channel'] {
    return this.#ports.room.channel;
  }

  get timeline(): ChannelTalk['timeline'] {
    return this.#ports.room.timeline;
  }

  get firstUnread(): ChannelTalk['firstUnread'] {
    return this.#ports.room.firstUnread;
  }

  get draft(): ChannelTalk['draft'] {
    return this.#ports.room.draft;
  }

  setDraft(text: string): void {
    const { group, room, disk, queue } = this.#ports;
    room.draft.set(text);
    const id = readRowId(group.space, room.id);
    void queue.run(() => disk.put(DRAFT_COLLECTION, id, text === '' ? null : utf8(text)));
  }

  async send(text: string, replyTo?: MessageId): Promise<SendResult> {
    const problem = textProblem(text) ?? this.#shut();
    if (problem !== undefined) return problem;
    const { clock, room } = this.#ports;
    return this.#say({ kind: 'chat', text, at: clock.now(), replyTo, channel: room.id });
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
    const { group, room, queue } = this.#ports;
    void queue.run(() => group.markRead(room.id, upTo));
  }

  #notMine(message: MessageId): 'not-yours' | undefined {
    const entry = this.#ports.room.view.timeline.get(message);
    return entry?.mine === true && !entry.deleted ? undefined : 'not-yours';
  }

  /** What everybody's app would ignore is not written. */
  #shut(): 'blocked' | undefined {
    const { group, room } = this.#ports;
    return group.mayPost(room.scope) ? undefined : 'blocked';
  }

  async #say(body: ChatBody): Promise<SendResult> {
    const said = await this.#ports.say(body);
    if (said === 'saved' || said === 'no-room') return said;
    // Closed while sending: nothing was promised. A group one is no longer in takes nothing more.
    return said === 'closed' ? 'no-room' : 'blocked';
  }
}
