import { HnswIndex } from '@starling/index';
import test from 'ava';
import { type AbleIndex, indexBytes, openPool } from './starling-abilities.ts';

test('an index that tells its bytes is charged for all but the working memory of searches', (t) => {
  const index: AbleIndex = Object.assign(new HnswIndex({ dimension: 1 }), {
    memoryUsage: () => ({ capacity: 9, codes: 100, links: 20, ids: 3, scratch: 5_000 }),
  });
  t.is(indexBytes(index), 123);
});

test('an index that cannot build with several threads opens no pool', (t) => {
  const index: AbleIndex = Object.assign(new HnswIndex({ dimension: 1 }), {
    insertBatchParallel: undefined as never,
  });
  t.is(openPool(index, 2), undefined);
});
