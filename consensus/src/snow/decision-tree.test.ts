import test from 'ava';
import { poll, treeOf } from './decision-tree-fixture.ts';
import { BLUE, digestOf, GREEN, RED } from './digest-fixture.ts';

test('a single choice is final after beta polls in a row and stays it', (t) => {
  const tree = treeOf(2, [RED]);
  t.true(poll(tree, RED));
  t.false(poll(tree));
  t.true(poll(tree, RED));
  t.false(tree.finalized);
  t.true(poll(tree, RED));
  t.true(tree.finalized);
  tree.add(BLUE);
  poll(tree, BLUE);
  t.is(tree.preference, RED);
  t.true(tree.finalized);
});

test('a poll that never reached the tree breaks the row', (t) => {
  const tree = treeOf(3, [RED]);
  poll(tree, RED);
  tree.recordUnsuccessfulPoll();
  poll(tree, RED);
  poll(tree, RED);
  t.false(tree.finalized);
  poll(tree, RED);
  t.true(tree.finalized);
});

test('of two choices the one with more polls is preferred, beta in a row decide', (t) => {
  const tree = treeOf(2, [RED, BLUE]);
  const expected = [
    [BLUE, BLUE, false],
    [RED, BLUE, false],
    [BLUE, BLUE, false],
    [BLUE, BLUE, true],
  ] as const;
  for (const [vote, preference, finalized] of expected) {
    t.true(poll(tree, vote));
    t.is(tree.preference, preference);
    t.is(tree.finalized, finalized);
  }
});

test('a vote can make a third choice preferred: bits are decided one by one', (t) => {
  // Green and blue share their first bit, red parts from both there.
  const tree = treeOf(2, [GREEN, RED, BLUE]);
  const expected = [
    [RED, true, RED],
    [BLUE, true, RED],
    [GREEN, true, BLUE],
    [RED, false, BLUE],
    [GREEN, true, GREEN],
  ] as const;
  t.is(tree.preference, GREEN);
  for (const [vote, successful, preference] of expected) {
    t.is(poll(tree, vote), successful);
    t.is(tree.preference, preference);
    t.false(tree.finalized);
  }
});

test('votes for a choice that was ruled out count for nothing', (t) => {
  const [yellow, cyan, magenta] = [digestOf(0x01), digestOf(0x02), digestOf(0x03)];
  const tree = treeOf(2, [yellow, cyan, magenta]);
  t.true(poll(tree, yellow));
  t.true(poll(tree, magenta));
  t.false(poll(tree, cyan));
  t.false(poll(tree, cyan));
  t.is(tree.preference, yellow);
  t.false(tree.finalized);
});

test('alphaPreference wins strength but no confidence, for two choices', (t) => {
  const tree = treeOf(2, [RED, BLUE], [2, 3]);
  const expected = [
    [[BLUE, BLUE, BLUE], BLUE, false],
    [[RED, RED], BLUE, false],
    [[RED, RED, RED], RED, false],
    [[RED, RED, RED], RED, true],
  ] as const;
  for (const [votes, preference, finalized] of expected) {
    t.true(poll(tree, ...votes));
    t.is(tree.preference, preference);
    t.is(tree.finalized, finalized);
  }
});

test('strength won alone is kept when a second choice comes', (t) => {
  const tree = treeOf(2, [RED], [2, 3]);
  t.true(poll(tree, RED, RED));
  tree.add(BLUE);
  t.true(poll(tree, BLUE, BLUE, BLUE));
  t.is(tree.preference, RED);
  t.true(poll(tree, BLUE, BLUE, BLUE));
  t.is(tree.preference, BLUE);
  t.true(tree.finalized);
});

test('votes for different choices help each other on the bits they share', (t) => {
  const [c0000, c0100, c1000] = [digestOf(0x00), digestOf(0x02), digestOf(0x01)];
  const tree = treeOf(1, [c1000, c0000, c0100], [2, 2]);
  t.true(poll(tree, c0000, c0100));
  t.not(tree.preference, c1000);
  t.false(poll(tree, c1000, c1000));
  t.true(poll(tree, c0100, c0100));
  t.is(tree.preference, c0100);
  t.true(tree.finalized);
});
