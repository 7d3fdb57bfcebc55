// Changes of decoded values that come out as faultless CBOR: other types, lengths, keys and numbers.
import { decode, encode, type Encodable } from '#core/wire/cbor.ts';
import { EDGES, joined, randomBytes } from './byte-tools.ts';
import type { Dice } from './dice.ts';

/** A decoded value in which byte strings that hold CBOR are decoded too. */
export type Tree =
  null | boolean | number | string | Uint8Array | Tree[] | { readonly nested: Tree } | Map<string, Tree>;

const EDGE_NUMBERS = [0, 1, -1, 23, 24, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1];

export function treeOf(bytes: Uint8Array): Tree | undefined {
  try {
    return toTree(decode(bytes, 'seed', 1_000_000));
  } catch {
    return undefined;
  }
}

function toTree(value: unknown): Tree {
  if (value instanceof Uint8Array) {
    // A list or a map inside a byte string is a structure; a number or text there is chance.
    const inner = value.length > 4 && value[0]! >= 0x80 && value[0]! < 0xc0 ? treeOf(value) : undefined;
    return inner === undefined ? value : { nested: inner };
  }
  if (Array.isArray(value)) return value.map(toTree);
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([key, item]) => [key, toTree(item)]));
  }
  return value as null | boolean | number | string;
}

export function fromTree(tree: Tree): Uint8Array {
  return encode(plain(tree));
}

function plain(tree: Tree): Encodable {
  if (tree instanceof Map) return Object.fromEntries([...tree].map(([key, item]) => [key, plain(item)]));
  if (Array.isArray(tree)) return tree.map(plain);
  if (typeof tree === 'object' && tree !== null && 'nested' in tree) return fromTree(tree.nested);
  return tree as Encodable;
}

/** One change somewhere in a tree, without touching the original. */
export function changeTree(tree: Tree, dice: Dice): Tree {
  if (tree instanceof Map && tree.size > 0)
    return dice.below(5) === 0 ? changeMap(tree, dice) : deeperInMap(tree, dice);
  if (Array.isArray(tree) && tree.length > 0) {
    return dice.below(4) === 0 ? changeList(tree, dice) : deeperInList(tree, dice);
  }
  if (typeof tree === 'object' && tree !== null && 'nested' in tree) {
    return dice.below(8) === 0 ? changeLeaf(fromTree(tree.nested), dice) : { nested: changeTree(tree.nested, dice) };
  }
  return changeLeaf(tree, dice);
}

function deeperInMap(map: Map<string, Tree>, dice: Dice): Tree {
  const key = dice.pick([...map.keys()]);
  return new Map([...map, [key, changeTree(map.get(key)!, dice)]]);
}

function deeperInList(list: readonly Tree[], dice: Dice): Tree {
  const at = dice.below(list.length);
  return list.map((item, i) => (i === at ? changeTree(item, dice) : item));
}

function changeMap(map: Map<string, Tree>, dice: Dice): Tree {
  const keys = [...map.keys()];
  const key = dice.pick(keys);
  const copy = new Map(map);
  switch (dice.below(4)) {
    case 0:
      copy.delete(key);
      return copy;
    case 1:
      return copy.set(dice.pick(['constructor', 'foreign', 'v', 'toString', 'x']), dice.below(3));
    case 2:
      return copy.set(key, copy.get(dice.pick(keys))!);
    default:
      return dice.below(2) === 0 ? [...copy.values()] : otherLeaf(dice);
  }
}

function changeList(list: readonly Tree[], dice: Dice): Tree {
  const at = dice.below(list.length);
  switch (dice.below(5)) {
    case 0:
      return list.filter((_, i) => i !== at);
    case 1:
      return [...list, list[at]!];
    case 2:
      return [...list].reverse();
    case 3:
      return Array.from({ length: dice.pick([0, 9, 33, 300]) }, () => list[at]!);
    default:
      return otherLeaf(dice);
  }
}

function changeLeaf(leaf: Tree, dice: Dice): Tree {
  if (dice.below(4) === 0) return otherLeaf(dice);
  if (typeof leaf === 'number') return dice.below(2) === 0 ? dice.pick(EDGE_NUMBERS) : neighbour(leaf, dice);
  if (typeof leaf === 'string')
    return dice.pick(['', `${leaf}x`, leaf.slice(1), 'x'.repeat(300), '\u0000\u202e\ud83d\ude00']);
  if (leaf instanceof Uint8Array) return changeByteString(leaf, dice);
  return otherLeaf(dice);
}

/** One more or less, within what encodes. */
function neighbour(value: number, dice: Dice): number {
  const next = value + dice.pick([-1, 1]);
  return Number.isSafeInteger(next) ? next : 0;
}

function changeByteString(bytes: Uint8Array, dice: Dice): Uint8Array {
  switch (dice.below(4)) {
    case 0:
      return bytes.slice(0, dice.below(bytes.length + 1));
    case 1:
      return joined(bytes, randomBytes(1 + dice.below(3), dice));
    case 2:
      return bytes.map((byte, i) => (i === 0 ? dice.pick(EDGES) : byte));
    default:
      return bytes.map((byte) => (dice.below(16) === 0 ? dice.below(256) : byte));
  }
}

function otherLeaf(dice: Dice): Tree {
  return dice.pick<Tree>([
    null,
    true,
    false,
    0,
    -1,
    2 ** 53 - 1,
    '',
    'chat',
    new Uint8Array(0),
    new Uint8Array(32),
    [],
  ]);
}
