import test from 'ava';
import { clusteredRows, rowOf } from '../sample-vectors.ts';
import { CodeScan } from './code-scan.ts';
import { createCodec } from './create-codec.ts';

const ROWS = 20;

/** Errors of the estimated inner products of one query, `[row][rotation]`. */
function errorsOf(dimension: number, queryBits: 4 | 8, rotations: number): number[][] {
  const rows = clusteredRows(6, ROWS, dimension, 4);
  const query = rowOf(clusteredRows(8, ROWS, dimension, 4), dimension, 3);
  const base = { metric: 'dot', dimension } as const;
  const exact = new CodeScan(createCodec({ ...base, vectorType: 'f32' }), rows);
  const truth = Array.from(exact.rank(query), (key) => exact.codec.distanceOfKey(key));
  const errors = truth.map((): number[] => []);
  for (let seed = 0; seed < rotations; seed++) {
    const codec = createCodec({ ...base, vectorType: 'rabitq', queryBits, seed }, rows);
    for (const [row, key] of new CodeScan(codec, rows).rank(query).entries()) {
      errors[row]?.push(codec.distanceOfKey(key) - (truth[row] as number));
    }
  }
  return errors;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map((x) => x * x)));

for (const queryBits of [4, 8] as const) {
  test(`over many rotations no estimate leans to a side, with ${queryBits} bits of query`, (t) => {
    const rotations = 300;
    for (const dimension of [100, 150]) {
      for (const errors of errorsOf(dimension, queryBits, rotations)) {
        t.true(Math.abs(mean(errors)) <= (4 * deviation(errors)) / Math.sqrt(rotations));
      }
    }
  });
}

test('beside the lengths of the vectors the error falls as the root of the dimension', (t) => {
  // Both lengths grow as the root, so their product grows as the dimension.
  const [few, many] = [64, 1_024].map(
    (dimension) => deviation(errorsOf(dimension, 8, 10).flat()) / dimension,
  ) as [number, number];
  t.true(few / many > 3 && few / many < 5.5, `${few / many}`);
});
