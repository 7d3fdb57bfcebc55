// Sets of ops and what they come to, in any order of arrival.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { addOp, addOps, emptyCharter } from '#core/charter/charter.ts';
import type { SpaceId } from '#core/charter/ids.ts';
import { decodeSignedOp, type VerifiedOp } from '#core/charter/op.ts';
import { verifyOp } from '#core/charter/verify-op.ts';
import { viewOf } from '#core/charter/view.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import { bytesOfHex } from '../vector-files.ts';
import { plainState, type PlainState } from './plain-state.ts';

interface StateCase {
  readonly name: string;
  readonly space: SpaceId;
  readonly ops: readonly string[];
  readonly state: PlainState;
}

const file = path.join(import.meta.dirname, 'states.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly StateCase[] };
const suite = makeProductionSuite();

async function opsOf({ ops }: StateCase): Promise<VerifiedOp[]> {
  const read = await Promise.all(ops.map((op) => verifyOp(decodeSignedOp(bytesOfHex(op)), suite)));
  return read.map((op) => op!);
}

describe('a set of ops', () => {
  it.each(cases.map((each) => [each.name, each] as const))('%s: comes to one state', async (_, each) => {
    const ops = await opsOf(each);
    expect(ops).not.toContain(undefined);
    expect(plainState(addOps(emptyCharter(each.space), ops).charter)).toEqual(each.state);
    for (const order of [ops, ops.toReversed(), [...ops].sort((a, b) => (a.id < b.id ? -1 : 1))]) {
      let charter = emptyCharter(each.space);
      for (const op of order) {
        charter = addOp(charter, op).charter;
        viewOf(charter);
      }
      expect(plainState(charter)).toEqual(each.state);
    }
  });
});
