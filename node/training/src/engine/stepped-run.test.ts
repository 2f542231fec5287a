import test from 'ava';
import { dense } from '../layers/dense.ts';
import { initialWeights, sequential } from '../layers/sequential.ts';
import { momentum } from '../optimizers/sgd.ts';
import { BatchOrder } from './batch-order.ts';
import { noisyPairs } from './engine-fixture.ts';
import { float32Feed } from './feeds.ts';
import { compile } from './program.ts';
import { INPUT, slotName } from './program-names.ts';
import { sampleFeeds, weightFeeds } from './samples.ts';
import { openSession } from './session.ts';
import { type AdvanceOptions, SteppedRun } from './stepped-run.ts';

const STEPS = 40;
const model = sequential([dense(3)], { input: [4] });
const program = compile(model, { loss: 'softmaxCrossEntropy', batch: 4, optimizer: momentum() });
const samples = { x: noisyPairs(16, 4, 1).x, y: Uint8Array.from({ length: 16 }, (_, i) => i % 3) };

async function run(firstChunk: number, options: AdvanceOptions = {}) {
  const session = await openSession(program.training, { engine: 'native' });
  const slots = model.parameters.map(({ shape, elements }, i) => [
    slotName(i, 0),
    float32Feed(new Float32Array(elements), shape),
  ]);
  const stepped = new SteppedRun(session, {
    fixed: sampleFeeds(program, samples).feeds,
    carried: { ...weightFeeds(program, initialWeights(model, 1)), ...Object.fromEntries(slots) },
    gathers: INPUT.losses,
    firstChunk,
  });
  const rates = float32Feed(new Float32Array(STEPS).fill(0.1), [STEPS]);
  const order = new BatchOrder(16, 4, 1).next(STEPS / 4);
  const losses = await stepped.advance(STEPS, { ...order, [INPUT.learningRate]: rates }, options);
  await session.close();
  return { losses, carried: stepped.carried };
}

test('the sizes of chunks do not change a bit of losses, weights and velocities', async (t) => {
  const whole = await run(STEPS);
  t.is(whole.losses.length, STEPS);
  t.deepEqual(await run(1), whole);
  t.deepEqual(await run(7), whole);
});

test('a run stops between two chunks when its signal fires', async (t) => {
  const controller = new AbortController();
  const done: number[] = [];
  const stopped = run(3, {
    signal: controller.signal,
    onChunk: (chunk) => {
      done.push(chunk.done);
      controller.abort();
    },
  });
  await t.throwsAsync(stopped, { code: 'aborted' });
  t.deepEqual(done, [3]);
});

test('every epoch sees every sample once, and weights of each step sum to 1', (t) => {
  const order = new BatchOrder(7, 3, 5);
  t.is(order.stepsPerEpoch, 3);
  const { order: rows, sampleWeights, stepSeeds } = order.next(2);
  const seen = Array.from(rows?.data ?? [], Number);
  const weights = Array.from(sampleWeights?.data ?? [], Number);
  for (const epoch of [0, 9]) {
    const real = seen.slice(epoch, epoch + 9).filter((_, i) => (weights[epoch + i] ?? 0) > 0);
    t.deepEqual(real.toSorted(), [0, 1, 2, 3, 4, 5, 6]);
    for (let step = epoch; step < epoch + 9; step += 3) {
      const total = weights.slice(step, step + 3).reduce((sum, weight) => sum + weight, 0);
      t.true(Math.abs(total - 1) < 1e-6);
    }
  }
  t.notDeepEqual(seen.slice(0, 7), seen.slice(9, 16));
  t.is(new Set(Array.from(stepSeeds?.data ?? [], Number)).size, 6);
});

test('a curriculum draws from the easiest samples first, as often as there are samples', (t) => {
  const difficulty = Float32Array.of(5, 1, 4, 2, 3, 0);
  const order = new BatchOrder(6, 2, 1, difficulty);
  const drawn = Array.from(order.next(3, [1 / 3, 0.5, 1])['order']?.data ?? [], Number);
  t.deepEqual(drawn.slice(0, 6).toSorted(), [1, 1, 1, 5, 5, 5]);
  t.deepEqual(drawn.slice(6, 12).toSorted(), [1, 1, 3, 3, 5, 5]);
  t.deepEqual(drawn.slice(12).toSorted(), [0, 1, 2, 3, 4, 5]);
});
