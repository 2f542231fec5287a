import { fc, testProp } from '@fast-check/ava';
import { DEFAULT_COST_MODEL } from './default-cost-model.ts';
import { freeDistances, walkDistances, walkTerms } from './walk-distances.ts';

const rows = fc.integer({ min: 1, max: 16_000_000 });
const width = fc.double({ min: 1, max: 16_000_000, noNaN: true });

testProp(
  'a wider beam and more rows make a walk longer, and none passes the rows',
  [rows, width, fc.double({ min: 1, max: 10, noNaN: true })],
  (t, size, narrow, factor) => {
    const distances = walkDistances(narrow, size, DEFAULT_COST_MODEL);
    t.true(distances > 0 && distances <= size * (1 + 1e-9));
    const rounded = distances * (1 - 1e-9);
    t.true(walkDistances(narrow * factor, size, DEFAULT_COST_MODEL) >= rounded);
    const larger = Math.round(size * factor);
    t.true(walkDistances(narrow, larger, DEFAULT_COST_MODEL) >= rounded);
  },
  { seed: 81, numRuns: 300 },
);

testProp(
  'what is fitted is what was predicted, where the rows leave something to tell',
  [fc.integer({ min: 1, max: 30_000 }), width],
  (t, size, beam) => {
    const distances = walkDistances(beam, size, DEFAULT_COST_MODEL);
    const free = freeDistances(distances, size);
    if (Number.isNaN(free)) return t.true(distances > 0.8 * size);
    const [logC = 0, p = 0, q = 0] = DEFAULT_COST_MODEL.walk;
    const [, logWidth = 0, logRows = 0] = walkTerms(beam, size);
    const expected = logC + p * logWidth + q * logRows;
    t.true(Math.abs(Math.log(free) - expected) < 1e-6);
  },
  { seed: 82, numRuns: 300 },
);
