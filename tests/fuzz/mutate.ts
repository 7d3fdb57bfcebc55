// Makes wrong inputs out of right ones: blind changes of bytes, changes that know where CBOR heads and lengths stand,
// and changes of the decoded tree that come out as faultless CBOR, so that the checks behind the spelling are reached.
import { EDGES, fromHex, joined, randomBytes } from './byte-tools.ts';
import type { Dice } from './dice.ts';
import { changeTree, fromTree, treeOf, type Tree } from './mutate-tree.ts';

/** What the mutators know of one valid input; worked out once. */
export interface Seed {
  readonly bytes: Uint8Array;
  /** Offsets of CBOR heads, also inside byte strings that hold CBOR. Empty where it is not CBOR. */
  readonly heads: readonly number[];
  readonly tree: Tree | undefined;
}

const EDGE_LENGTHS = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0xffffffff];
const FOREIGN_ITEMS = [
  'fb7ff8000000000000',
  'f7',
  'd82a43000155',
  'c249010000000000000000',
  '1bffffffffffffffff',
  '9f',
];
const DEEP = `${'81'.repeat(200)}00`;

export function seedOf(bytes: Uint8Array): Seed {
  const tree = treeOf(bytes);
  return { bytes, heads: tree === undefined ? [] : headsOf(bytes, 0, bytes.length), tree };
}

/** One wrong input; most of the time wrong in one place, sometimes in several. */
export function mutate(seeds: readonly Seed[], dice: Dice): Uint8Array {
  const seed = dice.pick(seeds);
  if (seed.tree !== undefined && dice.below(100) < 35) return fromTree(changeTree(seed.tree, dice));
  let bytes = seed.heads.length > 0 && dice.below(2) === 0 ? atHead(seed, dice) : changeBytes(seed.bytes, seeds, dice);
  while (dice.below(4) === 0) bytes = changeBytes(bytes, seeds, dice);
  return bytes;
}

function changeBytes(bytes: Uint8Array, seeds: readonly Seed[], dice: Dice): Uint8Array {
  const at = dice.below(bytes.length + 1);
  const changed = bytes.slice();
  switch (dice.below(9)) {
    case 0:
      if (at < changed.length) changed[at]! ^= 1 << dice.below(8);
      return changed;
    case 1:
      if (at < changed.length) changed[at] = dice.pick(EDGES);
      return changed;
    case 2:
      return changed.slice(0, at);
    case 3:
      return joined(bytes, randomBytes(1 + dice.below(40), dice));
    case 4:
      return spliced(bytes, dice.pick(seeds).bytes, dice);
    case 5: // repeat a stretch
      return joined(bytes.slice(0, at), bytes.slice(Math.max(0, at - 1 - dice.below(40))));
    case 6: // drop a stretch
      return joined(bytes.slice(0, at), bytes.slice(at + 1 + dice.below(16)));
    case 7:
      return withLength(changed, at, dice);
    default: // put something in between
      return joined(bytes.slice(0, at), randomBytes(1 + dice.below(8), dice), bytes.slice(at));
  }
}

/** An edge value where a big-endian length could stand. */
function withLength(bytes: Uint8Array, at: number, dice: Dice): Uint8Array {
  const size = dice.pick([1, 2, 4]);
  const value = dice.pick([...EDGE_LENGTHS, bytes.length, bytes.length - at, bytes.length - at - size]);
  for (let i = 0; i < size && at + i < bytes.length; i++) bytes[at + i] = (value / 256 ** (size - 1 - i)) & 0xff;
  return bytes;
}

/** Another type, another length or another item where a CBOR item begins. */
function atHead(seed: Seed, dice: Dice): Uint8Array {
  const at = dice.pick(seed.heads);
  const bytes = seed.bytes.slice();
  const head = bytes[at]!;
  switch (dice.below(5)) {
    case 0:
      bytes[at] = (dice.below(8) << 5) | (head & 31);
      return bytes;
    case 1:
      bytes[at] = (head & 0xe0) | dice.below(32);
      return bytes;
    case 2:
      return joined(bytes.slice(0, at), fromHex(dice.pick(FOREIGN_ITEMS)), bytes.slice(at + 1));
    case 3:
      return joined(bytes.slice(0, at), fromHex(DEEP), bytes.slice(at + 1));
    default: // the same item in a longer form
      return joined(bytes.slice(0, at), Uint8Array.of((head & 0xe0) | 24, head & 31), bytes.slice(at + 1));
  }
}

function headsOf(bytes: Uint8Array, from: number, to: number): number[] {
  const heads: number[] = [];
  let at = from;
  while (at < to) {
    heads.push(at);
    const major = bytes[at]! >> 5;
    const minor = bytes[at]! & 31;
    const size = minor < 24 ? 0 : 1 << (minor - 24);
    let argument = minor < 24 ? minor : 0;
    for (let i = 1; i <= size; i++) argument = argument * 256 + bytes[at + i]!;
    at += 1 + size;
    if (major !== 2 && major !== 3) continue;
    if (major === 2 && treeOf(bytes.slice(at, at + argument)) !== undefined)
      heads.push(...headsOf(bytes, at, at + argument));
    at += argument;
  }
  return heads;
}

function spliced(a: Uint8Array, b: Uint8Array, dice: Dice): Uint8Array {
  return joined(a.slice(0, dice.below(a.length + 1)), b.slice(dice.below(b.length + 1)));
}
