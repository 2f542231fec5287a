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

export interface AuditTree {
  readonly root: Uint8Array;
  /** Every leaf's sibling hashes from the leaf to the root, `[leaves][≤ ⌈log2 leaves⌉]`. */
  readonly paths: readonly (readonly Uint8Array[])[];
}

/** The tree hash of at least one leaf with the paths of all, each node hashed once. */
export function auditTree(leaves: readonly Uint8Array[]): AuditTree {
  const [first] = leaves;
  if (first === undefined) throw new RangeError('a tree without leaves has no paths');
  const paths: Uint8Array[][] = leaves.map(() => []);
  return { root: growPaths(leaves, paths), paths };
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

/** Prefix and two hashes; they are public. */
const NODE = Uint8Array.of(1, ...new Uint8Array(64));

/** Root of the leaves; appends each one's siblings up to it. */
function growPaths(leaves: readonly Uint8Array[], paths: readonly Uint8Array[][]): Uint8Array {
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  const split = splitOf(leaves.length);
  const left = growPaths(leaves.slice(0, split), paths.slice(0, split));
  const right = growPaths(leaves.slice(split), paths.slice(split));
  for (const [i, path] of paths.entries()) path.push(i < split ? right : left);
  return nodeOf(left, right);
}

/** The largest power of two below `size`. */
function splitOf(size: number): number {
  return 2 ** Math.floor(Math.log2(size - 1));
}

function nodeOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  NODE.set(left, 1);
  NODE.set(right, 33);
  return createHash('sha3-256').update(NODE).digest();
}
