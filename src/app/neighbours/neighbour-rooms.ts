// The dealings of all groups of a session with other groups.

import type { SpaceId } from '#core/charter/ids.ts';
import type { RelayAddress } from '#core/ports.ts';
import type { GroupSpace } from '../groups/group-space.ts';
import type { WantedTopic } from '../traffic/mail-in.ts';
import { NeighbourRoom, type NeighbourRoomPorts } from './neighbour-room.ts';
import type { ReadingDays } from '../traffic/reading-list.ts';

export class NeighbourRooms {
  readonly #ports: Omit<NeighbourRoomPorts, 'space' | 'tasks' | 'shown'>;
  readonly #rooms = new Map<SpaceId, NeighbourRoom>();

  constructor(ports: Omit<NeighbourRoomPorts, 'space' | 'tasks' | 'shown'>) {
    this.#ports = ports;
  }

  get(space: SpaceId): NeighbourRoom | undefined {
    return this.#rooms.get(space);
  }

  add(space: GroupSpace, ports: Pick<NeighbourRoomPorts, 'tasks' | 'shown'>): void {
    this.#rooms.set(space.space, new NeighbourRoom({ ...this.#ports, ...ports, space }));
  }

  remove(space: SpaceId): void {
    this.#rooms.get(space)?.close();
    this.#rooms.delete(space);
  }

  relays(): readonly RelayAddress[] {
    return [...this.#rooms.values()].flatMap((room) => room.relays());
  }

  async topics(relay: RelayAddress, days: ReadingDays): Promise<readonly WantedTopic[]> {
    const topics: WantedTopic[] = [];
    for (const room of this.#rooms.values()) topics.push(...(await room.topics(relay, days)));
    return topics;
  }

  close(): void {
    for (const room of this.#rooms.values()) room.close();
  }
}
