// Metric 8: opening the document with the longest history we have, against y-indexeddb in plain text.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Browser } from 'playwright';
import type { BenchPages } from '../browsers.ts';
import { inTurn, median, report } from '../measure.ts';
import type { LargePage, Trace } from '../pages/trace.ts';

/** The keystrokes of a scientific paper, 259,778 edits. Not part of the project: 0.9 MB of somebody else's text. */
const TRACE = path.resolve(import.meta.dirname, '../../../../shared/data/automerge-paper.json.gz');
const PAIRS = 7;

type WithLarge = typeof globalThis & { page: LargePage };

/** Without the real history: as many edits, drawn by a small generator, so that the bench runs anywhere. */
function madeUpTrace(): Trace {
  let state = 1;
  const below = (limit: number) => (state = (state * 48_271) % 2_147_483_647) % limit;
  const patches: [number, number, string][] = [];
  let length = 0;
  for (let i = 0; i < 259_778; i++) {
    const isDeletion = length > 100 && below(5) === 0;
    const at = isDeletion ? below(length) : below(20) === 0 ? below(length + 1) : length;
    patches.push(isDeletion ? [at, 1, ''] : [at, 0, String.fromCharCode(97 + below(26))]);
    length += isDeletion ? -1 : 1;
  }
  return { txns: [{ patches }] };
}

function loadTrace(): Trace {
  if (existsSync(TRACE)) return JSON.parse(gunzipSync(readFileSync(TRACE)).toString('utf8')) as Trace;
  console.log(
    JSON.stringify({ note: '8: the recorded history is not here; a made-up one of the same length is used' }),
  );
  return madeUpTrace();
}

export async function largeDocument(browser: Browser, pages: BenchPages): Promise<boolean> {
  const [sealed, plain] = [await pages.open(browser, 'large-document'), await pages.open(browser, 'plain-document')];
  const trace = loadTrace();
  const prepare = (given: Trace) => (globalThis as WithLarge).page.prepare(given);
  const edits = [await sealed.evaluate(prepare, trace), await plain.evaluate(prepare, trace)];
  const open = () => (globalThis as WithLarge).page.open();
  const times = await inTurn(
    PAIRS,
    () => sealed.evaluate(open),
    () => plain.evaluate(open),
  );
  if (times.ours[0]!.length !== times.peer[0]!.length || edits[0] !== edits[1]) throw new Error('the documents differ');
  const of = (runs: readonly { ms: number }[]) => median(runs.map(({ ms }) => ms));
  const metric = `8 open a document of ${edits[0]} edits`;
  await Promise.all([sealed, plain].map((page) => page.context().close()));
  return report({ metric, ours: of(times.ours), peer: of(times.peer), goal: 1.2, unit: 'ms' });
}
