// The fold of a group's messages into what is read: channels, what was said in each, who is called what. It minds no order:
// the same messages give the same.

import type { MessageId, PrincipalId, Scope } from '#core/charter/ids.ts';
import { comparePlaces, type Place } from '#core/chain/place.ts';
import { decodeChatBody, isChatKind, type ChatBody } from '#core/chat/body.ts';
import { decodeChannelBody, type ChannelId } from '#core/chat/channel.ts';
import { decodePinBody } from '#core/chat/pin.ts';
import { safeName, safeText } from '#core/identity/names.ts';
import { tryDecode } from '#core/wire/try-decode.ts';
import { ChannelRoom, targetOf, type RoomOptions } from '../talk/channel-room.ts';
import type { Thread } from '../talk/channel-threads.ts';
import type { ManyAuthors } from '../talk/conversation-view.ts';
import type { Disk } from '../disk.ts';
import { hadRight } from './group-rights.ts';
import { encodeGonePlace, goneCollection, talkKey, type GonePlace, type GroupStart } from './group-rows.ts';
import type { Entry } from '../space/log.ts';
import type { Replica } from '../space/replica.ts';

export interface GroupFoldPorts {
  readonly disk: Disk;
  readonly replica: Replica;
  readonly start: GroupStart;
  readonly many: (scope: Scope) => ManyAuthors;
  /** Where messages were said whose bodies are destroyed: before, and in this session. */
  readonly gone: Map<MessageId, GonePlace>;
}

export class GroupFold {
  /** A body of a version that only a newer app understands was among them. */
  needsNewer = false;
  readonly #ports: GroupFoldPorts;
  readonly #rooms = new Map<ChannelId, ChannelRoom>();
  /** In which channel a message was said. */
  #places = new Map<MessageId, ChannelId>();
  /** Edits, deletions and pins that came before what they are about. */
  #early = new Map<MessageId, Entry[]>();
  #names = new Map<PrincipalId, Place & { readonly name: string }>();

  constructor(ports: GroupFoldPorts) {
    this.#ports = ports;
  }

  /** Named or not. */
  rooms(): readonly ChannelRoom[] {
    return [...this.#rooms.values()];
  }

  find(id: ChannelId): ChannelRoom | undefined {
    return this.#rooms.get(id);
  }

  room(id: ChannelId, scope: Scope): ChannelRoom {
    let room = this.#rooms.get(id);
    if (room !== undefined) return room;
    const { replica, start, many } = this.#ports;
    room = new ChannelRoom({ id, scope, replica, many: many(scope), ...keptOf(start, id) });
    this.#rooms.set(id, room);
    return room;
  }

  /** What somebody calls themselves here. */
  nameOf(principal: PrincipalId): string | undefined {
    return this.#names.get(principal)?.name;
  }

  /** One that was told nothing yet and has the same channels, to be told all anew: nobody sees it before it is. */
  fresh(): GroupFold {
    const fold = new GroupFold(this.#ports);
    for (const { id, scope } of this.#rooms.values()) fold.room(id, scope);
    return fold;
  }

  /** Has what another one was told from now on, all at once. */
  become(told: GroupFold): void {
    for (const [id, room] of told.#rooms) this.room(id, room.scope).become(room);
    this.#names = told.#names;
    this.#places = told.#places;
    this.#early = told.#early;
    this.needsNewer = told.needsNewer;
  }

  /** Gives a message its meaning, if its author might say it. */
  tell(entry: Entry): void {
    const { message, open } = entry;
    const { kind } = message.header;
    if (kind === 'channel') this.#tellChannel(entry);
    if (kind === 'pin') this.#tellPin(entry);
    if (!isChatKind(kind)) return;
    if (kind !== 'profile' && !hadRight(this.#ports.replica, message, 'post')) return;
    if (open === undefined) {
      this.#tellGone(entry);
      return;
    }
    const body = this.#tryDecode(() => safeBody(decodeChatBody(kind, open.body)));
    if (body === undefined) return;
    if (body.kind === 'profile') this.#tellName(entry, body.name);
    else this.#tellChat(entry, body);
  }

  /** The time of these messages is over: nothing of them is left here. */
  drop(gone: ReadonlySet<MessageId>): void {
    for (const id of gone) {
      this.#roomAt(id)?.drop(id);
      this.#places.delete(id);
    }
    for (const [target, entries] of this.#early) {
      const rest = entries.filter(({ message }) => !gone.has(message.id));
      if (rest.length === 0) this.#early.delete(target);
      else this.#early.set(target, rest);
    }
  }

  #roomAt(id: MessageId): ChannelRoom | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.#rooms.get(place);
  }

  #tellName({ message }: Entry, name: string): void {
    const { device, lamport } = message.header;
    const principal = this.#ports.replica.principalOf(device);
    if (principal === undefined) return;
    const place = { id: message.id, lamport, name };
    const known = this.#names.get(principal);
    if (known === undefined || comparePlaces(known, place) < 0) this.#names.set(principal, place);
  }

  #tellChannel({ message, open }: Entry): void {
    const { header, id } = message;
    if (open === undefined || !hadRight(this.#ports.replica, message, 'channels')) return;
    const body = this.#tryDecode(() => decodeChannelBody(open.body));
    if (body === undefined) return;
    const room = this.room(body.id, header.scope);
    // Whoever reads one scope cannot take over a channel of another.
    if (room.scope === header.scope) room.rename({ id, lamport: header.lamport }, safeName(body.name));
  }

  #tellPin(entry: Entry): void {
    const { replica } = this.#ports;
    const { header, id } = entry.message;
    const { open } = entry;
    const by = replica.principalOf(header.device);
    if (open === undefined || by === undefined || !hadRight(replica, entry.message, 'post')) return;
    const body = this.#tryDecode(() => decodePinBody(open.body));
    if (body === undefined || this.#isEarly(entry, body.target)) return;
    const room = this.#roomAt(body.target)!;
    const { lamport, scope } = header;
    if (room.scope === scope) room.pin(body.target, { id, lamport, pinned: body.pinned, by });
  }

  /** What is about a message that is not here yet is told again when that comes. */
  #isEarly(entry: Entry, target: MessageId): boolean {
    if (this.#places.has(target)) return false;
    const early = this.#early.get(target) ?? [];
    early.push(entry);
    this.#early.set(target, early);
    return true;
  }

  #tellChat(entry: Entry, body: ChatBody): void {
    const { replica } = this.#ports;
    const { message, arrival, heardAt } = entry;
    const { device, lamport, scope } = message.header;
    const author = replica.principalOf(device);
    if (author === undefined) return;
    const target = targetOf(body);
    if (target !== undefined && this.#isEarly(entry, target)) return;
    const room = target === undefined ? this.#roomOf(body, scope) : this.#roomAt(target);
    if (room === undefined || room.scope !== scope) return;
    const mine = replica.isMine(device);
    const shred = room.add({ id: message.id, lamport, author, mine, heardAt, arrival, body });
    for (const id of shred) this.#shred(id, room);
    if (body.kind === 'chat') this.#noteChat(message.id, room);
  }

  #roomOf(body: ChatBody, scope: Scope): ChannelRoom | undefined {
    return body.kind === 'chat' && body.channel !== undefined ? this.room(body.channel, scope) : undefined;
  }

  #noteChat(id: MessageId, room: ChannelRoom): void {
    this.#places.set(id, room.id);
    const early = this.#early.get(id) ?? [];
    this.#early.delete(id);
    for (const late of early) this.tell(late);
  }

  #shred(id: MessageId, room: ChannelRoom): void {
    const { replica, disk, gone: known } = this.#ports;
    replica.shred(id);
    const gone = room.view.timeline.get(id);
    if (gone === undefined) return;
    const place = { channel: room.id, thread: gone.thread };
    known.set(id, place);
    disk.put(goneCollection(replica.identity.space), id, encodeGonePlace(place));
  }

  /** Of which only the header is left. Where it was said is known if it was destroyed here. */
  #tellGone({ message, arrival, heardAt }: Entry): void {
    const { replica, gone } = this.#ports;
    const { kind, device, lamport, scope } = message.header;
    const place = gone.get(message.id);
    const author = replica.principalOf(device);
    if (kind !== 'chat' || place === undefined || author === undefined) return;
    const mine = replica.isMine(device);
    const room = this.room(place.channel, scope);
    room.addShredded({ id: message.id, lamport, author, mine, heardAt, arrival, thread: place.thread });
    this.#places.set(message.id, room.id);
  }

  /** A body of a newer version makes the group read-only; a bad one means nothing to anybody. */
  #tryDecode<T>(decode: () => T): T | undefined {
    return tryDecode(decode, () => (this.needsNewer = true));
  }
}

/** How far a channel and its threads were read here, and what was not said yet. */
function keptOf({ reads, drafts }: GroupStart, id: ChannelId): Pick<RoomOptions, 'reads' | 'drafts'> {
  const within = <T>(kept: ReadonlyMap<string, T>): ReadonlyMap<Thread, T> => {
    const own = [...kept].filter(([key]) => key.startsWith(talkKey(id)));
    return new Map(own.map(([key, value]) => [(key.split('/')[1] as Thread) ?? undefined, value]));
  };
  return { reads: within(reads), drafts: within(drafts) };
}

/** Texts of others are made safe once, here, so that no screen can forget it. */
function safeBody(body: ChatBody): ChatBody {
  if (body.kind === 'chat' || body.kind === 'edit') return { ...body, text: safeText(body.text) };
  return body.kind === 'profile' ? { ...body, name: safeName(body.name) } : body;
}
