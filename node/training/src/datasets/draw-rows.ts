import type { Samples } from '../engine/samples.ts';
import { elementsOf } from '../graph/graph.ts';
import type { Model } from '../layers/sequential.ts';
import { seededUniforms, shuffle } from '../seeded-random.ts';
import { TrainingError } from '../training-error.ts';

/**
 * `count` row numbers: one shuffle of all rows after another, `[count]`.
 *
 * @throws TrainingError `empty-dataset` when there are no rows
 */
export function drawRows(rows: number, count: number, seed: number): Int32Array {
  if (rows === 0) throw new TrainingError('empty-dataset', 'no samples to draw from');
  const drawn = new Int32Array(count);
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  const uniform = seededUniforms(seed);
  for (let at = 0; at < count; at += rows) {
    shuffle(order, uniform);
    drawn.set(order.subarray(0, count - at), at);
  }
  return drawn;
}

/** The samples in these rows, in their order. */
export function selectSamples(
  model: Pick<Model, 'input'>,
  { x, y }: Samples,
  rows: Int32Array,
): Samples {
  const width = elementsOf(model.input);
  return { x: gathered(x, width, rows), y: gathered(y, (y.length * width) / x.length, rows) };
}

function gathered<T extends Float32Array | Int32Array | Uint8Array>(
  values: T,
  width: number,
  rows: Int32Array,
): T {
  const chosen = new (values.constructor as new (length: number) => T)(rows.length * width);
  for (const [at, row] of rows.entries()) {
    chosen.set(values.subarray(row * width, (row + 1) * width), at * width);
  }
  return chosen;
}
