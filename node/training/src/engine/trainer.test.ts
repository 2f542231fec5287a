import test from 'ava';
import { dense } from '../layers/dense.ts';
import { dropout } from '../layers/dropout.ts';
import { embedding } from '../layers/embedding.ts';
import { meanOverTokens, normalize, relu, tanh } from '../layers/plain-layers.ts';
import { initialWeights, sequential } from '../layers/sequential.ts';
import { localContrastive, triplet } from '../losses/margin-losses.ts';
import { adam, adamW } from '../optimizers/adam.ts';
import { momentum, sgd } from '../optimizers/sgd.ts';
import { exponential, plateau } from '../schedules/schedule.ts';
import { noisyPairs } from './engine-fixture.ts';
import { type CompileOptions, compile } from './program.ts';
import { Trainer } from './trainer.ts';
import type { TrainingTask } from './training-task.ts';

const small = sequential([dense(4), tanh(), dense(2)], { input: [3] });
const SMALL_X = Float32Array.from({ length: 21 }, (_, i) => Math.sin(i * 1.7));
const SMALL_Y = Uint8Array.of(0, 1, 1, 0, 1, 0, 1);
const smallTask = { weights: initialWeights(small, 3), x: SMALL_X, y: SMALL_Y, epochs: 3 };

async function fitSmall(options: Partial<CompileOptions>, task: Partial<TrainingTask> = {}) {
  const defaults = { loss: 'softmaxCrossEntropy', batch: 3, optimizer: sgd() } as const;
  const program = compile(small, { ...defaults, ...options });
  await using trainer = await Trainer.create(program, { engine: 'native', isolate: 'none' });
  return await trainer.fit({ ...smallTask, learningRate: 0.1, ...task });
}

/** Full-batch gradient descent on `small`, written out. */
function byHand(steps: number, rate: number): Float64Array {
  const w = Float64Array.from(smallTask.weights);
  const samples = SMALL_Y.length;
  for (let step = 0; step < steps; step++) {
    const gradient = new Float64Array(w.length);
    for (const [s, label] of SMALL_Y.entries()) {
      const x = SMALL_X.subarray(3 * s, 3 * s + 3);
      const h = [0, 1, 2, 3].map((j) =>
        Math.tanh(x.reduce((sum, v, i) => sum + v * (w[i * 4 + j] ?? 0), w[12 + j] ?? 0)),
      );
      const z = [0, 1].map((k) =>
        h.reduce((sum, v, j) => sum + v * (w[16 + j * 2 + k] ?? 0), w[24 + k] ?? 0),
      );
      const total = Math.exp(z[0] ?? 0) + Math.exp(z[1] ?? 0);
      for (const [k, logit] of z.entries()) {
        const error = (Math.exp(logit) / total - (k === label ? 1 : 0)) / samples;
        gradient[24 + k] = (gradient[24 + k] ?? 0) + error;
        for (const [j, hidden] of h.entries()) {
          const back = error * (w[16 + j * 2 + k] ?? 0) * (1 - hidden * hidden);
          gradient[16 + j * 2 + k] = (gradient[16 + j * 2 + k] ?? 0) + error * hidden;
          gradient[12 + j] = (gradient[12 + j] ?? 0) + back;
          for (const [i, v] of x.entries())
            gradient[i * 4 + j] = (gradient[i * 4 + j] ?? 0) + back * v;
        }
      }
    }
    for (const [i, g] of gradient.entries()) w[i] = (w[i] ?? 0) - rate * g;
  }
  return w;
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.hypot(...Array.from(a, (value, i) => value - (b[i] ?? Number.NaN)));
}

test('full-batch SGD equals gradient descent written out by hand', async (t) => {
  const { weights, steps } = await fitSmall({ batch: 7 }, { epochs: 5 });
  t.is(steps, 5);
  t.true(distance(weights, byHand(5, 0.1)) < 1e-5);
});

test('a batch larger than the samples weighs only what is there', async (t) => {
  const exact = await fitSmall({ batch: 7 }, { epochs: 1 });
  const filled = await fitSmall({ batch: 16 }, { epochs: 1 });
  t.true(distance(exact.weights, filled.weights) < 1e-6);
  t.true(Math.abs((exact.losses[0] ?? 0) - (filled.losses[0] ?? 1)) < 1e-6);
});

test('the last batch of an epoch may be partial: all samples count alike in the mean', async (t) => {
  const { losses, epochLosses, steps, examples } = await fitSmall({}, { learningRate: 0 });
  t.is(steps, 9);
  t.is(examples, 7);
  const [a = 0, b = 0, c = 0] = losses;
  t.true(Math.abs((3 * a + 3 * b + c) / 7 - (epochLosses[0] ?? 0)) < 1e-6);
  for (const loss of epochLosses) t.true(Math.abs(loss - (epochLosses[0] ?? 0)) < 1e-6);
});

test('the same task gives the same weights, another seed others, and nothing it got is changed', async (t) => {
  const before = Float32Array.from(smallTask.weights);
  const first = await fitSmall({}, { seed: 1 });
  t.deepEqual(await fitSmall({}, { seed: 1 }), first);
  t.notDeepEqual((await fitSmall({}, { seed: 2 })).weights, first.weights);
  t.deepEqual(smallTask.weights, before);
});

test('compiling twice gives the same bytes', (t) => {
  const options = { loss: 'softmaxCrossEntropy', batch: 3, optimizer: adam() } as const;
  t.deepEqual(compile(small, options).training, compile(small, options).training);
});

for (const optimizer of [
  sgd({ weightDecay: 1e-3 }),
  momentum(),
  momentum({ nesterov: true }),
  adam(),
  adamW(),
]) {
  test(`${optimizer.name} lowers the loss`, async (t) => {
    const task = { epochs: 40, learningRate: optimizer.name.startsWith('adam') ? 0.02 : 0.1 };
    const { epochLosses } = await fitSmall({ optimizer }, task);
    t.true((epochLosses.at(-1) ?? 1) < 0.7 * (epochLosses[0] ?? 0), `${epochLosses}`);
  });
}

test('a proximal term pulls towards its anchor', async (t) => {
  const free = await fitSmall({}, { epochs: 20 });
  const proximal = { optimizer: sgd(), corrections: ['proximal'] } as const;
  const pulled = await fitSmall(proximal, { epochs: 20, proximal: { mu: 5 } });
  const loose = await fitSmall(proximal, { epochs: 20, proximal: { mu: 0 } });
  t.true(
    distance(pulled.weights, smallTask.weights) < 0.3 * distance(free.weights, smallTask.weights),
  );
  t.true(distance(loose.weights, free.weights) < 1e-6);
});

test('a control variate is added to every gradient', async (t) => {
  const control = Float32Array.from({ length: small.parameterCount }, (_, i) => Math.cos(i));
  const one = { batch: 7 } as const;
  for (const optimizer of [sgd(), momentum()]) {
    const plain = await fitSmall({ ...one, optimizer }, { epochs: 1 });
    const corrections = ['control'] as const;
    const moved = await fitSmall({ ...one, optimizer, corrections }, { epochs: 1, control });
    const expected = plain.weights.map((w, i) => w - 0.1 * (control[i] ?? 0));
    t.true(distance(moved.weights, expected) < 1e-6, optimizer.name);
  }
});

test('a learning rate follows its schedule, also one that watches the losses', async (t) => {
  const flat = plateau(0.5, { factor: 1e-6, patience: 0, threshold: 0.999 });
  const { epochLosses } = await fitSmall({ batch: 7 }, { epochs: 6, learningRate: flat });
  t.true(Math.abs((epochLosses[5] ?? 0) - (epochLosses[3] ?? 1)) < 1e-4, `${epochLosses}`);
  t.true((epochLosses[1] ?? 1) < (epochLosses[0] ?? 0));
});

test('a curriculum of three samples trains as those three alone', async (t) => {
  const curriculum = { difficulty: Float32Array.of(0, 0, 0, 9, 9, 9, 9), share: 3 / 7 };
  const three = { x: SMALL_X.slice(0, 9), y: SMALL_Y.slice(0, 3) };
  const drawn = await fitSmall({ batch: 1 }, { epochs: 30, curriculum });
  const program = compile(small, { loss: 'softmaxCrossEntropy', batch: 3, optimizer: sgd() });
  await using trainer = await Trainer.create(program, { engine: 'native', isolate: 'none' });
  const lossOf = async (weights: Float32Array) =>
    (await trainer.evaluate({ ...three, weights })).loss;
  const alone = await fitSmall({ batch: 1 }, { ...three, epochs: 70 });
  t.true(Math.abs((await lossOf(drawn.weights)) - (await lossOf(alone.weights))) < 0.02);
  t.deepEqual(await fitSmall({ batch: 1 }, { epochs: 30, curriculum }), drawn);
});

const encoder = sequential([dense(6), normalize()], { input: [8] });
for (const loss of [
  'infoNce',
  triplet({ margin: 0.5, mining: 'distanceWeighted' }),
  localContrastive({ margin: 1 }),
] as const) {
  const name = typeof loss === 'string' ? loss : loss.name;
  test(`${name} brings pairs together, with a partial last batch`, async (t) => {
    const program = compile(encoder, { loss, batch: 16, optimizer: adam() });
    await using trainer = await Trainer.create(program, { engine: 'native', isolate: 'none' });
    const data = noisyPairs(40, 8, 5);
    const weights = initialWeights(encoder, 2);
    const annealed = name === 'infoNce' ? { temperature: exponential(0.5, 0.05) } : {};
    const task = { ...data, ...annealed, weights, epochs: 20, learningRate: 0.01 };
    const result = await trainer.fit(task);
    const before = await trainer.evaluate({ ...data, weights });
    const after = await trainer.evaluate({ ...data, weights: result.weights });
    t.true(after.loss < 0.9 * before.loss, `${before.loss} → ${after.loss}`);
  });
}

test('ids go through an embedding, and rows that no id names stay as they were', async (t) => {
  const model = sequential([embedding(6, 4), meanOverTokens(), dropout(0.1), dense(2)], {
    input: [3],
  });
  const program = compile(model, { loss: 'softmaxCrossEntropy', batch: 2, optimizer: sgd() });
  await using trainer = await Trainer.create(program, { engine: 'native', isolate: 'none' });
  const x = Int32Array.of(0, 1, 0, 2, 3, 2, 0, 0, 1, 3, 3, 2);
  const y = Uint8Array.of(0, 1, 0, 1);
  const weights = initialWeights(model, 1);
  const result = await trainer.fit({ weights, x, y, epochs: 60, learningRate: 0.5 });
  t.deepEqual(result.weights.subarray(16, 24), weights.subarray(16, 24));
  const scores = await trainer.evaluate({ weights: result.weights, x, y });
  t.like(scores, { accuracy: 1 });
});

test('a spectral penalty keeps outputs of near inputs together', async (t) => {
  const spread = async (weight: number) => {
    const spectral = { weight, bandwidth: 1 };
    const program = compile(small, {
      loss: 'softmaxCrossEntropy',
      batch: 7,
      optimizer: sgd(),
      spectral,
    });
    await using trainer = await Trainer.create(program, { engine: 'native', isolate: 'none' });
    const { weights } = await trainer.fit({ ...smallTask, epochs: 100, learningRate: 0.2 });
    const outputs = await trainer.predict({ weights, x: SMALL_X });
    return Math.max(...outputs) - Math.min(...outputs);
  };
  t.true((await spread(5)) < 0.5 * (await spread(0)));
});

test('predictions and scores are those of the weights', async (t) => {
  const model = sequential([dense(2), relu()], { input: [2] });
  const program = compile(model, { loss: 'softmaxCrossEntropy', batch: 4, optimizer: sgd() });
  await using trainer = await Trainer.create(program, { engine: 'native', isolate: 'none' });
  const weights = Float32Array.of(1, 0, 0, 1, 0, 0);
  const x = Float32Array.of(1, 2, 3, -1, 5, 5);
  t.deepEqual([...(await trainer.predict({ weights, x }))], [1, 2, 3, 0, 5, 5]);
  const scores = await trainer.evaluate({ weights, x, y: Uint8Array.of(1, 1, 0) });
  t.like(scores, { accuracy: 1 / 3 });
  const expected = (Math.log(1 + Math.exp(-1)) + Math.log(1 + Math.exp(3)) + Math.log(2)) / 3;
  t.true(Math.abs(scores.loss - expected) < 1e-6);
});
