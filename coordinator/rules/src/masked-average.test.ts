import type { DecodedSum } from '@starling/crypto';
import test from 'ava';
import { isSameStatistics, maskedAverage, sumStatistics } from './masked-average.ts';

function group(mean: readonly number[], weight: number, changes: Partial<DecodedSum> = {}) {
  const statistics = { lossFirst: 2, lossLast: 1, clippedFraction: 0 };
  return { mean: Float64Array.from(mean), weight, ...statistics, ...changes };
}

test('the model moves by the mean of the groups, weighted by their examples', (t) => {
  const base = Float32Array.of(1, 2);
  t.deepEqual(maskedAverage(base, [group([1, -1], 3)]), Float32Array.of(2, 1));
  const two = [group([1, 0], 3), group([5, 4], 1)];
  t.deepEqual(maskedAverage(base, two), Float32Array.of(3, 3));
});

test('no group, or one of another length, is no average', (t) => {
  t.throws(() => maskedAverage(Float32Array.of(1), []), { code: 'no-updates' });
  const long = [group([1, 2], 1)];
  t.throws(() => maskedAverage(Float32Array.of(1), long), { code: 'invalid-options' });
});

test('statistics are means over all examples, and one that is no loss counts as none', (t) => {
  const told = sumStatistics([
    group([0], 3, { clippedFraction: 0.5 }),
    group([0], 1, { lossFirst: 6, lossLast: -9 }),
  ]);
  t.deepEqual(told, {
    clippedMicros: 375_000,
    examples: 4,
    lossFirstMicros: 3_000_000,
    lossLastMicros: 0,
  });
  t.true(isSameStatistics(told, { ...told }));
  t.false(isSameStatistics(told, { ...told, examples: 5 }));
  t.false(isSameStatistics(told, null));
});
