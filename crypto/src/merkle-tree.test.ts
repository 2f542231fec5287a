import test from 'ava';
import fc from 'fast-check';
import { leafOf } from './merkle-root.ts';
import { auditTree, rootOfPath, treeHash } from './merkle-tree.ts';

const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, i) => leafOf(Uint8Array.of(i & 255, i >> 8)));

test('every path leads from its leaf to the root', (t) => {
  for (const size of [1, 2, 3, 4, 5, 7, 8, 9, 33, 99, 100]) {
    const leaves = leavesOf(size);
    const root = treeHash(leaves);
    t.deepEqual(auditTree(leaves).root, root);
    for (const [i, path] of auditTree(leaves).paths.entries()) {
      const leaf = leaves[i] ?? new Uint8Array();
      t.deepEqual(rootOfPath(leaf, i, size, path), root, `${i} of ${size}`);
    }
  }
});

test('another leaf, place, size or path does not lead there', (t) => {
  const sizes = fc.integer({ min: 2, max: 40 });
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), (size, a, b) => {
      const leaves = leavesOf(size);
      const root = Buffer.from(treeHash(leaves));
      const index = a % size;
      const other = (index + 1 + (b % (size - 1))) % size;
      const path = auditTree(leaves).paths[index] ?? [];
      const leaf = leaves[index] ?? new Uint8Array();
      const wrong = leaves[other] ?? new Uint8Array();
      const isRoot = (found: Uint8Array | undefined) => found !== undefined && root.equals(found);
      t.false(isRoot(rootOfPath(wrong, index, size, path)));
      t.false(isRoot(rootOfPath(leaf, other, size, path)));
      t.false(isRoot(rootOfPath(leaf, index, size, path.slice(1))));
      t.false(isRoot(rootOfPath(leaf, index, size, [...path, root])));
      t.is(rootOfPath(leaf, size, size, path), undefined);
    }),
    { numRuns: 200 },
  );
});
