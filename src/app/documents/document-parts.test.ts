// The parts of a checkpoint are those that it rests on: a device that says another thing in the place of one puts nothing in
// its stead (core/docs/SPEC.md §11).

import { expect, test } from 'vitest';
import type { Bytes } from '#core/bytes/bytes.ts';
import type { StateHash, StatePart } from '#core/docs/doc-checkpoint.ts';
import type { DeviceId, Incarnation } from '#core/charter/ids.ts';
import type { DocumentId, MessageId } from '../api.ts';
import type { ContentCheckpoint, ContentMessage } from '../space-content.ts';
import { partsFor, type DocumentParts, type HeldPart } from './document-parts.ts';

const MALLORY = { author: 'mallory' as DeviceId, incarnation: '1' as Incarnation };
const state = 'hash' as StateHash;

function part(id: string, seq: number, at = 0): HeldPart {
  const said: StatePart = { is: 'part', document: 'plan' as DocumentId, state, at, bytes: new Uint8Array() as Bytes };
  return { message: { ...MALLORY, id: id as MessageId, seq } as ContentMessage, part: said };
}

/** A claim in place 3, whose author had seen some messages in these places and not others. */
function found(parts: readonly HeldPart[], other: readonly string[] = []): readonly string[] {
  const sawOther = ({ id }: ContentMessage): boolean => other.includes(id);
  const claim = { ...MALLORY, seq: 3, claim: { state }, sawOther } as unknown as ContentCheckpoint;
  return partsFor({ parts } as unknown as DocumentParts, claim).map(({ message }) => message.id);
}

test('of each number the nearest before it', () => {
  expect(found([part('far', 0), part('near', 1), part('second', 2, 1), part('late', 4)])).toEqual(['near', 'second']);
});

test('P33 threat 18: of two in one place the one it rests on, whichever came first, and none that is on another line', () => {
  const [its, beside, after] = [part('its', 1), part('beside', 1), part('after', 2)];
  for (const parts of [
    [its, beside, after],
    [after, beside, its],
  ]) {
    expect(found(parts, ['beside', 'after'])).toEqual(['its']);
  }
});
