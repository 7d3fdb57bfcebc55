// The groups of this session as screens see them: founding, coming in by an invitation, the list.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import type { DeviceId, SpaceId } from '#core/charter/ids.ts';
import { MAX_FOUNDING_ROLES } from '#core/charter/genesis-body.ts';
import { isSound, roleOf } from '#core/charter/rules.ts';
import { encodeChatBody } from '#core/chat/body.ts';
import { CHANNEL_ID_BYTES, encodeChannelBody, type ChannelId } from '#core/chat/channel.ts';
import { decodeInvitationCode } from '#core/identity/invitation-code.ts';
import { safeName } from '#core/identity/names.ts';
import { HOUR, type Clock, type Millis, type RelayAddress, type Rows } from '#core/ports.ts';
import type { Disk } from './disk.ts';
import type { Engine } from './engine.ts';
import type { EventQueue } from './event-queue.ts';
import type {
  Founding,
  FoundResult,
  GroupEntry,
  GroupId,
  Groups,
  InvitationReading,
  JoinResult,
  Person,
} from './group-api.ts';
import type { GroupStart, Joining } from './group-rows.ts';
import { GroupSpace, type GroupSpacePorts } from './group-space.ts';
import { entryOf, isInside } from './group-state.ts';
import { goneIn, GroupStarts } from './group-starts.ts';
import { wipeGroup } from './group-wipe.ts';
import { readInvitation } from './invitation-reading.ts';
import { Invitations } from './invitations.ts';
import { JoinWaits } from './join-waits.ts';
import { Joinings } from './joining.ts';
import type { WantedTopic } from './mail-in.ts';
import { NeighbourRooms } from './neighbour-rooms.ts';
import { LiveValue } from './live-value.ts';
import { OpenGroup, type OpenGroupPorts } from './open-group.ts';
import { ownName } from './group-answers.ts';
import { write } from './space/author.ts';
import { foundGroup } from './space/found.ts';
import type { Replica, SpaceContext } from './space/replica.ts';
import type { ReadingDays } from './reading-list.ts';
import type { Welcome } from '#core/sync/welcome.ts';

export interface GroupBookPorts {
  readonly context: SpaceContext;
  readonly rows: Rows;
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly engine: () => Engine;
  /** Relay nodes a new group meets at. */
  readonly relays: () => readonly RelayAddress[];
  readonly content: GroupSpacePorts['content'];
  readonly restood: GroupSpacePorts['restood'];
  readonly openDocument: OpenGroupPorts['openDocument'];
  /** Something about the connection or the list may be other than before. */
  readonly changed: () => void;
}

/** Silence grows without any event: succession offers are looked at again. */
const LOOK_AGAIN = (6 * HOUR) as Millis;
const MAX_RELAYS = 4;

export class GroupBook implements Groups {
  readonly list = new LiveValue<readonly GroupEntry[]>([]);
  readonly #ports: GroupBookPorts;
  readonly #invitations: Invitations;
  readonly #joinings: Joinings;
  readonly #spaces = new Map<SpaceId, GroupSpace>();
  readonly #neighbours: NeighbourRooms;
  readonly #open = new Map<GroupId, OpenGroup>();
  readonly #waits: JoinWaits;
  readonly #starts: GroupStarts;
  #damagedRows = 0;
  #cancelLook: (() => void) | undefined;
  #isClosed = false;

  constructor(ports: GroupBookPorts) {
    this.#ports = ports;
    const { context, queue, disk, clock } = ports;
    const common = { context, queue, disk, clock };
    this.#starts = new GroupStarts(clock);
    const engine = (): Engine => ports.engine();
    this.#neighbours = new NeighbourRooms({ context, queue, engine, wanted: () => engine().wantRelays() });
    this.#waits = new JoinWaits({ clock, disk, isWaiting: (space) => this.#joinings.get(space)?.state === 'waiting' });
    this.#invitations = new Invitations({
      ...common,
      client: (relay) => ports.engine().relays.client(relay),
      told: (space) => this.#spaces.get(space)?.told() ?? { names: [], channels: [] },
    });
    this.#joinings = new Joinings({
      ...common,
      joined: (replica, joining, told) => this.#cameIn(replica, joining, told),
      changed: () => {
        this.#ports.engine().wantRelays();
        this.#waits.tell();
        this.#show();
      },
    });
  }

  /** What is needed to show groups; their spaces follow one by one. */
  async load(rows: Rows): Promise<void> {
    await this.#starts.load(rows);
    this.#damagedRows += await this.#invitations.load(rows);
    this.#damagedRows += await this.#joinings.load(rows);
    this.#lookAgain();
  }

  /** A group was read from the disk. Part of an event. */
  async take(replica: Replica): Promise<void> {
    const { rows, engine } = this.#ports;
    const { space } = replica.identity;
    await engine().groupMail.load(space, rows);
    this.#add(replica, this.#starts.of(space, await goneIn(space, rows)), false);
    await this.#neighbours.get(space)!.load(rows);
  }

  /** Rows that could not be read. */
  get damagedRows(): number {
    return this.#damagedRows + this.#starts.damagedRows;
  }

  replicas(): readonly Replica[] {
    return [...this.#spaces.values()].map(({ replica }) => replica);
  }

  spaces(): readonly GroupSpace[] {
    return [...this.#spaces.values()];
  }

  space(id: SpaceId): GroupSpace | undefined {
    return this.#spaces.get(id);
  }

  waiting(): number {
    return this.spaces().reduce((sum, space) => sum + space.waiting(), 0);
  }

  otherRelays(): readonly RelayAddress[] {
    return [...this.#joinings.relays(), ...this.#neighbours.relays()];
  }

  async topics(relay: RelayAddress, days: ReadingDays): Promise<readonly WantedTopic[]> {
    return [...(await this.#joinings.topics(relay)), ...(await this.#neighbours.topics(relay, days))];
  }

  /** A relay node is there, or the charter of a group grew: welcomes and letters may be due. Part of an event. */
  async considerWelcomes(replica: Replica | undefined): Promise<void> {
    for (const space of this.#spaces.values()) {
      if (replica !== undefined && space.replica !== replica) continue;
      await this.#invitations.consider(space.replica);
      await this.#neighbours.get(space.space)?.deliver();
    }
  }

  async found(founding: Founding): Promise<FoundResult> {
    const { context, queue, disk, relays } = this.#ports;
    const name = ownName(founding.name);
    const myName = ownName(founding.myName);
    const channels = founding.channels.map(ownName);
    if ([name, myName, ...channels].includes('')) return { is: 'refused', problem: 'empty-name' };
    const { rules, myRoles } = founding;
    const areKnown = myRoles.every((role) => roleOf(rules, role) !== undefined);
    const isUsable = isSound(rules) && areKnown && new Set(myRoles).size === myRoles.length;
    if (!isUsable || myRoles.length > MAX_FOUNDING_ROLES) return { is: 'refused', problem: 'unsound-rules' };
    if (disk.state !== 'well') return { is: 'refused', problem: 'no-room' };
    const space = await queue.run(async () => {
      const meets = relays().slice(0, MAX_RELAYS);
      const replica = await foundGroup(context, { name, rules, roles: myRoles, relays: meets, recovery: undefined });
      const group = this.#add(replica, this.#starts.fresh({ myName }), true);
      await this.#saySelf(replica, myName);
      for (const channel of channels) {
        const id = hex.encode(context.random.bytes(CHANNEL_ID_BYTES)) as ChannelId;
        await this.#write(replica, 'channel', encodeChannelBody({ id, name: channel }));
      }
      this.#settleIn(group);
      return group;
    });
    if ((await disk.flush()) !== 'saved') return { is: 'refused', problem: 'no-room' };
    return { is: 'group', group: space.id };
  }

  readCode(code: string): InvitationReading {
    const invitation = decodeInvitationCode(code);
    if (typeof invitation !== 'string') {
      const known = this.#spaces.get(invitation.space as SpaceId);
      if (known !== undefined && isInside(known)) return { is: 'member-already', group: known.id };
    }
    return readInvitation(code);
  }

  async join(code: string, myName: string): Promise<JoinResult> {
    const { queue, disk, clock } = this.#ports;
    const invitation = decodeInvitationCode(code);
    if (typeof invitation === 'string') return { is: 'refused', problem: invitation };
    const space = invitation.space as SpaceId;
    const group = space as string as GroupId;
    const known = this.#spaces.get(space);
    if (known !== undefined && isInside(known)) return { is: 'joined', group };
    if (disk.state !== 'well') return { is: 'refused', problem: 'no-room' };
    // What was said there before stays with the one who was removed until they wipe it; as a newcomer they begin anew.
    if (known !== undefined) await this.#wipe(space);
    const name = ownName(myName);
    await queue.run(() => {
      if (this.#joinings.get(space)?.state === 'waiting') return;
      this.#joinings.add({ space, code, myName: name, madeAt: clock.now(), state: 'waiting' }, invitation);
      this.#show();
    });
    if ((await disk.flush()) !== 'saved') return { is: 'refused', problem: 'no-room' };
    await this.#waits.over(space);
    return this.#outcome(space, group);
  }

  knock(): Promise<JoinResult> {
    return Promise.resolve({ is: 'refused', problem: 'foreign' });
  }

  open(id: GroupId): OpenGroup {
    let open = this.#open.get(id);
    if (open === undefined) {
      const { context, queue, disk, engine } = this.#ports;
      const space = id as string as SpaceId;
      open = new OpenGroup({
        id,
        context,
        queue,
        disk,
        engine: engine(),
        invitations: this.#invitations,
        space: () => this.#spaces.get(space),
        neighbours: () => this.#neighbours.get(space),
        waiting: () => this.#waitingEntry(space),
        presence: (replica) => (devices) => this.#presence(replica, devices),
        wipe: () => this.#wipe(space),
        openDocument: this.#ports.openDocument,
      });
      this.#open.set(id, open);
    }
    return open;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelLook?.();
    this.#invitations.close();
    this.#joinings.close();
    for (const open of this.#open.values()) open.taskRoom.close();
    this.#neighbours.close();
    for (const space of this.#spaces.values()) space.close();
  }

  #add(replica: Replica, start: GroupStart, isNew: boolean): GroupSpace {
    const { disk, clock, queue, engine, content, restood } = this.#ports;
    const group = new GroupSpace(
      {
        disk,
        clock,
        queue,
        left: (space, chain) => engine().groupMail.spans(space, chain),
        content: (told, message) => {
          this.#open.get(told.id)?.taskRoom.settled(message);
          this.#neighbours.get(told.space)?.settled(message);
          content(told, message);
        },
        restood: (told) => {
          this.#open.get(told.id)?.taskRoom.restood();
          this.#neighbours.get(told.space)?.restood();
          restood(told);
        },
        changed: (changed) => this.#groupChanged(changed),
      },
      replica,
      start,
    );
    this.#spaces.set(group.space, group);
    this.#neighbours.add(group, {
      tasks: () => this.open(group.id).taskRoom.tasks,
      shown: () => this.#open.get(group.id)?.refresh(),
    });
    engine().add(replica, group, isNew);
    if (isNew) group.changeRow({});
    this.#groupChanged(group);
    return group;
  }

  #groupChanged(group: GroupSpace): void {
    this.#neighbours.get(group.space)?.refresh();
    this.#open.get(group.id)?.refresh();
    this.#show();
    this.#ports.changed();
  }

  #show(): void {
    const inside = [...this.#spaces.values()].sort((a, b) => a.row.madeAt - b.row.madeAt).map(entryOf);
    const waiting = this.#joinings.all().flatMap(({ joining }) => this.#waitingEntryOf(joining) ?? []);
    const entries = [...inside, ...waiting];
    if (JSON.stringify(entries) !== JSON.stringify(this.list.current)) this.list.set(entries);
    for (const { id } of waiting) this.#open.get(id)?.refresh();
  }

  #waitingEntry(space: SpaceId): GroupEntry | undefined {
    const joining = this.#joinings.get(space);
    return joining === undefined ? undefined : this.#waitingEntryOf(joining);
  }

  #waitingEntryOf({ code, space, state }: Joining): GroupEntry | undefined {
    const invitation = decodeInvitationCode(code);
    if (typeof invitation === 'string') return undefined;
    const name = safeName(invitation.groupName);
    return { id: space as string as GroupId, name, state, unread: 0, mentions: 0, lastMessage: undefined };
  }

  /** The welcome let us in: says who we are, and goes on from there. Part of an event. */
  async #cameIn(replica: Replica, joining: Joining, told: Pick<Welcome, 'names' | 'channels'>): Promise<void> {
    const { myName } = joining;
    const group = this.#add(replica, this.#starts.fresh({ myName, ...told }), true);
    await this.#saySelf(replica, myName);
    this.#settleIn(group);
    this.#waits.tell();
  }

  async #saySelf(replica: Replica, name: string): Promise<void> {
    if (name !== '') await this.#write(replica, 'profile', encodeChatBody({ kind: 'profile', name }));
  }

  async #write(replica: Replica, kind: string, body: Bytes): Promise<void> {
    await write(replica, { kind, body }, (written) => this.#ports.engine().push(replica, written));
  }

  #settleIn(group: GroupSpace): void {
    const engine = this.#ports.engine();
    group.replica.save();
    engine.noteDurable(group.replica);
    engine.wantRelays();
    group.touch();
  }

  #presence(replica: Replica, devices: readonly DeviceId[]): Person['presence'] {
    const linked = this.#ports.engine().links.devices(replica.identity.space);
    const roads = linked.flatMap(({ device, road }) => (devices.includes(device) ? [road] : []));
    return roads.includes('direct') ? 'direct' : roads.length > 0 ? 'relayed' : 'away';
  }

  async #outcome(space: SpaceId, group: GroupId): Promise<JoinResult> {
    const { queue, disk } = this.#ports;
    const state = this.#joinings.get(space)?.state;
    if (state === 'waiting') return { is: 'waiting', group };
    if (state === undefined) return { is: 'joined', group };
    // Told here and now: it need not stand in the list as well.
    await queue.run(() => {
      this.#joinings.drop(space);
      this.#show();
    });
    await disk.flush();
    return { is: 'refused', problem: state };
  }

  async #wipe(space: SpaceId): Promise<void> {
    const { queue, disk, engine, rows } = this.#ports;
    await queue.run(async () => {
      this.#joinings.drop(space);
      const group = this.#spaces.get(space);
      if (group !== undefined) {
        // A member goes by leaving; what they would wipe others would send again.
        if (isInside(group)) return;
        group.close();
        this.#neighbours.remove(space);
        this.#spaces.delete(space);
        engine().remove(space);
        engine().wantRelays();
        this.#invitations.forget(space);
        await wipeGroup(group.replica, rows, disk);
      }
      this.#show();
      this.#ports.changed();
    });
    await disk.flush();
  }

  #lookAgain(): void {
    const { clock, queue } = this.#ports;
    if (this.#isClosed) return;
    this.#cancelLook = clock.after(
      LOOK_AGAIN,
      () =>
        void queue.run(async () => {
          for (const space of this.#spaces.values()) space.touch();
          await this.considerWelcomes(undefined);
          this.#lookAgain();
        }),
    );
  }
}
