import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { compile } from '../engine/program.ts';
import { Trainer } from '../engine/trainer.ts';
import { dense } from '../layers/dense.ts';
import { initialWeights, sequential } from '../layers/sequential.ts';
import { sgd } from '../optimizers/sgd.ts';
import { csvSamples, idxSamples } from './file-samples.ts';

const model = sequential([dense(2)], { input: [2] });
const program = compile(model, { loss: 'softmaxCrossEntropy', batch: 4, optimizer: sgd() });
const trainer = await Trainer.create(program, { engine: 'native', isolate: 'none' });
const task = { weights: initialWeights(model, 1), epochs: 2, learningRate: 0.1 };
const pixels = Uint8Array.from({ length: 22 }, (_, i) => (i * 37) % 256);
const labels = Uint8Array.from({ length: 11 }, (_, i) => i % 2);
let folder = '';

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starling-samples-'));
  await writeFile(join(folder, 'x.gz'), gzipSync(idx([11, 2], pixels)));
  await writeFile(join(folder, 'y'), idx([11], labels));
  await writeFile(join(folder, 'short'), idx([10], labels.subarray(1)));
  const lines = Array.from({ length: 11 }, (_, i) => {
    return `${pixels[2 * i + 1]},${labels[i]},${pixels[2 * i]}`;
  });
  await writeFile(join(folder, 'table.csv'), ['b,label,a', ...lines].join('\n'));
});

test.after.always(() => rm(folder, { recursive: true, force: true }));

function idx(shape: readonly number[], elements: Uint8Array): Uint8Array {
  const sizes = shape.flatMap((size) => [0, 0, 0, size]);
  return Uint8Array.of(0, 0, 8, shape.length, ...sizes, ...elements);
}

test('a fit on files is the fit on what they hold', async (t) => {
  const whole = await trainer.fit({ ...task, x: Float32Array.from(pixels), y: labels });
  const images = idxSamples(join(folder, 'x.gz'), join(folder, 'y'), { rows: 3 });
  t.deepEqual(await trainer.fit({ ...task, samples: images }), whole);
  const table = csvSamples(join(folder, 'table.csv'), {
    features: ['a', 'b'],
    target: 'label',
    targets: 'labels',
    rows: 4,
  });
  t.deepEqual(await trainer.fit({ ...task, samples: table }), whole);
});

test('inputs are scaled as they are read', async (t) => {
  const [x, y] = [join(folder, 'x.gz'), join(folder, 'y')];
  for await (const piece of idxSamples(x, y, { scale: 1 / 255 })) {
    t.deepEqual(
      piece.x,
      Float32Array.from(pixels, (pixel) => pixel / 255),
    );
  }
});

test('files of different lengths end the fit with both names', async (t) => {
  const [x, y] = [join(folder, 'x.gz'), join(folder, 'short')];
  for (const rows of [3, 10]) {
    const fit = trainer.fit({ ...task, samples: idxSamples(x, y, { rows }) });
    const message = `${y} ends after 10 rows, ${x} goes on; each input needs one target`;
    await t.throwsAsync(fit, { code: 'shape-mismatch', message });
  }
});

test('a label that is no class number ends the fit with its line', async (t) => {
  const path = join(folder, 'bad.csv');
  await writeFile(path, 'a,b,label\n1,2,0\n1,2,0.5\n');
  const options = { features: ['a', 'b'], target: 'label', targets: 'labels' } as const;
  await t.throwsAsync(trainer.fit({ ...task, samples: csvSamples(path, options) }), {
    code: 'corrupt-file',
    message: /line 3: column "label" holds "0\.5", not a whole number/,
  });
});
