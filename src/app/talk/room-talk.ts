// What a person does in a channel of a group besides what is done between two: keeps messages in sight, answers in
// threads.

import type { MessageId } from '#core/charter/ids.ts';
import type { PinBody } from '#core/chat/pin.ts';
import type { ChannelRoom } from './channel-room.ts';
import { refusalFor } from '../groups/group-answers.ts';
import type { Answer, ChannelTalk } from '../groups/group-api.ts';
import { OpenTalk, type OpenTalkPorts } from './open-talk.ts';
import type { SayResult } from '../traffic/space-host.ts';
import type { Talk } from './talk-api.ts';

export interface RoomTalkPorts extends OpenTalkPorts {
  readonly pin: (body: PinBody) => Promise<SayResult>;
  readonly inThread: (begins: MessageId) => OpenTalkPorts;
}

export class RoomTalk extends OpenTalk implements ChannelTalk {
  readonly channel: ChannelTalk['channel'];
  readonly pins: ChannelTalk['pins'];
  readonly #room: ChannelRoom;
  readonly #ports: RoomTalkPorts;
  readonly #threads = new Map<MessageId, OpenTalk>();

  constructor(room: ChannelRoom, ports: RoomTalkPorts) {
    super(ports);
    this.channel = room.channel;
    this.pins = room.pins;
    this.#room = room;
    this.#ports = ports;
  }

  thread(begins: MessageId): Talk {
    let talk = this.#threads.get(begins);
    if (talk === undefined) this.#threads.set(begins, (talk = new OpenTalk(this.#ports.inThread(begins))));
    return talk;
  }

  threadOf(message: MessageId): MessageId | undefined {
    return this.#room.threadOf(message);
  }

  async setPinned(message: MessageId, pinned: boolean): Promise<Answer> {
    if (!this.#ports.mayWrite()) return 'not-allowed';
    const entry = this.#room.view.timeline.get(message);
    if (entry === undefined || entry.deleted) return 'gone';
    if (this.#room.isPinned(message) === pinned) return 'done';
    const said = await this.#ports.pin({ target: message, pinned });
    return said === 'saved' ? 'done' : refusalFor(said);
  }
}
