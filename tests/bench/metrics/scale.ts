// A big group: 150 people with 250 devices, 100 channels and documents, 50,000 messages, 5,000 tasks. How long until it is
// open from cold local data, until somebody removed is gone, until a task has moved; what a rotation and memory weigh; and
// how long 10,000 missed messages by 50 authors take. No browser: the session that ships, over rows in memory.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Bytes } from '#core/bytes/bytes.ts';
import { emptyParcel } from '#core/sync/parcel.ts';
import type { Browser } from 'playwright';
import { chatBody, framesSince, makeBigGroup, say, type BigGroup, type Size } from '../big-group.ts';
import { moveTasks, openBigGroup, removeOne, until, type Opened } from '../big-group-use.ts';
import type { BenchPages } from '../browsers.ts';
import { median, report } from '../measure.ts';
import { bigGroupInBrowser, rowsNow } from './scale-in-browser.ts';

const WHOLE: Size = { members: 150, devices: 250, authors: 50, channels: 100, messages: 50_000, tasks: 5_000 };
const MISSED = 10_000;
const ROUNDS = 5;

/** A share of everything, for whoever wants to look at the bench itself. */
function sizeOf(share: number): Size {
  const part = (of: number) => Math.ceil(of * share);
  return { ...WHOLE, messages: part(WHOLE.messages), tasks: part(WHOLE.tasks) };
}

export async function bigGroup(browser: Browser, pages: BenchPages): Promise<boolean> {
  const size = sizeOf(Number(process.env['BENCH_SHARE'] ?? 1));
  const big = await makeBigGroup(size);
  const [rows, now] = [rowsNow(big.alice.rows), big.town.clock.now()];
  const missed = Math.ceil((MISSED * size.messages) / WHOLE.messages);
  const runs = await writeMissed(big, missed);
  const inNode = await withoutBrowser(big, size, { runs, missed });
  return (await bigGroupInBrowser(browser, pages, { rows, runs, missed, now, tasks: size.tasks })) && inNode;
}

async function withoutBrowser(
  big: BigGroup,
  size: Size,
  { runs, missed }: { readonly runs: readonly Bytes[]; readonly missed: number },
): Promise<boolean> {
  const catchUp = await take(big, runs, missed);
  const { rows } = big.alice;
  const opening: number[] = [];
  const boards: number[] = [];
  const before = memory();
  let last: Opened | undefined;
  for (let i = 0; i < ROUNDS; i++) {
    await last?.session.close();
    const start = performance.now();
    last = await openBigGroup(rows, big.town.clock.now());
    opening.push(performance.now() - start);
    const begun = performance.now();
    await until(() => last!.group.tasks!.state.current === 'open');
    boards.push(performance.now() - begun);
  }
  const { group } = last!;
  const heap = memory() - before;
  const people = group.state.current.people.length;
  const shown = { people, channels: group.channels.current.length, tasks: group.tasks!.list.current.length };
  console.log(
    JSON.stringify({ note: 'scale: what is open', ...size, ...shown, memoryMB: heap, board: median(boards) }),
  );
  const moves = await moveTasks(group);
  const removal = await removeOne(last!);
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

/** As many messages by all but Alice, who has none of them. */
async function writeMissed({ authors, channels }: BigGroup, count: number): Promise<readonly Bytes[]> {
  const others = authors.slice(1);
  const runs: Bytes[] = [];
  for (const [at, author] of others.entries()) {
    const from = author.replica.log.entries.filter(({ message }) => message.header.device === author.device).length;
    for (let i = at; i < count; i += others.length) await say(author, 'chat', chatBody(channels, i));
    runs.push(...framesSince(author, from));
  }
  return runs;
}

/** Verified, settled and on disk; the way there is metric 3's. */
async function take({ alice }: BigGroup, runs: readonly Bytes[], count: number): Promise<number> {
  const before = alice.replica.log.entries.length;
  const start = performance.now();
  // As much at a time as an answer holds.
  for (let i = 0; i < runs.length; i += 8) await alice.take({ ...emptyParcel, frames: runs.slice(i, i + 8) });
  await alice.flush();
  const took = performance.now() - start;
  if (alice.replica.log.entries.length - before !== count) throw new Error('not all of it was taken');
  return took;
}

/** Megabytes in use once all garbage is gone. */
function memory(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return Math.round(process.memoryUsage().heapUsed / 1e6);
}
