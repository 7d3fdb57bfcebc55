// Ways into groups one is not in yet: by an invitation, by knocking. What is waited for, and what came of it.

import type { SpaceId } from '#core/charter/ids.ts';
import { decodeInvitationCode } from '#core/identity/invitation-code.ts';
import { safeName, safeText } from '#core/identity/names.ts';
import { decodeDoorCode, type Door } from '#core/knocks/door.ts';
import { MAX_ANSWER_BYTES } from '#core/knocks/knock-letter.ts';
import type { MailboxClient } from '#core/mailbox/client.ts';
import { DAY, type Clock, type RelayAddress, type Rows } from '#core/ports.ts';
import { shortened } from '#core/wire/text.ts';
import type { Disk } from '../disk.ts';
import type { EventQueue } from '../event-queue.ts';
import { ownName } from '../groups/group-answers.ts';
import type { Coming, GroupEntry, GroupId, InvitationReading, JoinResult } from '../groups/group-api.ts';
import { readInvitation } from './invitation-reading.ts';
import { JoinWaits } from './join-waits.ts';
import { Joinings } from './joining.ts';
import { Knockings } from './knockings.ts';
import type { Told } from './welcome-pieces.ts';
import type { WantedTopic } from '../traffic/mail-in.ts';
import { makeKnock } from '../space/knocked.ts';
import type { Replica, SpaceContext } from '../space/replica.ts';

export interface ArrivalsPorts {
  readonly context: SpaceContext;
  readonly queue: EventQueue;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly client: (relay: RelayAddress) => MailboxClient | undefined;
  /** `former`: what was read there is still here. */
  readonly standing: (space: SpaceId) => 'inside' | 'former' | undefined;
  readonly wipe: (space: SpaceId) => Promise<void>;
  /** One is a member now. Part of an event. */
  readonly cameIn: (replica: Replica, myName: string, told: Told) => Promise<void>;
  /** One may be a member soon. */
  readonly expectGroup: () => void;
  /** Other relay nodes are needed, or the list is another. */
  readonly changed: () => void;
}

type Before = 'inside' | 'no-room' | 'asks' | undefined;

export class Arrivals {
  readonly #ports: ArrivalsPorts;
  readonly #joinings: Joinings;
  readonly #knockings: Knockings;
  readonly #waits: JoinWaits;

  constructor(ports: ArrivalsPorts) {
    this.#ports = ports;
    const changed = (): void => {
      this.#waits.tell();
      ports.changed();
    };
    const isWaiting = (space: SpaceId): boolean => this.#joinings.get(space)?.state === 'waiting';
    this.#waits = new JoinWaits({ ...ports, isWaiting });
    this.#joinings = new Joinings({
      ...ports,
      joined: (replica, { myName }, told) => this.#cameIn(replica, myName, told),
      changed,
    });
    this.#knockings = new Knockings({
      ...ports,
      joined: (replica, myName, told) => this.#cameIn(replica, myName, told),
      changed,
    });
  }

  async load(rows: Rows): Promise<number> {
    return (await this.#joinings.load(rows)) + (await this.#knockings.load(rows));
  }

  relays(): readonly RelayAddress[] {
    return [...this.#joinings.relays(), ...this.#knockings.relays()];
  }

  async topics(relay: RelayAddress): Promise<readonly WantedTopic[]> {
    return [...(await this.#joinings.topics(relay)), ...(await this.#knockings.topics(relay))];
  }

  /** Relay nodes are there: knocks may be left. Part of an event. */
  deliver(): Promise<void> {
    return this.#knockings.deliver();
  }

  /** Time passed. Part of an event. */
  look(): void {
    this.#knockings.look();
  }

  entries(): readonly GroupEntry[] {
    const joining = this.#joinings.all().map(({ joining: { space } }) => space);
    const knocking = this.#knockings.all().map(({ knocking: { space } }) => space);
    return [...new Set([...joining, ...knocking])].flatMap((space) => this.entry(space) ?? []);
  }

  entry(space: SpaceId): GroupEntry | undefined {
    const joining = this.#joinings.get(space);
    const knocking = this.#knockings.get(space);
    const known = joining ?? knocking;
    if (known === undefined) return undefined;
    const read = joining === undefined ? decodeDoorCode(known.code) : decodeInvitationCode(known.code);
    if (typeof read === 'string') return undefined;
    const state = joining?.state ?? (knocking!.state as GroupEntry['state']);
    const name = safeName(read.groupName);
    return { id: space as string as GroupId, name, state, unread: 0, mentions: 0, lastMessage: undefined };
  }

  readCode(code: string): InvitationReading {
    const space = spaceOf(code);
    if (space !== undefined && this.#ports.standing(space) === 'inside') return { is: 'member-already', group: space };
    const reading = readInvitation(code);
    const door = reading.is === 'group-card' ? decodeDoorCode(code) : undefined;
    return door !== undefined && typeof door !== 'string' && this.#isOver(door) ? { is: 'expired' } : reading;
  }

  async join(code: string, myName: string, coming: Coming = {}): Promise<JoinResult> {
    const { queue, disk, clock } = this.#ports;
    const invitation = decodeInvitationCode(code);
    if (typeof invitation === 'string') return { is: 'refused', problem: invitation };
    const space = invitation.space as SpaceId;
    const group = space as string as GroupId;
    const before = await this.#before(space, coming);
    if (before === 'inside') return { is: 'joined', group };
    if (before === 'asks') return { is: 'asks', group };
    if (before === 'no-room') return { is: 'refused', problem: 'no-room' };
    this.#ports.expectGroup();
    await queue.run(async () => {
      if (this.#joinings.get(space)?.state === 'waiting') return;
      await this.#knockings.withdraw(space);
      this.#joinings.add({ space, code, myName: ownName(myName), madeAt: clock.now(), state: 'waiting' }, invitation);
      this.#ports.changed();
    });
    await this.#waits.over(space);
    // Who came in was told so after a commit; before the welcome is here nothing else should keep the disk.
    const isWaiting = this.#joinings.get(space)?.state === 'waiting';
    if (isWaiting && (await disk.flush()) !== 'saved') return { is: 'refused', problem: 'no-room' };
    return this.#outcome(space, group);
  }

  async knock(
    code: string,
    said: { readonly myName: string; readonly answers: readonly string[] } & Coming,
  ): Promise<JoinResult> {
    const { disk, context } = this.#ports;
    const door = decodeDoorCode(code);
    if (typeof door === 'string') return { is: 'refused', problem: door };
    if (this.#isOver(door)) return { is: 'refused', problem: 'expired' };
    const { space, questions } = door;
    const group = space as string as GroupId;
    const before = await this.#before(space, said);
    if (before === 'inside') return { is: 'joined', group };
    if (before === 'asks') return { is: 'asks', group };
    if (before === 'no-room') return { is: 'refused', problem: 'no-room' };
    const answers = questions.map((question, i) => {
      return { question, answer: shortened(safeText(said.answers[i] ?? ''), MAX_ANSWER_BYTES) };
    });
    const { saved } = await disk.saving(async () => {
      if (this.#knockings.get(space)?.state === 'knocking') return;
      this.#joinings.drop(space);
      await this.#knockings.add(await makeKnock(context, space, { code, name: ownName(said.myName), answers }), door);
    });
    if ((await saved) !== 'saved') return { is: 'refused', problem: 'no-room' };
    return { is: 'waiting', group };
  }

  /** The person waits no more. Part of an event. */
  async giveUp(space: SpaceId): Promise<void> {
    this.#joinings.drop(space);
    await this.#knockings.withdraw(space);
  }

  close(): void {
    this.#joinings.close();
    this.#knockings.close();
  }

  async #cameIn(replica: Replica, myName: string, told: Told): Promise<void> {
    const { space } = replica.identity;
    this.#joinings.drop(space);
    await this.#knockings.withdraw(space);
    await this.#ports.cameIn(replica, myName, told);
    this.#waits.tell();
  }

  async #before(space: SpaceId, { forgetFormer }: Coming): Promise<Before> {
    const { standing, disk, wipe } = this.#ports;
    const known = standing(space);
    if (known === 'inside') return 'inside';
    if (disk.state !== 'well') return 'no-room';
    // What was said there before stays with the one who was removed until they wipe it; as a newcomer they begin anew.
    if (known === 'former' && forgetFormer !== true) return 'asks';
    if (known === 'former') await wipe(space);
    return undefined;
  }

  async #outcome(space: SpaceId, group: GroupId): Promise<JoinResult> {
    const { queue, disk, changed } = this.#ports;
    const state = this.#joinings.get(space)?.state;
    if (state === 'waiting') return { is: 'waiting', group };
    if (state === undefined) return { is: 'joined', group };
    // Told here and now: it need not stand in the list as well.
    await queue.run(() => {
      this.#joinings.drop(space);
      changed();
    });
    await disk.flush();
    return { is: 'refused', problem: state };
  }

  #isOver({ expires }: Door): boolean {
    return this.#ports.clock.now() >= (expires + 1) * DAY;
  }
}

function spaceOf(code: string): (SpaceId & GroupId) | undefined {
  const invitation = decodeInvitationCode(code);
  if (typeof invitation !== 'string') return invitation.space as SpaceId & GroupId;
  const door = decodeDoorCode(code);
  return typeof door === 'string' ? undefined : (door.space as SpaceId & GroupId);
}
