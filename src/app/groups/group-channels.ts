// The channels of one group as a person leads them: made, renamed, written in.

import { hex } from '#core/bytes/bytes.ts';
import type { MessageId, Scope } from '#core/charter/ids.ts';
import { encodeChatBody } from '#core/chat/body.ts';
import { CHANNEL_ID_BYTES, encodeChannelBody, type ChannelId } from '#core/chat/channel.ts';
import { encodePinBody } from '#core/chat/pin.ts';
import type { ChannelRoom } from '../talk/channel-room.ts';
import type { Disk } from '../disk.ts';
import type { Engine } from '../traffic/engine.ts';
import type { EventQueue } from '../event-queue.ts';
import { ownName, refusalFor } from './group-answers.ts';
import type { Answer, ChannelTalk, Group, Refusal } from './group-api.ts';
import { readRowId } from './group-rows.ts';
import type { GroupSpace } from './group-space.ts';
import type { OpenTalkPorts } from '../talk/open-talk.ts';
import { RoomTalk } from '../talk/room-talk.ts';
import type { SpaceContext } from '../space/replica.ts';

export interface GroupChannelsPorts {
  readonly context: SpaceContext;
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly engine: Engine;
  readonly space: () => GroupSpace | undefined;
  /** Why nothing can be done in the group now. */
  readonly problem: () => Refusal | undefined;
}

export class GroupChannels {
  readonly #ports: GroupChannelsPorts;
  /** Each with the room it is of: who wipes a group and comes again has others. */
  readonly #talks = new Map<ChannelId, { readonly talk: RoomTalk; readonly room: ChannelRoom }>();

  constructor(ports: GroupChannelsPorts) {
    this.#ports = ports;
  }

  talk(channel: ChannelId): ChannelTalk {
    const space = this.#ports.space();
    const room = space?.room(channel);
    if (space === undefined || room === undefined) throw new Error('no such channel');
    const known = this.#talks.get(channel);
    if (known?.room === room) return known.talk;
    const talk = new RoomTalk(room, {
      ...this.#portsOf(space, room),
      pin: (body) => this.#ports.engine.say(space.replica, 'pin', () => encodePinBody(body), room.scope),
      inThread: (begins) => this.#portsOf(space, room, begins),
    });
    this.#talks.set(channel, { talk, room });
    space.readFirst(channel);
    return talk;
  }

  #portsOf(space: GroupSpace, room: ChannelRoom, thread?: MessageId): OpenTalkPorts {
    const { disk, queue, context, engine } = this.#ports;
    const { id: channel, view, scope } = room;
    const { timeline, firstUnread, draft } = thread === undefined ? room : room.thread(thread);
    return {
      held: { view, timeline, firstUnread, draft, markRead: (upTo) => space.reading.markRead(channel, upTo, thread) },
      draftRow: readRowId(space.space, channel, thread),
      channel,
      ...(thread === undefined ? {} : { thread }),
      mayWrite: () => space.mayPost(scope),
      say: (body) => engine.say(space.replica, body.kind, () => encodeChatBody(body), scope),
      disk,
      clock: context.clock,
      queue,
    };
  }

  async create(options: Parameters<Group['createChannel']>[0]): Promise<ChannelId | Refusal> {
    const { context, queue } = this.#ports;
    const name = ownName(options.name);
    const scope = options.readers as string as Scope;
    const problem = this.#ports.problem() ?? (name === '' ? 'empty-name' : this.#mayMakeIn(scope));
    if (problem !== undefined) return problem;
    const space = this.#ports.space()!;
    const id = await queue.run(() => {
      const made = hex.encode(context.random.bytes(CHANNEL_ID_BYTES)) as ChannelId;
      space.makeRoom(made, scope);
      return made;
    });
    const done = await this.#name(space, scope, { id, name });
    return done === 'done' ? id : done;
  }

  async rename(channel: ChannelId, name: string): Promise<Answer> {
    const space = this.#ports.space();
    const room = space?.room(channel);
    const shown = ownName(name);
    if (space === undefined || room === undefined) return 'gone';
    const problem = this.#ports.problem() ?? (shown === '' ? 'empty-name' : this.#mayMakeIn(room.scope));
    return problem ?? this.#name(space, room.scope, { id: channel, name: shown });
  }

  async #name(space: GroupSpace, scope: Scope, body: Parameters<typeof encodeChannelBody>[0]): Promise<Answer> {
    const said = await this.#ports.engine.say(space.replica, 'channel', () => encodeChannelBody(body), scope);
    return said === 'saved' ? 'done' : refusalFor(said);
  }

  #mayMakeIn(scope: Scope): Refusal | undefined {
    const space = this.#ports.space()!;
    return space.has('channels') && space.reads(scope) ? undefined : 'not-allowed';
  }
}
