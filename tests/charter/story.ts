// Tells a history in words, for whoever looks into a seed: `node tests/charter/story.ts SEED`.

import type { Charter } from '#core/charter/charter.ts';
import { orderedOps } from '#core/charter/charter.ts';
import type { OpBody } from '#core/charter/op-body.ts';
import { viewOf } from '#core/charter/view.ts';
import { quickSuite } from '#tests/suites/space-kit.ts';
import { runHistory, play } from './history-run.ts';
import type { Cast } from './cast.ts';

/** One line for each op, in order: its number, who, what, on top of which, and what became of it. */
export function storyOf({ players }: Pick<Cast, 'players'>, charter: Charter): string {
  const view = viewOf(charter);
  const ops = orderedOps(charter);
  const words = new Map<string, string>();
  for (const [at, { id }] of ops.entries()) words.set(id, `#${at}`);
  for (const { author, name, recovery } of players) {
    words.set(recovery.device, `${name}’s paper`);
    words.set(author.device, words.get(author.device) ?? `${name}@${author.device.slice(0, 3)}`);
  }
  const said = (text: string) => text.replace(/[0-9a-f]{64}/g, (id) => words.get(id) ?? id.slice(0, 6));
  const lines = ops.map(({ id, depth, signed: { op } }) => {
    const fate = view?.group?.history.find((act) => act.op === id)?.fate;
    const became = fate?.is === 'standing' || fate === undefined ? '' : JSON.stringify(fate);
    const frame = `on ${op.prev.join()} under ${op.under ?? '-'} by ${op.auth.join()}`;
    return said(`${words.get(id)!} (${depth}) ${op.device}: ${bodyText(op.body)} ${frame} ${became}`);
  });
  return lines.join('\n');
}

function bodyText(body: OpBody): string {
  if (body.type === 'genesis') {
    if (body.kind !== 'group') return 'founds';
    const founders = body.founders.map(({ device, roles }) => `${device}: ${roles.join(' ')}`);
    return `founds [${founders.join('; ')}] ${JSON.stringify([body.rules.quorum, body.rules.members, body.rules.deviceCap])}`;
  }
  const shown = (key: string, value: unknown): unknown => {
    if (key === 'rules')
      return (value as { roles: { id: string; can: string[] }[] }).roles.map(({ id, can }) => [id, ...can].join(' '));
    return ['frontier', 'proof', 'root', 'commitment', 'signature', 'card', 'key'].includes(key) ? undefined : value;
  };
  return JSON.stringify(body, shown);
}

if (process.argv[1]?.endsWith('story.ts') === true) {
  const seed = Number(process.argv[2]);
  const { cast, whole } = await play(seed, quickSuite);
  console.log(storyOf(cast, whole));
  console.log((await runHistory(seed)).failures.join('\n'));
}
