import { fc, testProp } from '@fast-check/ava';
import { UpperBlocks } from './upper-blocks.ts';

const BLOCKS_MAX = 40;

testProp(
  'no block is ever in two runs, and what was given back is used again',
  [fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.boolean()), { maxLength: 200 })],
  (t, steps) => {
    const blocks = new UpperBlocks();
    const runs: [start: number, length: number][] = [];
    const owned = new Uint8Array(BLOCKS_MAX);
    for (const [length, isTaking] of steps) {
      const given = isTaking ? undefined : runs.shift();
      if (given !== undefined) {
        owned.fill(0, given[0], given[0] + given[1]);
        blocks.give(...given);
      }
      const start = isTaking ? blocks.take(length, BLOCKS_MAX) : -1;
      if (start < 0) continue;
      t.true(start + length <= BLOCKS_MAX);
      t.true(owned.subarray(start, start + length).every((owner) => owner === 0));
      owned.fill(1, start, start + length);
      runs.push([start, length]);
    }
    blocks.restore(owned.subarray(0, blocks.used));
    for (
      let left = owned.subarray(0, blocks.used).filter((x) => x === 0).length;
      left > 0;
      left--
    ) {
      t.true(blocks.take(1, blocks.used) >= 0);
    }
    t.is(blocks.take(1, blocks.used), -1);
  },
  { seed: 107, numRuns: 200 },
);
