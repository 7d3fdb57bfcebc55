// Makes vectors of whole logs from stories: a set of ops, and what every app makes of it. Cases that stand already are
// kept as they are: `node tests/vectors/craft-states.ts`, then read the new ones, then lock them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { addOps, emptyCharter } from '#core/charter/charter.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import { encodeSignedOp } from '#core/charter/op.ts';
import { plainState } from './charter/plain-state.ts';
import { STORIES } from './charter/stories.ts';

const file = path.join(import.meta.dirname, 'charter/states.json');

interface StateCase {
  readonly name: string;
}

const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { cases: StateCase[] }).cases : [];
const cases: unknown[] = [...kept];
for (const [name, story] of Object.entries(STORIES)) {
  if (kept.some((old) => old.name === name)) continue;
  const ops = await story();
  const space = ops.find(({ op }) => op.body.type === 'genesis')!.id as string as SpaceId;
  const state = plainState(addOps(emptyCharter(space), ops).charter);
  cases.push({ name, space, ops: ops.map((op) => Buffer.from(encodeSignedOp(op)).toString('hex')), state });
}
writeFileSync(file, `${JSON.stringify({ spec: 'charter/SPEC.md §4', version: 1, cases }, undefined, 2)}\n`);
console.log(`states.json: ${cases.length - kept.length} new cases`);
