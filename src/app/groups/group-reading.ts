// How far this person has read the channels of one group, here and on their other devices.

import type { MessageId, SpaceId } from '#core/charter/ids.ts';
import type { ChannelId } from '#core/chat/channel.ts';
import type { OwnRead } from '#core/identity/own-message.ts';
import type { ChannelRoom } from '../talk/channel-room.ts';
import type { Disk } from '../disk.ts';
import { encodeReadMark, READ_COLLECTION, readRowId, talkKey, type GroupStart } from './group-rows.ts';
import { allCame, readBefore, takeElsewhere } from '../talk/read-elsewhere.ts';
import type { ReadElsewhere, ReadMark } from '../talk/read-mark.ts';

interface GroupReadingPorts {
  readonly disk: Disk;
  readonly space: SpaceId;
  readonly find: (channel: ChannelId) => ChannelRoom | undefined;
  readonly rooms: () => readonly ChannelRoom[];
  /** Messages there were unread and are no more. Part of an event. */
  readonly read: (read: OwnRead) => void;
  readonly touch: () => void;
}

export class GroupReading {
  readonly #ports: GroupReadingPorts;
  /** What channels begin with that were not heard of yet. */
  readonly #marks: Map<string, ReadMark>;

  constructor(ports: GroupReadingPorts, start: Pick<GroupStart, 'reads'>) {
    this.#ports = ports;
    this.#marks = new Map(start.reads);
  }

  /** By channel, or `channel/message` for a thread. */
  get marks(): ReadonlyMap<string, ReadMark> {
    return this.#marks;
  }

  markRead(id: ChannelId, upTo: MessageId, inThread: MessageId | undefined): void {
    const { find, read, space, touch } = this.#ports;
    const marks = find(id)?.markRead(upTo, inThread);
    if (marks === undefined || marks.size === 0) return;
    for (const [thread, { mark, ids }] of marks) {
      this.keep(id, mark, thread);
      read({ space, channel: id, thread, before: undefined, ids });
    }
    touch();
  }

  /** They read something on another of their devices. Part of an event. */
  takeElsewhere(where: Pick<OwnRead, 'channel' | 'thread'>, told: ReadElsewhere): void {
    const id = where.channel as ChannelId | undefined;
    if (id === undefined) return;
    const thread = where.thread as MessageId | undefined;
    const room = this.#ports.find(id);
    if (room !== undefined) this.keep(id, room.readElsewhere(told, thread), thread);
    else this.keep(id, takeElsewhere(this.#marks.get(talkKey(id, thread)), told, nothingHere), thread);
    this.#ports.touch();
  }

  /** All that another device had when it gave the group away is here now. Part of an event. */
  allCame(arrivals: number): void {
    const { rooms, find } = this.#ports;
    for (const room of rooms()) for (const [thread, mark] of room.allCame()) this.keep(room.id, mark, thread);
    for (const [key, mark] of this.#marks) {
      const [id, thread] = key.split('/') as [ChannelId, MessageId | undefined];
      const now = find(id) === undefined ? allCame(mark, { unread: new Map(), arrivals }) : mark;
      if (now !== mark) this.keep(id, now, thread);
    }
  }

  keep(id: ChannelId, mark: ReadMark, thread?: MessageId): void {
    const { disk, space } = this.#ports;
    this.#marks.set(talkKey(id, thread), mark);
    disk.put(READ_COLLECTION, readRowId(space, id, thread), encodeReadMark(mark));
  }

  /** How far each channel was read here, without its threads. */
  ofChannels(): ReadonlyMap<ChannelId, ReadMark> {
    const read = this.#ports.rooms().map(({ id, reads }) => [id, reads.get(undefined)] as const);
    return new Map(read.flatMap(([id, mark]) => (mark === undefined ? [] : [[id, mark] as const])));
  }

  /** What the marks of these channels leave out: other channels, threads, and what was read on other devices. */
  besides(told: ReadonlySet<ChannelId>): readonly OwnRead[] {
    const { rooms, space } = this.#ports;
    return rooms().flatMap(({ id: channel, reads }) =>
      [...reads].flatMap(([thread, mark]) => {
        const isTold = thread === undefined && told.has(channel);
        return readBefore({ space, channel, thread }, mark, !isTold);
      }),
    );
  }
}

const nothingHere = { unread: new Map(), find: () => undefined, arrivals: 0 } as const;
