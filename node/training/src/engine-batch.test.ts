// The dense part on ONNX Runtime against the built-in one, which central differences check.
import test from 'ava';
import { ContrastiveBatch } from './contrastive-batch.ts';
import { type EncoderShape, initialParameters } from './encoder.ts';
import { openSession } from './engine/session.ts';
import { EngineBatch } from './engine-batch.ts';
import { hashTexts } from './hashing-features.ts';
import type { PairBatch } from './pair-batch.ts';
import { pairLossGraph } from './pair-loss-graph.ts';

const SHAPE: EncoderShape = { buckets: 64, dimension: 8 };
const parameters = initialParameters(SHAPE, 3);
/** With equal queries, equal answers and a query without words. */
const pairs = {
  queries: hashTexts(['heron nest', 'wren song', 'heron nest', 'kite', '', 'swift'], SHAPE.buckets),
  answers: hashTexts(['reeds', 'hedge', 'ponds', 'hedge', 'field', 'tower'], SHAPE.buckets),
};
const size = pairs.queries.rows;
const order = Int32Array.from({ length: size }, (_, i) => size - 1 - i);

/** The gradient of every touched table row, one after the other. */
function tableGradient({ columns, gradient }: PairBatch): Map<number, Float64Array> {
  return new Map(
    Array.from({ length: columns.touched }, (_, t) => {
      const row = new Float64Array(SHAPE.dimension);
      columns.sum(t, gradient, row);
      return [columns.buckets[t] ?? -1, row];
    }),
  );
}

for (const engine of ['wasm', 'native'] as const) {
  for (const temperature of [0.05, 0.005]) {
    test(`${engine} gives loss and gradient of the built-in engine, τ = ${temperature}`, async (t) => {
      const session = await openSession(pairLossGraph(SHAPE.dimension), { engine });
      const onEngine = new EngineBatch(session, SHAPE, pairs, size);
      const builtIn = new ContrastiveBatch(SHAPE, pairs, size);
      for (const [start, end] of [
        [0, size],
        [1, 4],
        [2, 3],
      ] as const) {
        const loss = await onEngine.forward(parameters, order, start, end, temperature);
        const wanted = builtIn.forward(parameters, order, start, end, temperature);
        t.true(Math.abs(loss - wanted) <= 1e-4 * (1 + wanted), `loss ${loss}, not ${wanted}`);
        const found = tableGradient(onEngine);
        const expected = tableGradient(builtIn);
        t.deepEqual([...found.keys()], [...expected.keys()]);
        const largest = Math.max(
          ...[...expected.values()].flatMap((row) => [...row].map(Math.abs)),
        );
        for (const [bucket, row] of expected) {
          row.forEach((value, d) => {
            const apart = Math.abs((found.get(bucket)?.[d] ?? Number.NaN) - value);
            t.true(
              apart <= 1e-4 * (largest + 1e-3),
              `bucket ${bucket}, column ${d}: ${apart} apart`,
            );
          });
        }
      }
      await session.close();
    });
  }
}
