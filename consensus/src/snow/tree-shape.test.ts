// How the tree splits, passes votes on and forgets confidence, node by node.

import type { Digest } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { drawn, poll, treeOf } from './decision-tree-fixture.ts';
import { digestOf } from './digest-fixture.ts';

const c0000 = digestOf(0x00);
const c1000 = digestOf(0x01);
const c0100 = digestOf(0x02);
const c1100 = digestOf(0x03);
const c0010 = digestOf(0x04);
const c0110 = digestOf(0x06);
const c0001 = digestOf(0x08);
const FRESH = 'won 0 row 0';

test('one choice is one range over all bits, added twice as well', (t) => {
  const tree = treeOf(3, [c0000, c0000]);
  t.deepEqual(drawn(tree), [`[0,256) ${FRESH}`]);
});

test('split at the last bit: nothing is left below it', (t) => {
  const last = `${'0'.repeat(62)}80` as Digest;
  const tree = treeOf(2, [c0000, last, last]);
  t.deepEqual(drawn(tree), [`[0,255) ${FRESH}`, '  bit 255 prefers 0 won 0:0 row 0']);
  t.true(poll(tree, last));
  t.deepEqual(drawn(tree), ['[0,255) won 1 row 1', '  bit 255 prefers 1 won 0:1 row 1']);
  t.true(poll(tree, last));
  t.deepEqual(drawn(tree), ['bit 255 prefers 1 won 0:2 row 2 final']);
  t.is(tree.preference, last);
});

test('split at the first bit: no range is left before it', (t) => {
  const tree = treeOf(2, [c0000, c1000]);
  const below = `  [1,256) ${FRESH}`;
  t.deepEqual(drawn(tree), ['bit 0 prefers 0 won 0:0 row 0', below, below]);
  t.true(poll(tree, c1000));
  t.deepEqual(drawn(tree), ['bit 0 prefers 1 won 0:1 row 1', below, '  [1,256) won 1 row 1']);
  t.true(poll(tree, c1000));
  t.deepEqual(drawn(tree), ['[1,256) won 2 row 2 final']);
});

test('split within: a range before, the bit, and a range behind on both sides', (t) => {
  const tree = treeOf(2, [c0000, c0010]);
  t.deepEqual(drawn(tree), [
    `[0,2) ${FRESH}`,
    '  bit 2 prefers 0 won 0:0 row 0',
    `    [3,256) ${FRESH}`,
    `    [3,256) ${FRESH}`,
  ]);
});

test('split of a range of one bit: the bit alone takes its place', (t) => {
  const tree = treeOf(2, [c0000, c1000, c0010, c0100]);
  const leaf = `[3,256) ${FRESH}`;
  t.deepEqual(drawn(tree), [
    'bit 0 prefers 0 won 0:0 row 0',
    '  bit 1 prefers 0 won 0:0 row 0',
    '    bit 2 prefers 0 won 0:0 row 0',
    `      ${leaf}`,
    `      ${leaf}`,
    `    [2,256) ${FRESH}`,
    `  [1,256) ${FRESH}`,
  ]);
});

test('no split: a choice that agrees with a range goes on to the node below', (t) => {
  const tree = treeOf(2, [c0000, c0010, c0001]);
  t.deepEqual(drawn(tree), [
    `[0,2) ${FRESH}`,
    '  bit 2 prefers 0 won 0:0 row 0',
    '    bit 3 prefers 0 won 0:0 row 0',
    `      [4,256) ${FRESH}`,
    `      [4,256) ${FRESH}`,
    `    [3,256) ${FRESH}`,
  ]);
});

test('both sides of a split keep what the range had won', (t) => {
  const tree = treeOf(3, [c0000]);
  poll(tree, c0000);
  poll(tree, c0000);
  tree.add(c0010);
  t.deepEqual(drawn(tree), [
    '[0,2) won 2 row 2',
    '  bit 2 prefers 0 won 2:0 row 2',
    '    [3,256) won 2 row 2',
    `    [3,256) ${FRESH}`,
  ]);
});

test('a branch decided against takes in nothing more', (t) => {
  const tree = treeOf(2, [c0000, c1000, c1100]);
  t.true(poll(tree, c1000));
  t.is(tree.preference, c1000);
  t.true(poll(tree, c1100));
  const decided = [
    'bit 1 prefers 0 won 1:1 row 1',
    '  [2,256) won 1 row 1',
    '  [2,256) won 1 row 1',
  ];
  t.deepEqual(drawn(tree), decided);
  t.is(tree.preference, c1000);
  tree.add(c0110);
  t.deepEqual(drawn(tree), decided);
});

test('a range decided against takes in nothing more', (t) => {
  const tree = treeOf(2, [c0000, c0100]);
  poll(tree, c0000);
  poll(tree, c0100);
  const decided = drawn(tree);
  t.is(decided[0], 'bit 1 prefers 0 won 1:1 row 1');
  tree.add(c1000);
  t.deepEqual(drawn(tree), decided);
});

test('a poll decides shared bits for all of the branch and moves on below them', (t) => {
  const tree = treeOf(2, [c0000, c1100, c1000, c0010]);
  poll(tree, c0000);
  t.deepEqual(drawn(tree), [
    'bit 0 prefers 0 won 1:0 row 1',
    '  [1,2) won 1 row 1',
    '    bit 2 prefers 0 won 1:0 row 1',
    '      [3,256) won 1 row 1',
    `      [3,256) ${FRESH}`,
    '  bit 1 prefers 1 won 0:0 row 0',
    `    [2,256) ${FRESH}`,
    `    [2,256) ${FRESH}`,
  ]);
  poll(tree, c0010);
  t.deepEqual(drawn(tree), [
    'bit 2 prefers 0 won 1:1 row 1',
    '  [3,256) won 1 row 1',
    '  [3,256) won 1 row 1',
  ]);
  t.is(tree.preference, c0000);
  poll(tree, c0010);
  t.deepEqual(drawn(tree), ['[3,256) won 2 row 2 final']);
  t.is(tree.preference, c0010);
});

test('a failed poll costs the root its confidence at once and those below on the next visit', (t) => {
  const tree = treeOf(2, [c0000, c0100, c0001]);
  poll(tree, c0000);
  t.false(poll(tree));
  t.deepEqual(drawn(tree).slice(0, 4), [
    '[0,1) won 1 row 0',
    '  bit 1 prefers 0 won 1:0 row 1',
    '    [2,3) won 1 row 1',
    '      bit 3 prefers 0 won 1:0 row 1',
  ]);
  poll(tree, c0000);
  t.deepEqual(drawn(tree).slice(0, 4), [
    '[0,1) won 2 row 1',
    '  bit 1 prefers 0 won 2:0 row 1',
    '    [2,3) won 2 row 1',
    '      bit 3 prefers 0 won 2:0 row 1',
  ]);
  poll(tree, c0000);
  t.deepEqual(drawn(tree), ['[4,256) won 3 row 2 final']);
});

test('a poll for one side costs the other side its confidence', (t) => {
  const tree = treeOf(2, [c0000, c0100, c1000]);
  poll(tree, c0100);
  poll(tree, c1000);
  t.is(tree.preference, c0100);
  poll(tree, c0100);
  t.deepEqual(drawn(tree), [
    'bit 0 prefers 0 won 2:1 row 1',
    '  bit 1 prefers 1 won 0:2 row 1',
    `    [2,256) ${FRESH}`,
    '    [2,256) won 2 row 1',
    '  [1,256) won 1 row 1',
  ]);
});

test('the order in which choices come does not change the shape', (t) => {
  const bytes = fc.uniqueArray(fc.nat(255), { minLength: 2, maxLength: 12 });
  const shapeOf = (choices: readonly number[]) => {
    const [first = c0000, ...others] = choices.map(digestOf);
    return drawn(treeOf(3, [first, ...others])).map((line) => line.replace(/ prefers \d/, ''));
  };
  fc.assert(
    fc.property(bytes, fc.nat(), (choices, turn) => {
      const from = turn % choices.length;
      const turned = [...choices.slice(from), ...choices.slice(0, from)];
      t.deepEqual(shapeOf(turned).sort(), shapeOf(choices).sort());
    }),
    { numRuns: 300 },
  );
});
