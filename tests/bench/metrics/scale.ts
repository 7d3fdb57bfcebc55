// A big group: 150 people with 250 devices, 100 channels and documents, 50,000 messages, 5,000 tasks. How long until it is
// open from cold local data, until somebody removed is gone, until a task has moved; what a rotation and memory weigh; and
// how long 10,000 missed messages by 50 authors take. No browser: the session that ships, over rows in memory.
import type { Millis, Rows } from '#core/ports.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import { openDocuments } from '#app/documents/documents.ts';
import type { Group } from '#app/group-api.ts';
import type { OpenSession } from '#app/session-ports.ts';
import { sessionRooms } from '#app/session-rooms.ts';
import { openSession } from '#app/session.ts';
import { Dice } from '#tests/sim/dice.ts';
import { chatBody, framesSince, makeBigGroup, say, type BigGroup, type Size } from '../big-group.ts';
import { median, report } from '../measure.ts';

const WHOLE: Size = { members: 150, devices: 250, authors: 50, channels: 100, messages: 50_000, tasks: 5_000 };
const MISSED = 10_000;
const ROUNDS = 5;
const MOVES = 20;

type Book = ReturnType<typeof sessionRooms.groups>;

interface Opened {
  readonly session: OpenSession;
  readonly group: Group;
  readonly book: Book;
}

/** A share of everything, for whoever wants to look at the bench itself. */
function sizeOf(share: number): Size {
  const part = (of: number) => Math.ceil(of * share);
  return { ...WHOLE, messages: part(WHOLE.messages), tasks: part(WHOLE.tasks) };
}

export async function bigGroup(): Promise<boolean> {
  const size = sizeOf(Number(process.env['BENCH_SHARE'] ?? 1));
  const big = await makeBigGroup(size);
  const catchUp = await missed(big, Math.ceil((MISSED * size.messages) / WHOLE.messages));
  const { rows } = big.alice;
  const opening: number[] = [];
  const boards: number[] = [];
  const before = memory();
  let last: Opened | undefined;
  for (let i = 0; i < ROUNDS; i++) {
    await last?.session.close();
    const start = performance.now();
    last = await open(rows, big.town.clock.now());
    opening.push(performance.now() - start);
    const begun = performance.now();
    await until(() => last!.group.tasks!.state.current === 'open');
    boards.push(performance.now() - begun);
  }
  const { group, book } = last!;
  const heap = memory() - before;
  const people = group.state.current.people.length;
  const shown = { people, channels: group.channels.current.length, tasks: group.tasks!.list.current.length };
  console.log(
    JSON.stringify({ note: 'scale: what is open', ...size, ...shown, memoryMB: heap, board: median(boards) }),
  );
  const moves = await moveTasks(group);
  const removal = await removeOne(group, book);
  console.log(JSON.stringify({ note: 'scale: one removal', rotationBytes: removal.bytes }));
  await last!.session.close();
  const unit = 'ms';
  return [
    report({ metric: 'scale open the group, cold', ours: median(opening), peer: null, goal: 1_000, unit }),
    report({ metric: 'scale remove a member, seen', ours: removal.took, peer: null, goal: 1_000, unit }),
    report({ metric: `scale a move among ${size.tasks} tasks`, ours: median(moves), peer: null, goal: 50, unit }),
    report({ metric: 'scale catch-up of 10,000 messages by 50 authors', ours: catchUp, peer: null, goal: 1_000, unit }),
  ].every((ok) => ok);
}

/** Until the people are there and a conversation can be read. */
async function open(rows: Rows, now: Millis): Promise<Opened> {
  const begun = performance.now();
  let book: Book | undefined;
  const session = await openSession({
    clock: {
      now: () => (now + Math.round(performance.now() - begun)) as Millis,
      after: (delay, wake) => {
        const timer = setTimeout(wake, delay);
        return () => clearTimeout(timer);
      },
    },
    random: new Dice(1, 'bench'),
    rows,
    suite: makeProductionSuite(),
    logger: { count: () => undefined },
    network: undefined,
    relays: [],
    documents: openDocuments,
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

async function moveTasks(group: Group): Promise<number[]> {
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

async function removeOne(group: Group, book: Book): Promise<{ took: number; bytes: number }> {
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

/** Verified, settled and on disk; the way there is metric 3's. */
async function missed({ alice, authors, channels }: BigGroup, count: number): Promise<number> {
  const others = authors.slice(1);
  const runs = [];
  for (const [at, author] of others.entries()) {
    const from = author.replica.log.entries.filter(({ message }) => message.header.device === author.device).length;
    for (let i = at; i < count; i += others.length) await say(author, 'chat', chatBody(channels, i));
    runs.push(...framesSince(author, from));
  }
  const before = alice.replica.log.entries.length;
  const start = performance.now();
  // As much at a time as an answer holds.
  for (let i = 0; i < runs.length; i += 8) await alice.take({ ...emptyParcel, frames: runs.slice(i, i + 8) });
  await alice.flush();
  const took = performance.now() - start;
  if (alice.replica.log.entries.length - before !== count) throw new Error('not all of it was taken');
  return took;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Megabytes in use. */
function memory(): number {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 1e6);
}
