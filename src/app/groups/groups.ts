// The groups of this session as screens see them: founding, coming in by an invitation, the list.

import type { Bytes } from '#core/bytes/bytes.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import { MAX_FOUNDING_ROLES } from '#core/charter/genesis-body.ts';
import { isSound, roleOf } from '#core/charter/rules.ts';
import { HOUR, type Clock, type Millis, type RelayAddress, type Rows } from '#core/ports.ts';
import { Arrivals } from '../joining/arrivals.ts';
import type { Disk } from '../disk.ts';
import { Doors } from '../joining/doors.ts';
import type { Engine } from '../traffic/engine.ts';
import type { EventQueue } from '../event-queue.ts';
import type {
  Coming,
  Founding,
  FoundResult,
  GroupEntry,
  GroupId,
  Groups,
  InvitationReading,
  JoinResult,
} from './group-api.ts';
import { sayChannel, saySelf } from './first-words.ts';
import { homeOfGroup, readGroup } from './group-for-sibling.ts';
import type { GroupStart } from './group-rows.ts';
import { GroupSpace, type GroupSpacePorts } from './group-space.ts';
import { entryOf, isInside, presenceBy } from './group-state.ts';
import { goneIn, GroupStarts } from './group-starts.ts';
import { wipeGroup } from './group-wipe.ts';
import { GroupWriter } from './group-writer.ts';
import type { WantedTopic } from '../traffic/mail-in.ts';
import { Invitations } from '../joining/invitations.ts';
import type { Told } from '../joining/welcome-pieces.ts';
import { NeighbourRooms } from '../neighbours/neighbour-rooms.ts';
import { LiveValue } from '../live-value.ts';
import { OpenGroup, type OpenGroupPorts } from './open-group.ts';
import { ownName } from './group-answers.ts';
import type { GroupHome } from '../own-devices/own-devices-ports.ts';
import { putAnchors } from '../space/anchors.ts';
import { foundGroup } from '../space/found-group.ts';
import { takeParcel } from '../space/intake.ts';
import type { Replica, SpaceContext } from '../space/replica.ts';
import type { ReadingDays } from '../traffic/reading-list.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import type { Welcome } from '#core/sync/welcome.ts';

export interface GroupBookPorts extends Pick<GroupSpacePorts, 'content' | 'restood' | 'read'> {
  readonly context: SpaceContext;
  readonly rows: Rows;
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly engine: () => Engine;
  /** Relay nodes a new group meets at. */
  readonly relays: () => readonly RelayAddress[];
  readonly openDocument: OpenGroupPorts['openDocument'];
  /** One may be in a group soon. */
  readonly expectGroup: () => void;
  /** Kinds of message beside chat that an older app than this one understands. */
  readonly kinds?: ReadonlySet<string>;
  /** Something about the connection or the list may be other than before. */
  readonly changed: () => void;
  /** A group was founded or entered here. Part of an event. */
  readonly made: (space: SpaceId) => void;
}

/** Silence grows without any event: succession offers are looked at again. */
const LOOK_AGAIN = (6 * HOUR) as Millis;
const MAX_RELAYS = 4;

export class GroupBook implements Groups {
  readonly list = new LiveValue<readonly GroupEntry[]>([]);
  readonly #ports: GroupBookPorts;
  readonly #invitations: Invitations;
  readonly #arrivals: Arrivals;
  readonly #doors: Doors;
  readonly #spaces = new Map<SpaceId, GroupSpace>();
  readonly #neighbours: NeighbourRooms;
  readonly #open = new Map<GroupId, OpenGroup>();
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
    const client = (relay: RelayAddress): ReturnType<Engine['relays']['client']> => engine().relays.client(relay);
    const told = (space: SpaceId): Pick<Welcome, 'names' | 'channels'> =>
      this.#spaces.get(space)?.told() ?? { names: [], channels: [] };
    this.#invitations = new Invitations({ ...common, client, told });
    this.#doors = new Doors({
      ...{ ...common, client, told },
      say: ({ replica }, body) => engine().say(replica, 'knock', () => body),
      write: ({ id }, body) => this.open(id).write(body),
      changed: () => engine().wantRelays(),
    });
    this.#arrivals = new Arrivals({
      ...{ ...common, client },
      standing: (space) => this.#standing(space),
      wipe: (space) => this.#wipe(space),
      expectGroup: ports.expectGroup,
      cameIn: (replica, myName, welcome) => this.#cameIn(replica, myName, welcome),
      changed: () => {
        this.#ports.engine().wantRelays();
        this.#show();
      },
    });
  }

  /** What is needed to show groups; their spaces follow one by one. */
  async load(rows: Rows): Promise<void> {
    await this.#starts.load(rows);
    this.#damagedRows += await this.#invitations.load(rows);
    this.#damagedRows += await this.#arrivals.load(rows);
    this.#show();
    this.#lookAgain();
  }

  /** A group was read from the disk. Part of an event. */
  async take(replica: Replica): Promise<void> {
    const { context, rows, engine } = this.#ports;
    const { space } = replica.identity;
    await engine().groupMail.load(space, rows);
    const group = this.#make(replica, this.#starts.of(space, await goneIn(space, rows)));
    await group.read(context.breathe);
    this.#add(group);
    await this.#neighbours.get(space)!.load(rows);
  }

  /** All that is shown at first was read: the rest may follow. */
  opened(): void {
    for (const space of this.#spaces.values()) space.readOlder();
  }

  /** Rows that could not be read. */
  get damagedRows(): number {
    return this.#damagedRows + this.#starts.damagedRows;
  }

  replicas(): readonly Replica[] {
    return [...this.#spaces.values()].map(({ replica }) => replica);
  }

  /** The groups one is in, as further devices of one's own get them. */
  homes(): readonly GroupHome[] {
    return this.spaces()
      .filter(isInside)
      .map((group) => homeOfGroup(group, this.#ports.rows));
  }

  /** A group in which another of one's own devices made a place for this one. Part of an event. Throws `WireError`. */
  takeLinked(replica: Replica, spelled: Bytes): void {
    const { row, reads, anchors } = readGroup(spelled);
    for (const { scope, ...place } of anchors) putAnchors(replica, scope, [place]);
    replica.putIdentity();
    const group = this.#addNew(replica, { ...this.#starts.fresh(row), reads });
    for (const [channel, mark] of reads) group.reading.keep(channel, mark);
    this.#settleIn(group);
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
    return [...this.#arrivals.relays(), ...this.#neighbours.relays()];
  }

  async topics(relay: RelayAddress, days: ReadingDays): Promise<readonly WantedTopic[]> {
    const arriving = [...(await this.#arrivals.topics(relay)), ...(await this.#doors.topics(relay))];
    return [...arriving, ...(await this.#neighbours.topics(relay, days))];
  }

  /** A relay node is there, or the charter of a group grew: welcomes and letters may be due. Part of an event. */
  async considerWelcomes(replica: Replica | undefined): Promise<void> {
    if (replica === undefined) await this.#arrivals.deliver();
    for (const space of this.#spaces.values()) {
      if (replica !== undefined && space.replica !== replica) continue;
      await this.#invitations.consider(space.replica);
      this.#doors.consider(space);
      await this.#neighbours.get(space.space)?.deliver();
    }
  }

  async found(founding: Founding): Promise<FoundResult> {
    const { context, disk, relays } = this.#ports;
    const name = ownName(founding.name);
    const myName = ownName(founding.myName);
    const channels = founding.channels.map(ownName);
    if ([name, myName, ...channels].includes('')) return { is: 'refused', problem: 'empty-name' };
    const { rules, myRoles } = founding;
    const areKnown = myRoles.every((role) => roleOf(rules, role) !== undefined);
    const isUsable = isSound(rules) && areKnown && new Set(myRoles).size === myRoles.length;
    if (!isUsable || myRoles.length > MAX_FOUNDING_ROLES) return { is: 'refused', problem: 'unsound-rules' };
    if (disk.state !== 'well') return { is: 'refused', problem: 'no-room' };
    const { done: space, saved } = await disk.saving(async () => {
      const meets = relays().slice(0, MAX_RELAYS);
      const replica = await foundGroup(context, { name, rules, roles: myRoles, relays: meets, recovery: undefined });
      const group = this.#addNew(replica, this.#starts.fresh({ myName }));
      await saySelf(this.#ports.engine(), replica, myName);
      for (const channel of channels) await sayChannel(this.#ports.engine(), replica, channel);
      this.#settleIn(group);
      this.#ports.made(group.space);
      return group;
    });
    if ((await saved) !== 'saved') return { is: 'refused', problem: 'no-room' };
    return { is: 'group', group: space.id };
  }

  readCode(code: string): InvitationReading {
    return this.#arrivals.readCode(code);
  }

  join(code: string, myName: string, coming?: Coming): Promise<JoinResult> {
    return this.#arrivals.join(code, myName, coming);
  }

  knock(code: string, knock: Parameters<Groups['knock']>[1]): Promise<JoinResult> {
    return this.#arrivals.knock(code, knock);
  }

  open(id: GroupId): OpenGroup {
    let open = this.#open.get(id);
    if (open === undefined) {
      const { context, queue, disk, engine } = this.#ports;
      const space = id as string as SpaceId;
      const common = { queue, disk, engine: engine(), space: () => this.#spaces.get(space) };
      open = new OpenGroup({
        ...common,
        id,
        context,
        invitations: this.#invitations,
        doors: this.#doors,
        writer: new GroupWriter({ ...common, letIn: (group) => this.#doors.letIn(group) }),
        neighbours: () => this.#neighbours.get(space),
        waiting: () => this.#arrivals.entry(space),
        presence: (replica) => presenceBy(this.#ports.engine().links.devices(replica.identity.space)),
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
    this.#arrivals.close();
    this.#doors.close();
    for (const open of this.#open.values()) open.taskRoom.close();
    this.#neighbours.close();
    for (const space of this.#spaces.values()) space.close();
  }

  #make(replica: Replica, start: GroupStart): GroupSpace {
    const { disk, clock, queue, engine, content, restood, read } = this.#ports;
    return new GroupSpace(
      {
        ...{ disk, clock, queue, read, kinds: this.#ports.kinds },
        left: (space, chain) => engine().groupMail.spans(space, chain),
        content: (told, message) => {
          this.#open.get(told.id)?.taskRoom.settled(message);
          this.#open.get(told.id)?.questionMessages.settled(message);
          this.#doors.settled(told, message);
          this.#neighbours.get(told.space)?.settled(message);
          content(told, message);
        },
        restood: (told) => {
          this.#open.get(told.id)?.taskRoom.restood();
          this.#open.get(told.id)?.questionMessages.restood();
          this.#doors.restood(told);
          this.#neighbours.get(told.space)?.restood();
          restood(told);
        },
        changed: (changed) => this.#groupChanged(changed),
      },
      replica,
      start,
    );
  }

  /** A group that was not here before: there is little to read, and it is read at once. */
  #addNew(replica: Replica, start: GroupStart): GroupSpace {
    const group = this.#make(replica, start);
    void group.read();
    this.#add(group, true);
    group.changeRow({});
    return group;
  }

  #add(group: GroupSpace, isNew = false): void {
    this.#spaces.set(group.space, group);
    this.#doors.add(group);
    this.#neighbours.add(group, {
      tasks: () => this.open(group.id).taskRoom.tasks,
      shown: () => this.#open.get(group.id)?.refresh(),
    });
    this.#ports.engine().add(group.replica, group, isNew);
    this.#groupChanged(group);
  }

  #groupChanged(group: GroupSpace): void {
    this.#neighbours.get(group.space)?.refresh();
    this.#open.get(group.id)?.refresh();
    this.#show();
    this.#ports.changed();
  }

  #show(): void {
    const inside = [...this.#spaces.values()].sort((a, b) => a.row.madeAt - b.row.madeAt).map(entryOf);
    const waiting = this.#arrivals.entries();
    const entries = [...inside, ...waiting];
    if (JSON.stringify(entries) !== JSON.stringify(this.list.current)) this.list.set(entries);
    for (const { id } of waiting) this.#open.get(id)?.refresh();
  }

  #standing(space: SpaceId): 'inside' | 'former' | undefined {
    const known = this.#spaces.get(space);
    return known === undefined ? undefined : isInside(known) ? 'inside' : 'former';
  }

  /** The welcome let us in: says who we are, and goes on from there. Part of an event. */
  async #cameIn(replica: Replica, myName: string, { names, channels, runs }: Told): Promise<void> {
    const group = this.#addNew(replica, this.#starts.fresh({ myName, names, channels }));
    // Judged like what any member sends. What one says oneself comes after it.
    await takeParcel(replica, { ...emptyParcel, runs }, true);
    await saySelf(this.#ports.engine(), replica, myName);
    this.#settleIn(group);
    this.#ports.made(group.space);
  }

  #settleIn(group: GroupSpace): void {
    const engine = this.#ports.engine();
    group.replica.save();
    engine.noteDurable(group.replica);
    // What it takes to listen for more of the group comes after.
    this.#ports.disk.hurry();
    engine.wantRelays();
    group.touch();
  }

  async #wipe(space: SpaceId): Promise<void> {
    const { queue, disk, engine, rows } = this.#ports;
    await queue.run(async () => {
      await this.#arrivals.giveUp(space);
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
        this.#doors.forget(space);
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
    const look = async (): Promise<void> => {
      for (const space of this.#spaces.values()) space.touch();
      this.#arrivals.look();
      await this.considerWelcomes(undefined);
      this.#lookAgain();
    };
    this.#cancelLook = clock.after(LOOK_AGAIN, () => void queue.run(look));
  }
}
