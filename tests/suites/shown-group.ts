// A group as screens have it, over what one member of a town holds.

import type { Town, Member } from './group-replicas.ts';
import { EventQueue } from '#app/event-queue.ts';
import { GroupSpace } from '#app/groups/group-space.ts';
import { goneIn, GroupStarts } from '#app/groups/group-starts.ts';

export interface ShownGroup {
  readonly group: GroupSpace;
  readonly queue: EventQueue;
  readonly breathe: { each: (() => Promise<void>) | undefined };
}

export async function showGroup({ replica, context, rows }: Member): Promise<ShownGroup> {
  const breathe: ShownGroup['breathe'] = { each: undefined };
  const queue = new EventQueue();
  const { clock } = context;
  Object.assign(context, { breathe: () => breathe.each?.() });
  const none = (): void => undefined;
  const ports = { disk: context.disk, clock, queue, kinds: undefined, left: () => [] };
  const start = { ...new GroupStarts(clock).fresh({}), gone: await goneIn(replica.identity.space, rows) };
  const group = new GroupSpace({ ...ports, content: none, restood: none, read: none, changed: none }, replica, start);
  await queue.run(() => group.read());
  return { group, queue, breathe };
}

/** Until all that changed is drawn. */
export async function settle({ queue }: Pick<ShownGroup, 'queue'>, { clock }: Town): Promise<void> {
  for (let i = 0; i < 4; i++) {
    await queue.idle();
    await clock.pass(200);
  }
  await queue.idle();
}
