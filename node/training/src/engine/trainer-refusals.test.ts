import test from 'ava';
import { dense } from '../layers/dense.ts';
import { embedding } from '../layers/embedding.ts';
import { initialWeights, sequential } from '../layers/sequential.ts';
import { sgd } from '../optimizers/sgd.ts';
import { linear } from '../schedules/schedule.ts';
import { compile } from './program.ts';
import { Trainer } from './trainer.ts';

const model = sequential([dense(3)], { input: [4] });
const program = compile(model, { loss: 'softmaxCrossEntropy', batch: 2, optimizer: sgd() });
const trainer = await Trainer.create(program, { engine: 'native', isolate: 'none' });
const task = {
  weights: initialWeights(model, 1),
  x: new Float32Array(8).fill(0.5),
  y: Uint8Array.of(0, 2),
  epochs: 1,
  learningRate: 0.1,
};

const refused = {
  'x has 7 elements, not a multiple of 4 for samples of [4]': { x: new Float32Array(7) },
  'x is no Float32Array; the model takes reals': { x: new Int32Array(8) },
  'y has 3 samples of [] for 2 of x [4]': { y: Uint8Array.of(0, 1, 2) },
  'y holds reals; softmaxCrossEntropy takes class numbers': { y: new Float32Array(2) },
  'y[1] is 3; there are 3 classes of the model, from 0': { y: Uint8Array.of(0, 3) },
  'no samples to train on: x is empty': { x: new Float32Array(), y: new Uint8Array() },
  'weights has 3 elements; the model has 15 parameters': { weights: new Float32Array(3) },
  'epochs is 0: a whole number 1 … 100000': { epochs: 0 },
  'seed is -1: a whole number 0 … 4294967295': { seed: -1 },
  'temperature is given; the loss softmaxCrossEntropy has none': { temperature: 1 },
  'learningRate >= 0, but the schedule constant gives -1 at step 0': { learningRate: -1 },
  'learningRate >= 0, but the schedule linear gives NaN at step 0': {
    learningRate: linear(Number.NaN, 0),
  },
  'difficulty has 1 numbers for 2 samples': {
    curriculum: { difficulty: Float32Array.of(1), share: 1 },
  },
  '0 < share <= 1, but the schedule constant gives 2 at step 0': {
    curriculum: { difficulty: Float32Array.of(1, 2), share: 2 },
  },
  "proximal is given; compile the program with corrections: ['proximal']": { proximal: { mu: 1 } },
} as const;

for (const [message, change] of Object.entries(refused)) {
  test(`a fit is refused with: ${message}`, async (t) => {
    await t.throwsAsync(trainer.fit({ ...task, ...change }), { name: 'TrainingError', message });
  });
}

test('weights that are no numbers are refused with their place', async (t) => {
  const weights = Float32Array.from(task.weights);
  weights[3] = Number.NaN;
  await t.throwsAsync(trainer.fit({ ...task, weights }), {
    code: 'non-finite-parameter',
    message: /^weights\[3\] is NaN/,
  });
});

test('a loss that is no number ends the fit with its step', async (t) => {
  const x = Float32Array.of(1, 2, 3, Number.NaN, 1, 1, 1, 1);
  await t.throwsAsync(trainer.fit({ ...task, x }), {
    code: 'non-finite-loss',
    message: /^the loss of step 0 is NaN/,
  });
});

test('a loss that explodes ends the fit', async (t) => {
  const values = compile(model, { loss: 'meanSquaredError', batch: 2, optimizer: sgd() });
  const own = await Trainer.create(values, { engine: 'native', isolate: 'none' });
  const y = new Float32Array(6);
  await t.throwsAsync(own.fit({ ...task, y, epochs: 500, learningRate: 100 }), {
    code: 'non-finite-loss',
  });
});

test('ids outside the embedding are refused, not looked up', async (t) => {
  const ids = sequential([embedding(5, 2), dense(2)], { input: [] });
  const own = await Trainer.create(
    compile(ids, { loss: 'softmaxCrossEntropy', batch: 2, optimizer: sgd() }),
    { engine: 'native', isolate: 'none' },
  );
  const weights = initialWeights(ids, 1);
  for (const id of [5, -1]) {
    await t.throwsAsync(own.fit({ ...task, weights, x: Int32Array.of(1, id) }), {
      message: `x[1] is ${id}; there are 5 rows of the embedding, from 0`,
    });
  }
});

test('a program that cannot be is refused while it is compiled', (t) => {
  const options = { loss: 'softmaxCrossEntropy', batch: 2, optimizer: sgd() } as const;
  t.throws(() => compile(model, { ...options, batch: 0 }), { message: /batch is 0/ });
  const images = sequential([dense(3)], { input: [2, 4] });
  t.throws(() => compile(images, options), {
    message: 'softmaxCrossEntropy takes logits [batch × classes], not [2 × 2 × 3]',
  });
});

test('options that cannot be are refused before anything starts', async (t) => {
  const options = { engine: 'wasm', isolate: 'process' } as const;
  for (const [change, message] of [
    [{ threads: 2 }, 'threads is 2: WebAssembly has one'],
    [{ memoryMiB: 100 }, 'memoryMiB >= 1024, but memoryMiB = 100'],
    [{ chunkMs: 0 }, 'chunkMs > 0, but chunkMs = 0'],
    [{ stallTimeoutMs: 0 }, 'stallTimeoutMs > 0, but stallTimeoutMs = 0'],
  ] as const) {
    const refused = Trainer.create(program, { ...options, ...change });
    await t.throwsAsync(refused, { code: 'invalid-options', message });
  }
});
