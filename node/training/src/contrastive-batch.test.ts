import test from 'ava';
import { ContrastiveBatch } from './contrastive-batch.ts';
import { initialParameters } from './encoder.ts';
import { hashTexts } from './hashing-features.ts';

const shape = { buckets: 64, dimension: 8 };
const queries = ['open the door', 'shut it', 'count every bird', 'ring', 'name of the bird'];
const answers = ['openDoor()', 'shut()', 'countBirds()', 'ring()', 'birdName()'];

function batchOf(queryTexts: string[], answerTexts: string[]) {
  const pairs = { queries: hashTexts(queryTexts, 64), answers: hashTexts(answerTexts, 64) };
  const order = Int32Array.from(queryTexts, (_, i) => i);
  const batch = new ContrastiveBatch(shape, pairs, queryTexts.length);
  const loss = (parameters: Float32Array, temperature: number) =>
    batch.forward(parameters, order, 0, order.length, temperature);
  return { batch, loss };
}

/** The largest difference to central differences, relative to the largest gradient. */
function gradientError(
  { batch, loss }: ReturnType<typeof batchOf>,
  start: Float32Array,
  temperature: number,
): number {
  loss(start, temperature);
  const gradient = new Float64Array(start.length);
  const row = new Float64Array(shape.dimension);
  for (let t = 0; t < batch.columns.touched; t++) {
    batch.columns.sum(t, batch.gradient, row);
    gradient.set(row, (batch.columns.buckets[t] ?? 0) * shape.dimension);
  }
  const largest = gradient.reduce((max, g) => Math.max(max, Math.abs(g)), 1e-3);
  let worst = 0;
  for (let i = 0; i < start.length; i++) {
    const moved = start.slice();
    const step = 2 ** -12 * Math.min(1, 20 * temperature);
    moved[i] = (start[i] ?? 0) + step;
    const [upper, high] = [moved[i] ?? 0, loss(moved, temperature)];
    moved[i] = (start[i] ?? 0) - step;
    const [lower, low] = [moved[i] ?? 0, loss(moved, temperature)];
    const slope = (high - low) / (upper - lower);
    worst = Math.max(worst, Math.abs(slope - (gradient[i] ?? 0)) / largest);
  }
  return worst;
}

test('the gradient agrees with central differences', (t) => {
  for (const temperature of [1, 0.2, 0.05]) {
    const error = gradientError(
      batchOf(queries, answers),
      initialParameters(shape, 3),
      temperature,
    );
    t.true(error < 1e-3, `${temperature}: ${error}`);
  }
});

test('the gradient is right where all scores are equal', (t) => {
  const same = Float32Array.from({ length: 512 }, (_, i) => 1 + (i % 8));
  t.true(gradientError(batchOf(queries, answers), same, 0.2) < 1e-3);
  const { loss } = batchOf(queries, answers);
  t.true(Math.abs(loss(same, 0.2) - Math.log(5)) < 1e-9);
});

test('the gradient is right with duplicates of queries and answers in the batch', (t) => {
  const duplicated = batchOf(
    ['open the door', 'open the door', 'count birds', 'see birds'],
    ['openDoor()', 'openGate()', 'birds()', 'birds()'],
  );
  t.true(gradientError(duplicated, initialParameters(shape, 5), 0.2) < 1e-3);
});

test('a batch of one has no loss and no gradient', (t) => {
  const { batch, loss } = batchOf(['open the door'], ['openDoor()']);
  t.true(Math.abs(loss(initialParameters(shape, 1), 0.05)) < 1e-9);
  const row = new Float64Array(shape.dimension);
  for (let i = 0; i < batch.columns.touched; i++) {
    batch.columns.sum(i, batch.gradient, row);
    t.true(row.every((g) => Math.abs(g) < 1e-6));
  }
});

test('very large logits keep the loss finite and the gradient right', (t) => {
  const { loss } = batchOf(queries, answers);
  const opposed = initialParameters(shape, 3).map((x) => x * 1e6);
  t.true(Number.isFinite(loss(opposed, 0.005)));
  t.true(gradientError(batchOf(queries, answers), initialParameters(shape, 3), 0.01) < 2e-2);
});

test('equal answers are no negatives of each other', (t) => {
  const { loss } = batchOf(['see birds', 'watch them fly'], ['birds()', 'birds()']);
  t.true(Math.abs(loss(initialParameters(shape, 1), 0.05)) < 1e-9);
});

test('rows without features neither break the loss nor get a gradient', (t) => {
  const { batch, loss } = batchOf(['', 'ring the bell', '--'], ['openDoor()', 'ring()', '']);
  t.true(Number.isFinite(loss(initialParameters(shape, 1), 0.05)));
  const row = new Float64Array(shape.dimension);
  for (let i = 0; i < batch.columns.touched; i++) {
    batch.columns.sum(i, batch.gradient, row);
    t.true(row.every(Number.isFinite));
  }
});
