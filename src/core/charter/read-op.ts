// Ops read item by item, without a value for each in between: a start reads five thousand of them, and their frames are all
// alike. What is not spelled as expected, false or merely rare, is left to the general decoder (op.ts).

import { readKept } from '../wire/cbor.ts';
import type { ItemReader } from '../wire/item-reader.ts';
import { fields } from '../wire/fields.ts';
import { WireError } from '../wire/wire-error.ts';
import type { DeviceId, GrantId, OpId, SpaceId } from './ids.ts';
import { readRotateItems } from './key-body.ts';
import { readKnownBody, type OpBody } from './op-body.ts';
import { MAX_AUTH, MAX_PREV, OP_VERSION, SUITE, type Op } from './op-frame.ts';

/** Fields of an op that begins a device's chain, and of later ones: they name the op before. */
const FIRST_FIELDS = 10;
const LATER_FIELDS = 11;
const MAX_TYPE_BYTES = 64;
/**
 * `undefined` where the general decoder is to say what it is. What is read may be parts of the bytes that are read from, which
 * must not change any more.
 */
export function readPlainOp(read: ItemReader): Op | undefined {
  try {
    return readFrame(read);
  } catch (fault) {
    if (fault instanceof WireError) return undefined;
    throw fault;
  }
}

/** Keys in the order in which they are spelled (wire/SPEC.md §1). */
function readFrame(read: ItemReader): Op | undefined {
  const count = read.map(LATER_FIELDS);
  if (count < FIRST_FIELDS) return undefined;
  read.key('v');
  if (read.uint() !== OP_VERSION) return undefined;
  let own: OpId | undefined;
  if (count === LATER_FIELDS) {
    read.key('own');
    own = read.id<OpId>(32);
  }
  read.key('seq');
  const seq = read.uint();
  read.key('auth');
  const auth = read.ids<GrantId>(33, MAX_AUTH);
  read.key('body');
  const spelled = read.item('op');
  read.key('prev');
  const prev = read.ids<OpId>(32, MAX_PREV);
  read.key('type');
  const type = read.word(MAX_TYPE_BYTES);
  read.key('space');
  const space = read.id<SpaceId>(32);
  read.key('suite');
  if (read.uint() !== SUITE) return undefined;
  read.key('under');
  const under = read.id<OpId>(32);
  read.key('device');
  const device = read.id<DeviceId>(32);
  read.end();
  // A genesis has a frame of its own.
  const isFirst = type === 'join';
  if (type === 'genesis' || prev.length === 0 || (own === undefined) !== (seq === 0)) return undefined;
  if (isFirst ? auth.length > 0 || seq > 0 : auth.length < 2) return undefined;
  for (let i = 1; i < prev.length; i++) if (prev[i - 1]! >= prev[i]!) return undefined;
  const body = readBodyOf(type, spelled);
  return body === undefined ? undefined : { space, prev, own, under, auth, device, seq, body };
}

function readBodyOf(type: string, spelled: ItemReader): OpBody | undefined {
  if (type === 'rotate') return readRotateItems(spelled);
  const bytes = spelled.whole();
  return readKnownBody(type, fields(readKept(bytes, 'op', bytes.length), 'op'));
}
