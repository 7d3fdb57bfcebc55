// Ops read item by item come to what the general decoder makes of them, and to nothing where it refuses.

import { expect, test } from 'vitest';
import { charterSamples } from '#tests/vectors/samples/charter-samples.ts';
import { filler, fillerId } from '#tests/vectors/samples/sample.ts';
import { ItemReader } from '../wire/item-reader.ts';
import { WireError } from '../wire/wire-error.ts';
import type { DeviceId, OpId, Scope, SealingKeyId } from './ids.ts';
import { readAnyOp, decodeOp, encodeOp, type Op } from './op.ts';
import { readPlainOp as readPlain } from './read-op.ts';

const { accept, refuse } = charterSamples['op']!;
const usual = readAnyOp(accept.find(({ name }) => /rotate|rotation/.test(name))!.bytes);

/** A rotation that names devices in two scopes and lets somebody in. */
const wide: Op = {
  ...usual,
  body: {
    type: 'rotate',
    root: filler(32, 9),
    admits: [fillerId<OpId>(32, 1), fillerId<OpId>(32, 2)],
    scopes: ['everyone', 'kitchen'].map((scope, at) => ({
      scope: scope as Scope,
      commitment: filler(32, at),
      recipients: [3, 4].map((first) => ({
        device: fillerId<DeviceId>(32, first),
        sealingKey: fillerId<SealingKeyId>(32, first + 90),
      })),
    })),
  },
};

const readPlainOp = (bytes: Uint8Array): Op | undefined => readPlain(new ItemReader(bytes, 'op'));

/** Each place of longer ones would take long, and show nothing else. */
const LONG = 600;

const ops: readonly Uint8Array[] = [...accept.map(({ bytes }) => bytes), encodeOp(wide)];

function answer(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown {
  try {
    return read(bytes);
  } catch (fault) {
    if (fault instanceof WireError) return `${fault.structure}: ${fault.fault}`;
    throw fault;
  }
}

test('all but a genesis and what is not known is read item by item', () => {
  const types = ops.map((bytes) => readAnyOp(bytes).body.type);
  const plain = ops.map((bytes) => readPlainOp(bytes)?.body.type);
  const left = types.filter((_, at) => plain[at] === undefined);
  expect([...new Set(left)].sort()).toEqual(['genesis', 'unknown']);
  expect(new Set(plain).size).toBeGreaterThan(12);
});

test('and means the same, as does every refusal', () => {
  for (const bytes of [...ops, ...(refuse ?? []).map((sample) => sample.bytes)]) {
    expect(answer(decodeOp, bytes)).toEqual(answer(readAnyOp, bytes));
  }
});

test('whatever byte is changed, lost, doubled or put in front', () => {
  let [read, refused] = [0, 0];
  const differing: number[] = [];
  for (const bytes of ops.filter(({ length }) => length < LONG)) {
    for (let at = 0; at < bytes.length; at++) {
      const [byte, before, after] = [bytes[at]!, bytes.subarray(0, at), bytes.subarray(at + 1)];
      const others = [byte ^ 1, byte ^ 0x20, 0xf6, 0x1b];
      const changed = [...others.map((other) => [other]), [], [byte, byte], [0x80, byte]];
      for (const put of changed) {
        const spelled = Uint8Array.from([...before, ...put, ...after]);
        const plain = readPlainOp(spelled);
        if (plain === undefined) {
          refused++;
          continue;
        }
        read++;
        // Compared as text: there are a hundred thousand of them.
        if (JSON.stringify(plain) !== JSON.stringify(answer(readAnyOp, spelled))) differing.push(at);
      }
    }
  }
  expect(differing).toEqual([]);
  expect(Math.min(read, refused)).toBeGreaterThan(1_000);
});
