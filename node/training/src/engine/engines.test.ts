import test from 'ava';
import { initialWeights, type Model } from '../layers/sequential.ts';
import { sgd } from '../optimizers/sgd.ts';
import { convolutionalNetwork, squares, twoLayerPerceptron } from './engine-fixture.ts';
import { compile } from './program.ts';
import type { Engine } from './session.ts';
import { Trainer } from './trainer.ts';

interface Setting {
  readonly model: Model;
  readonly samples: number;
  readonly epochs: number;
  readonly learningRate: number;
}

const twoNn: Setting = { model: twoLayerPerceptron(), samples: 200, epochs: 6, learningRate: 0.1 };
const cnn: Setting = { model: convolutionalNetwork(), samples: 60, epochs: 8, learningRate: 0.1 };

async function fit(engine: Engine, isolate: 'process' | 'none', setting: Setting) {
  const { model, samples, epochs, learningRate } = setting;
  const program = compile(model, { loss: 'softmaxCrossEntropy', batch: 10, optimizer: sgd() });
  await using trainer = await Trainer.create(program, { engine, isolate });
  const data = squares(samples, 1);
  const weights = initialWeights(model, 7);
  return await trainer.fit({ ...data, weights, epochs, learningRate, seed: 3 });
}

/** Of samples that no fit saw. */
async function accuracyOf({ model }: Setting, weights: Float32Array): Promise<number> {
  const program = compile(model, { loss: 'softmaxCrossEntropy', batch: 10, optimizer: sgd() });
  await using trainer = await Trainer.create(program, { engine: 'native', isolate: 'none' });
  const scores = await trainer.evaluate({ ...squares(50, 2), weights });
  return 'accuracy' in scores ? scores.accuracy : Number.NaN;
}

test.serial('the 2NN learns a small set of images, in a process with the same bits', async (t) => {
  const first = await fit('native', 'none', twoNn);
  t.true((first.epochLosses.at(-1) ?? 1) < 0.1, `${first.epochLosses}`);
  t.is(await accuracyOf(twoNn, first.weights), 1);
  t.deepEqual(await fit('native', 'none', twoNn), first);
  t.deepEqual(await fit('native', 'process', twoNn), first);
});

test.serial('the CNN learns a small set of images', async (t) => {
  const { epochLosses, weights } = await fit('native', 'none', cnn);
  t.true((epochLosses.at(-1) ?? 1) < 0.2, `${epochLosses}`);
  t.true((await accuracyOf(cnn, weights)) > 0.95);
});

/** FNV-1a over the bytes. */
function checksum(weights: Float32Array): string {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16);
}

/** Another graph or another ONNX Runtime may change it; another machine may not. */
const CHECKSUM = '167c1ad1';

test.serial('WebAssembly gives the same bits on every machine', async (t) => {
  const { weights } = await fit('wasm', 'none', { ...twoNn, samples: 64, epochs: 2 });
  t.is(checksum(weights), CHECKSUM);
});

const short = {
  '2NN': { ...twoNn, epochs: 1 },
  CNN: { ...cnn, epochs: 1, samples: 14 },
};

for (const [name, setting] of Object.entries(short)) {
  test.serial(
    `the ${name} on WebAssembly repeats its bits, near those of the native engine`,
    async (t) => {
      const first = await fit('wasm', 'none', setting);
      t.deepEqual(await fit('wasm', 'none', setting), first);
      const native = await fit('native', 'none', setting);
      const errors = first.weights.map((weight, i) => Math.abs(weight - (native.weights[i] ?? 0)));
      const worst = errors.reduce((most, error) => Math.max(most, error), 0);
      t.true(worst < 1e-5, `weights differ by ${worst}`);
    },
  );
}
