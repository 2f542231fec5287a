import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { compile } from '../engine/program.ts';
import { Trainer } from '../engine/trainer.ts';
import { dense } from '../layers/dense.ts';
import { embedding } from '../layers/embedding.ts';
import { flatten, relu } from '../layers/plain-layers.ts';
import { type Model, sequential } from '../layers/sequential.ts';
import { sgd } from '../optimizers/sgd.ts';
import { flatWeights, namedTensors } from '../safetensors/model-tensors.ts';
import type { NamedTensor } from '../safetensors/named-tensor.ts';
import { readSafetensors } from '../safetensors/read-safetensors.ts';
import { programFromOnnx } from './foreign-program.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'fixtures', 'exported');
const bytesOf = (file: string): Buffer<ArrayBufferLike> => readFileSync(join(FOLDER, file));
const exported = (name: string) => ({
  step: bytesOf(`${name}.step.onnx`),
  prediction: bytesOf(`${name}.predict.onnx`),
  manifest: JSON.parse(bytesOf(`${name}.json`).toString()),
});
const mlp = exported('mlp');
const ids = exported('ids');
const inThread = { engine: 'native', isolate: 'none' } as const;

const SAMPLES = 13;
const x = Float32Array.from({ length: SAMPLES * 6 }, (_, i) => Math.sin(i * 1.7));
const y = Uint8Array.from({ length: SAMPLES }, (_, i) => (i * i) % 3);

/** Ours has [inputs × outputs], PyTorch's Linear [outputs × inputs]. */
function asOurs(model: Model, tensors: readonly NamedTensor[]): Float32Array {
  const matrices = model.parameters.filter(({ name, shape }) => {
    return name.endsWith('weight') && shape.length === 2;
  });
  const sources = matrices.map(({ name }) => [name, { name, isTransposed: true }] as const);
  return flatWeights(model, tensors, Object.fromEntries(sources));
}

function assertNear(t: ExecutionContext, found: ArrayLike<number>, expected: ArrayLike<number>) {
  t.is(found.length, expected.length);
  const worst = Array.from(found, (value, i) => Math.abs(value - (expected[i] ?? Number.NaN)));
  t.true(Math.max(...worst) < 2e-6, `${Math.max(...worst)}`);
}

test('a step exported from PyTorch trains as the same model made of our layers', async (t) => {
  const { tensors } = await readSafetensors(join(FOLDER, 'mlp.safetensors'));
  const model = sequential([dense(5), relu(), dense(3)], { input: [6] });
  const options = { loss: 'softmaxCrossEntropy', batch: 5, optimizer: sgd() } as const;
  await using ours = await Trainer.create(compile(model, options), inThread);
  await using theirs = await Trainer.fromOnnx(mlp.step, mlp.manifest, {
    ...inThread,
    prediction: mlp.prediction,
  });
  const task = { x, y, epochs: 20, learningRate: 0.3, seed: 4 };
  const expected = await ours.fit({ ...task, weights: asOurs(model, tensors) });
  const foreign = theirs.program.model;
  const fitted = await theirs.fit({ ...task, weights: flatWeights(foreign, tensors) });
  assertNear(t, fitted.losses, expected.losses);
  assertNear(t, asOurs(model, namedTensors(foreign, fitted.weights)), expected.weights);
  assertNear(
    t,
    await theirs.predict({ weights: fitted.weights, x }),
    await ours.predict({ weights: expected.weights, x }),
  );
  const [mine, scores] = [
    await ours.evaluate({ weights: expected.weights, x, y }),
    await theirs.evaluate({ weights: fitted.weights, x, y }),
  ];
  assertNear(t, Object.values(scores), Object.values(mine));
});

test('an exported model of ids and values does as well, also in WebAssembly', async (t) => {
  const { tensors } = await readSafetensors(join(FOLDER, 'ids.safetensors'));
  const model = sequential([embedding(7, 3), flatten(), dense(2)], { input: [2] });
  const options = { loss: 'meanSquaredError', batch: 4, optimizer: sgd() } as const;
  await using ours = await Trainer.create(compile(model, options), inThread);
  const table = tensors.map((one) => (one.name === '0.weight' ? { ...one, name: '0.table' } : one));
  const task = {
    x: Int32Array.from({ length: 2 * SAMPLES }, (_, i) => (i * 5) % 7),
    y: Float32Array.from({ length: 2 * SAMPLES }, (_, i) => Math.cos(i)),
    epochs: 5,
    learningRate: 0.1,
  };
  const expected = await ours.fit({ ...task, weights: asOurs(model, table) });
  for (const engine of ['native', 'wasm'] as const) {
    await using theirs = await Trainer.fromOnnx(ids.step, ids.manifest, { ...inThread, engine });
    const weights = flatWeights(theirs.program.model, tensors);
    const fitted = await theirs.fit({ ...task, weights });
    assertNear(t, fitted.losses, expected.losses);
    const scores = await theirs.evaluate({ ...task, weights: fitted.weights });
    const { loss } = await ours.evaluate({ ...task, weights: expected.weights });
    assertNear(t, [scores.loss], [loss]);
    await t.throwsAsync(theirs.predict({ weights, x: task.x }), {
      message: /without a prediction/,
    });
    const beyond = { ...task, weights, x: task.x.with(1, 7) };
    await t.throwsAsync(theirs.fit(beyond), { message: /x\[1\] is 7; there are 7 rows/ });
  }
});

test.serial('an exported step trains in a process with the same bits', async (t) => {
  const { tensors } = await readSafetensors(join(FOLDER, 'mlp.safetensors'));
  await using near = await Trainer.fromOnnx(mlp.step, mlp.manifest, inThread);
  await using far = await Trainer.fromOnnx(mlp.step, mlp.manifest);
  const weights = flatWeights(near.program.model, tensors);
  const task = { weights, x, y, epochs: 2, learningRate: 0.1 };
  t.deepEqual(await far.fit(task), await near.fit(task));
});

test('the same bytes and manifest make the same graphs', (t) => {
  const make = () => {
    const program = programFromOnnx(mlp.step, mlp.manifest, mlp.prediction);
    return [program.training, program.evaluation, program.prediction];
  };
  t.deepEqual(make(), make());
});

test('samples that fill no batch are refused where the step weighs no samples', async (t) => {
  const program = programFromOnnx(mlp.step, mlp.manifest);
  t.true(program.takesPartialBatches);
  const options = { ...inThread, prediction: mlp.prediction };
  await using trainer = await Trainer.fromOnnx(mlp.step, mlp.manifest, options);
  const rigid = { ...trainer.program, takesPartialBatches: false };
  await using strict = await Trainer.create(rigid, inThread);
  const weights = new Float32Array(program.model.parameterCount);
  const task = { weights, x, y, epochs: 1, learningRate: 0.1 };
  const message = /13 samples leave a batch of 3; the step takes 5, without weights/;
  for (const samples of [task, { ...task, samples: [{ x, y }] }]) {
    await t.throwsAsync(strict.fit(samples), { code: 'shape-mismatch', message });
  }
  const full = { ...task, x: x.subarray(0, 60), y: y.subarray(0, 10) };
  t.is((await strict.fit(full)).steps, 2);
});

const { parameters, ...rest } = mlp.manifest;
const [first, ...others] = parameters;

const misfits: Record<string, [object, RegExp]> = {
  'another format': [{ format: 'x/1' }, /^manifest.format is "x\/1": "starling-training-step\/1"/],
  'no parameters': [{ parameters: [] }, /^manifest.parameters is \[\]: a list of 1/],
  'a batch of 0': [{ batch: 0 }, /^manifest.batch is 0: a whole number 1 … 4096/],
  'another batch': [{ batch: 6 }, /input "x" of the manifest is float32 \[6 × 6\], .* \[5 × 6\]/],
  'another shape of samples': [
    { x: { ...rest.x, shape: [7] } },
    /input "x" of the manifest is float32 \[5 × 7\], in the graph it is float32 \[5 × 6\]/,
  ],
  'a type that is no type': [{ y: { ...rest.y, type: 'int32' } }, /^manifest.y.type is "int32"/],
  'a parameter that the graph does not have': [
    { parameters: [{ ...first, input: 'z' }, ...others] },
    /input "z" of the manifest is float32 \[5 × 6\]; the graph has none/,
  ],
  'a parameter less than the graph has': [
    { parameters: others },
    /input "parameter_0" of the graph is not in the manifest/,
  ],
  'a parameter twice': [{ parameters: [first, ...parameters] }, /the graph has none of that name/],
  'ids of a model that takes reals': [{ x: { ...rest.x, ids: 3 } }, /^manifest.x.ids is 3/],
  'too many parameters': [
    { parameters: [{ ...first, shape: [2 ** 26, 2] }] },
    /^manifest.parameters\[0\].shape is .*: at most 67108864 elements/,
  ],
};

for (const [what, [change, message]] of Object.entries(misfits)) {
  test(`a manifest with ${what} is refused`, (t) => {
    t.throws(() => programFromOnnx(mlp.step, { ...mlp.manifest, ...change }), {
      name: 'TrainingError',
      message,
    });
  });
}

test('a prediction of another model is refused', (t) => {
  const message = /input .* of the manifest/;
  t.throws(() => programFromOnnx(mlp.step, mlp.manifest, ids.prediction), {
    code: 'shape-mismatch',
    message,
  });
});
