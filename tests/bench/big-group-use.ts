// What is done with a big group, and how long it takes: opened from rows that lie on a disk, tasks moved, somebody removed,
// missed messages taken in. The same in Node and in a browser.
import type { Bytes } from '#core/bytes/bytes.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import { wrapAgreement } from '#core/keys/wrap.ts';
import type { Clock, Millis, Rows } from '#core/ports.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { Disk } from '#app/disk.ts';
import { openDocuments } from '#app/documents/documents.ts';
import { EventQueue, type Breather } from '#app/event-queue.ts';
import type { Group } from '#app/groups/group-api.ts';
import type { OpenSession } from '#app/session-ports.ts';
import { sessionRooms } from '#app/session-rooms.ts';
import { openSession } from '#app/session.ts';
import { drawIncarnation } from '#app/space/found.ts';
import { decodeIdentity, SPACE_COLLECTION } from '#app/space/identity-row.ts';
import { takeParcel } from '#app/space/intake.ts';
import { loadReplica } from '#app/space/load-replica.ts';
import { Replica } from '#app/space/replica.ts';
import { storedLeaf } from '#app/space/space-keys.ts';
import { Dice } from '#tests/sim/dice.ts';

const MOVES = 20;
/** As much at a time as an answer of another device holds. */
const RUNS_AT_ONCE = 8;

type Book = ReturnType<typeof sessionRooms.groups>;

export interface Opened {
  readonly session: OpenSession;
  readonly group: Group;
  readonly book: Book;
}

/** A clock that goes on from a moment. */
function clockFrom(now: Millis): Clock {
  const begun = performance.now();
  return {
    now: () => (now + Math.round(performance.now() - begun)) as Millis,
    after: (delay, wake) => {
      const timer = setTimeout(wake, delay);
      return () => clearTimeout(timer);
    },
  };
}

/** Until the people are there and a conversation can be read. */
export async function openBigGroup(rows: Rows, now: Millis, breathe?: Breather): Promise<Opened> {
  let book: Book | undefined;
  const session = await openSession({
    clock: clockFrom(now),
    random: new Dice(1, 'bench'),
    rows,
    suite: makeProductionSuite(),
    logger: { count: () => undefined },
    network: undefined,
    relays: [],
    documents: openDocuments,
    ...(breathe === undefined ? {} : { breathe }),
    rooms: { ...sessionRooms, groups: (ports) => (book = sessionRooms.groups(ports)) },
  });
  await until(() => (session.groups.list.current[0]?.unread ?? 0) > 0);
  const group = session.groups.open(session.groups.list.current[0]!.id);
  await until(() => {
    const [channel] = group.channels.current;
    return channel !== undefined && group.channel(channel.id).timeline.current.length > 0;
  });
  return { session, group, book: book! };
}

export async function moveTasks(group: Group): Promise<number[]> {
  const times: number[] = [];
  const tasks = group.tasks!;
  for (let i = 0; i < MOVES; i++) {
    const { id, place } = tasks.list.current[(i * 37) % tasks.list.current.length]!;
    const to = place === 'todo' ? 'doing' : 'todo';
    const above = tasks.list.current.findLast((entry) => entry.place === to)?.id;
    const start = performance.now();
    const moved = tasks.act(id, { do: 'move', to, above });
    await until(() => tasks.list.current.find((entry) => entry.id === id)?.place === to);
    times.push(performance.now() - start);
    const answer = await moved;
    if (answer.is !== 'done') throw new Error(`not moved: ${answer.why}`);
  }
  return times;
}

export async function removeOne({ group, book }: Opened): Promise<{ took: number; bytes: number }> {
  const { replica } = book.spaces()[0]!;
  const victim = group.state.current.people.findLast(({ isIn, isMe }) => isIn && !isMe)!;
  const known = { wraps: new Set(replica.wraps.keys()), ops: new Set(replica.charter.ops.keys()) };
  const start = performance.now();
  const answer = await group.remove(victim.id);
  await until(() => group.state.current.people.find(({ id }) => id === victim.id)?.isIn === false);
  const took = performance.now() - start;
  if (answer !== 'done') throw new Error(`not removed: ${answer}`);
  const wraps = [...replica.wraps].filter(([id]) => !known.wraps.has(id)).map(([, bytes]) => bytes.length);
  const ops = [...replica.charter.ops.values()].filter(({ id }) => !known.ops.has(id));
  return {
    took,
    bytes: [...wraps, ...ops.map(({ signed }) => signed.bytes.length)].reduce((sum, one) => sum + one, 0),
  };
}

/** The only group on a disk, as its replica alone. */
async function replicaOf(
  rows: Rows,
  now: Millis,
  breathe: Breather | undefined,
): Promise<{ replica: Replica; flush: () => Promise<void> }> {
  const [clock, suite, random] = [clockFrom(now), makeProductionSuite(), new Dice(2, 'bench')];
  const disk = new Disk({ rows, clock, queue: new EventQueue(breathe), changed: () => undefined });
  const logger = { count: () => undefined };
  const context = { suite, agreement: wrapAgreement(random, suite), random, clock, logger, disk, breathe };
  const spaces = (await rows.list(SPACE_COLLECTION)).map(({ id, value }) => decodeIdentity(id as never, value));
  const identity = spaces.find(({ kind }) => kind === 'group')!;
  const leaf = (await storedLeaf(rows, identity.space))!;
  const replica = new Replica(context, { identity, leaf, incarnation: drawIncarnation(context) });
  await loadReplica(replica, rows);
  return { replica, flush: () => new Promise((resolve) => disk.durable(() => resolve())) };
}

/** Verified, settled and on disk; the way there is metric 3's. */
export async function takeMissed(
  rows: Rows,
  now: Millis,
  { runs, count, breathe }: { readonly runs: readonly Bytes[]; readonly count: number; readonly breathe?: Breather },
): Promise<number> {
  const { replica, flush } = await replicaOf(rows, now, breathe);
  const before = replica.log.entries.length;
  const start = performance.now();
  for (let i = 0; i < runs.length; i += RUNS_AT_ONCE) {
    await takeParcel(replica, { ...emptyParcel, frames: runs.slice(i, i + RUNS_AT_ONCE) }, false);
  }
  await flush();
  const took = performance.now() - start;
  if (replica.log.entries.length - before !== count) throw new Error('not all of it was taken');
  return took;
}

export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}
