// The Merkle tree hash and audit paths of RFC 6962 §2.1, with SHA3-256, over leaves that are hashed
// already.

import { createHash } from 'node:crypto';

/** Root over leaf hashes, each 32 bytes; the empty list has the hash of nothing. */
export function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return createHash('sha3-256').digest();
  if (leaves.length === 1) return first;
  const split = splitOf(leaves.length);
  return nodeOf(treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

/** Every leaf's sibling hashes from the leaf to the root, `[leaves][≤ ⌈log2 leaves⌉]`. */
export function auditPaths(leaves: readonly Uint8Array[]): Uint8Array[][] {
  if (leaves.length <= 1) return leaves.map(() => []);
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  const [leftRoot, rightRoot] = [treeHash(left), treeHash(right)];
  return [
    ...auditPaths(left).map((path) => [...path, rightRoot]),
    ...auditPaths(right).map((path) => [...path, leftRoot]),
  ];
}

/**
 * The root that a leaf and its path give in a tree of `size` leaves; undefined when the path has
 * another length than the leaf's place asks for.
 */
export function rootOfPath(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!(index >= 0 && index < size)) return undefined;
  if (size === 1) return path.length === 0 ? leaf : undefined;
  const sibling = path.at(-1);
  if (sibling === undefined || sibling.byteLength !== leaf.byteLength) return undefined;
  const split = splitOf(size);
  const below = path.slice(0, -1);
  if (index < split) {
    const left = rootOfPath(leaf, index, split, below);
    return left === undefined ? undefined : nodeOf(left, sibling);
  }
  const right = rootOfPath(leaf, index - split, size - split, below);
  return right === undefined ? undefined : nodeOf(sibling, right);
}

const NODE_PREFIX = Uint8Array.of(1);

/** The largest power of two below `size`. */
function splitOf(size: number): number {
  return 2 ** Math.floor(Math.log2(size - 1));
}

function nodeOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha3-256').update(NODE_PREFIX).update(left).update(right).digest();
}
