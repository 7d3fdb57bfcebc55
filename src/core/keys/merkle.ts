// A Merkle tree over the wraps of a rotation: the op holds the root only, and a wrong wrap can be shown (keys/SPEC.md §5).

import { equal, type Bytes } from '../bytes/bytes.ts';
import { hash } from '../crypto/hash.ts';

/** Leaves and nodes have labels of their own, so that neither passes for the other (as in RFC 9162 §2.1). */
export function leafOf(sealedWrap: Uint8Array): Bytes {
  return hash('wrapLeaf', sealedWrap);
}

function nodeOf(left: Uint8Array, right: Uint8Array): Bytes {
  return hash('wrapNode', left, right);
}

export interface MerkleTree {
  readonly root: Bytes;
  /** For each leaf its siblings from the bottom up; a level at which it has none is left out. */
  readonly paths: readonly (readonly Bytes[])[];
}

/** A tree over at least one leaf. An odd last node moves up unchanged. */
export function merkleTree(leaves: readonly Bytes[]): MerkleTree {
  const paths: Bytes[][] = leaves.map(() => []);
  let level: readonly Bytes[] = leaves;
  for (let height = 0; level.length > 1; height++) {
    for (const [index, path] of paths.entries()) {
      const sibling = level[(index >> height) ^ 1];
      if (sibling !== undefined) path.push(sibling);
    }
    level = parentsOf(level);
  }
  if (level[0] === undefined) throw new Error('a tree needs a leaf');
  return { root: level[0], paths };
}

function parentsOf(level: readonly Bytes[]): readonly Bytes[] {
  const parents: Bytes[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const [left, right] = [level[i]!, level[i + 1]];
    parents.push(right === undefined ? left : nodeOf(left, right));
  }
  return parents;
}

/** Where a leaf stands: its index, of how many, and its path. */
export interface LeafPlace {
  readonly index: number;
  readonly count: number;
  readonly path: readonly Bytes[];
}

export function isUnderRoot(leaf: Uint8Array, { index, count, path }: LeafPlace, root: Uint8Array): boolean {
  if (index >= count) return false;
  let node = leaf;
  let used = 0;
  let at = index;
  for (let width = count; width > 1; width = Math.ceil(width / 2)) {
    if ((at ^ 1) < width) {
      const sibling = path[used++];
      if (sibling === undefined) return false;
      node = at % 2 === 0 ? nodeOf(node, sibling) : nodeOf(sibling, node);
    }
    at >>= 1;
  }
  return used === path.length && equal(node, root);
}
