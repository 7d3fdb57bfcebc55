// `npm run bench`: one JSON line per metric, ours against peers measured in the same run. `-- 1 8` runs only those.
import { cpus, loadavg } from 'node:os';
import { launchChromium } from '../e2e/network/chromium.ts';
import { installPeers } from './peers/install.ts';
import { servePages, type BenchPages } from './browsers.ts';
import { chatRoundTrip, firstMessage } from './metrics/chat.ts';
import { catchUp } from './metrics/catch-up.ts';
import { coldStart } from './metrics/cold-start.ts';
import { editLatency } from './metrics/edit-latency.ts';
import { firstVisit } from './metrics/first-visit.ts';
import { largeDocument } from './metrics/large-document.ts';
import { longLog } from './metrics/long-charter.ts';
import { openGroup } from './metrics/open-group.ts';
import { removeMember } from './metrics/remove-member.ts';
import { bigGroup } from './metrics/scale.ts';
import { unlock } from './metrics/unlock.ts';
import type { Browser } from 'playwright';

const METRICS: Record<string, (browser: Browser, pages: BenchPages) => Promise<boolean>> = {
  1: editLatency,
  2: chatRoundTrip,
  3: catchUp,
  4: firstMessage,
  5: openGroup,
  6: firstVisit,
  7: coldStart,
  8: largeDocument,
  13: removeMember,
  14: unlock,
  charter: longLog,
  scale: bigGroup,
};

const wanted = process.argv.slice(2);
const chosen = Object.entries(METRICS).filter(([number]) => wanted.length === 0 || wanted.includes(number));
if (chosen.some(([number]) => ['2', '3', '4'].includes(number))) installPeers();

const pages = await servePages(
  ['ours', 'our-group', 'vault', 'large-document', 'big-group', 'long-charter', 'catch-up-floor', 'join-floor'],
  ['y-webrtc', 'y-websocket', 'plain-document'],
);
const browser = await launchChromium();
const missed: string[] = [];
try {
  for (const [number, measure] of chosen) {
    console.log(JSON.stringify({ note: `${number}: load of the machine`, load: loadavg()[0], cores: cpus().length }));
    const reached = await measure(browser, pages).catch((error: unknown) => {
      console.log(
        JSON.stringify({ metric: number, error: error instanceof Error ? error.message : String(error), ok: false }),
      );
      return false;
    });
    if (!reached) missed.push(number);
  }
} finally {
  await browser.close();
  await pages.close();
}
if (missed.length > 0) console.log(JSON.stringify({ note: `goals missed: ${missed.join(', ')}` }));
process.exit(missed.length === 0 ? 0 : 1);
