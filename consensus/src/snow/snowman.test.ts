import type { Digest } from '@starling/shared';
import test from 'ava';
import { Bag } from './bag.ts';
import { digestOf } from './digest-fixture.ts';
import { DEFAULT_SNOW_PARAMETERS, instanceRules, instancesOf } from './parameters.ts';
import { Snowman, type SnowmanBlock } from './snowman.ts';

const GENESIS: SnowmanBlock = { id: digestOf(0xf0), parent: digestOf(0), height: 0 };

function chain(beta: number, alpha = 1): Snowman {
  const alphas = { alphaPreference: alpha, alphaConfidence: alpha };
  const rules = instanceRules({ ...DEFAULT_SNOW_PARAMETERS, ...alphas, beta });
  const start = instancesOf('snowflake', rules);
  return new Snowman({ alphaPreference: alpha, start }, GENESIS);
}

function child(parent: SnowmanBlock, firstByte: number): SnowmanBlock {
  return { id: digestOf(firstByte), parent: parent.id, height: parent.height + 1 };
}

function vote(snowman: Snowman, ...blocks: readonly SnowmanBlock[]) {
  return snowman.recordPoll(Bag.of(...blocks.map(({ id }) => id)));
}

const idsOf = (...blocks: readonly SnowmanBlock[]): Digest[] => blocks.map(({ id }) => id);

test('a block is accepted after beta polls', (t) => {
  const snowman = chain(2);
  const block = child(GENESIS, 1);
  t.is(snowman.add(block), 'added');
  t.is(snowman.preference, block.id);
  t.true(snowman.isPreferred(block.id));
  t.deepEqual(vote(snowman, block), { accepted: [], rejected: [], successful: true });
  t.is(snowman.processing, 1);
  t.deepEqual(vote(snowman, block).accepted, [block.id]);
  t.is(snowman.processing, 0);
  t.is(snowman.lastAccepted, block);
  t.is(snowman.preference, block.id);
});

test('accepting a block rejects its sibling', (t) => {
  const snowman = chain(2);
  const [first, second] = [child(GENESIS, 1), child(GENESIS, 2)];
  snowman.add(first);
  snowman.add(second);
  vote(snowman, first);
  t.is(snowman.processing, 2);
  t.deepEqual(vote(snowman, first), {
    accepted: [first.id],
    rejected: [second.id],
    successful: true,
  });
});

test('a split vote decides the bits that the blocks share, then nothing more', (t) => {
  const snowman = chain(1, 2);
  const [first, second] = [child(GENESIS, 0b01), child(GENESIS, 0b11)];
  snowman.add(first);
  snowman.add(second);
  t.true(vote(snowman, first, second).successful);
  t.is(snowman.preference, first.id);
  t.is(snowman.processing, 2);
  t.false(vote(snowman, first, second).successful);
  t.is(snowman.preference, first.id);
  t.is(snowman.processing, 2);
});

test('a poll with nothing to decide changes nothing', (t) => {
  const snowman = chain(1);
  t.deepEqual(vote(snowman, GENESIS), { accepted: [], rejected: [], successful: false });
  t.is(snowman.preference, GENESIS.id);
});

test('descendants of a rejected block are rejected with it', (t) => {
  const snowman = chain(1);
  const [block0, block1] = [child(GENESIS, 2), child(GENESIS, 1)];
  const block2 = child(block1, 3);
  for (const block of [block0, block1, block2]) snowman.add(block);
  t.deepEqual(vote(snowman, block0), {
    accepted: [block0.id],
    rejected: idsOf(block1, block2),
    successful: true,
  });
  t.is(snowman.processing, 0);
});

test('an empty poll costs all the chain its confidence', (t) => {
  const snowman = chain(2);
  const [block0, block1] = [child(GENESIS, 2), child(GENESIS, 1)];
  const [block2, block3] = [child(block1, 4), child(block1, 5)];
  for (const block of [block0, block1, block2, block3]) snowman.add(block);
  for (const votes of [[block2], [], [block2]]) {
    vote(snowman, ...votes);
    t.is(snowman.processing, 4);
    t.is(snowman.preference, block2.id);
  }
  t.deepEqual(vote(snowman, block3), {
    accepted: [block1.id],
    rejected: [block0.id],
    successful: true,
  });
  t.is(snowman.preference, block3.id);
  t.deepEqual(vote(snowman, block3), {
    accepted: [block3.id],
    rejected: [block2.id],
    successful: true,
  });
});

test('a vote for an unknown block counts for nothing and breaks the row', (t) => {
  const snowman = chain(2);
  const block = child(GENESIS, 1);
  snowman.add(block);
  vote(snowman, block);
  t.false(vote(snowman, child(GENESIS, 9)).successful);
  vote(snowman, block);
  t.is(snowman.processing, 1);
  t.is(snowman.preference, block.id);
});

test('votes for different descendants are votes for their common ancestor', (t) => {
  const snowman = chain(1, 3);
  const block0 = child(GENESIS, 1);
  const [block1, block3] = [child(block0, 2), child(block0, 3)];
  const [block2, block4] = [child(block1, 4), child(block3, 5)];
  for (const block of [block0, block1, block2, block3, block4]) snowman.add(block);
  t.deepEqual(vote(snowman, block0, block2, block4).accepted, [block0.id]);
  t.is(snowman.processing, 4);
  t.is(snowman.preference, block2.id);
  const { accepted, rejected } = vote(snowman, block2, block2, block2);
  t.deepEqual(accepted, idsOf(block1, block2));
  t.deepEqual([...rejected].sort(), idsOf(block3, block4).sort());
  t.is(snowman.processing, 0);
});

test('one poll may accept several blocks in a row', (t) => {
  const snowman = chain(1, 2);
  const block1 = child(GENESIS, 1);
  const block2 = child(block1, 2);
  const block3 = child(block2, 3);
  for (const block of [block1, block2, block3]) snowman.add(block);
  t.deepEqual(vote(snowman, block2, block3, block3).accepted, idsOf(block1, block2, block3));
});

test('a block on bits that were decided against stays undecided and is never accepted', (t) => {
  const snowman = chain(1, 2);
  const [block0, block1, block2] = [0x06, 0x08, 0x01].map((byte) => child(GENESIS, byte));
  if (block0 === undefined || block1 === undefined || block2 === undefined) return t.fail();
  const block3 = child(block2, 0x10);
  snowman.add(block0);
  snowman.add(block1);
  vote(snowman, block0, block1);
  snowman.add(block2);
  snowman.add(block3);
  t.is(snowman.preference, block0.id);
  // Block 3 is voted for, but its parent lost the first bit before it came.
  const { accepted, rejected } = vote(snowman, block3, block3);
  t.deepEqual([accepted, rejected], [[], []]);
  t.is(snowman.processing, 4);
  t.is(snowman.preference, block0.id);
});

test('the preferred branch changes as a whole, at every height', (t) => {
  const snowman = chain(10);
  const [a1, b1] = [child(GENESIS, 1), child(GENESIS, 2)];
  const [a2, b2] = [child(a1, 3), child(b1, 4)];
  for (const block of [a1, a2, b1, b2]) snowman.add(block);
  const prefers = (...branch: readonly [SnowmanBlock, SnowmanBlock]) => {
    const [, tip] = branch;
    t.is(snowman.preference, tip.id);
    for (const block of [a1, a2, b1, b2]) {
      t.is(snowman.isPreferred(block.id), branch.includes(block));
    }
    t.deepEqual(
      [1, 2].map((height) => snowman.preferenceAtHeight(height)),
      idsOf(...branch),
    );
  };
  prefers(a1, a2);
  vote(snowman, b2);
  prefers(b1, b2);
  vote(snowman, a1);
  vote(snowman, a1);
  prefers(a1, a2);
  t.is(snowman.preferenceAtHeight(0), GENESIS.id);
  t.is(snowman.preferenceAtHeight(3), undefined);
});

test('blocks are accepted in order of height, each after beta polls of its own', (t) => {
  const snowman = chain(2);
  const block0 = child(GENESIS, 1);
  const [block1, rival] = [child(block0, 2), child(block0, 3)];
  const block2 = child(block1, 4);
  for (const block of [block0, block1, rival, block2]) snowman.add(block);
  const accepted = [block0, block1, block1, block2, block2].map((block) => {
    vote(snowman, block);
    return snowman.lastAccepted.height;
  });
  t.deepEqual(accepted, [0, 1, 2, 2, 3]);
});

test('blocks that do not fit are named for what they are and change nothing', (t) => {
  const snowman = chain(1);
  const block = child(GENESIS, 1);
  snowman.add(block);
  t.is(snowman.add(block), 'duplicate');
  t.is(snowman.add(GENESIS), 'duplicate');
  t.is(snowman.add(child(child(GENESIS, 8), 9)), 'unknown-parent');
  t.is(snowman.add({ ...child(block, 2), height: 7 }), 'wrong-height');
  vote(snowman, block);
  t.is(snowman.add(child(GENESIS, 3)), 'decided');
  t.is(snowman.processing, 0);
});

test('parents are told for undecided blocks only', (t) => {
  const snowman = chain(1);
  const block = child(GENESIS, 1);
  snowman.add(block);
  t.is(snowman.parentOf(block.id), GENESIS.id);
  t.is(snowman.parentOf(GENESIS.id), undefined);
  vote(snowman, block);
  t.is(snowman.parentOf(block.id), undefined);
  t.false(snowman.isProcessing(block.id));
});
