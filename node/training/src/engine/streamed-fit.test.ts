import test from 'ava';
import { dense } from '../layers/dense.ts';
import { relu } from '../layers/plain-layers.ts';
import { initialWeights, sequential } from '../layers/sequential.ts';
import { adam } from '../optimizers/adam.ts';
import { cosine, plateau } from '../schedules/schedule.ts';
import { noisyPairs } from './engine-fixture.ts';
import { compile } from './program.ts';
import type { Samples } from './samples.ts';
import { Trainer } from './trainer.ts';

const WIDTH = 6;
const SAMPLES = 53;
const model = sequential([dense(5), relu(), dense(2)], { input: [WIDTH] });
const program = compile(model, { loss: 'softmaxCrossEntropy', batch: 8, optimizer: adam() });
const x = noisyPairs(SAMPLES, WIDTH, 1).x;
const y = Uint8Array.from({ length: SAMPLES }, (_, i) => Number((x[i * WIDTH] ?? 0) > 0));
const weights = initialWeights(model, 1);
const task = { weights, epochs: 3, learningRate: 0.02, seed: 5 };
const trainer = await Trainer.create(program, { engine: 'native', isolate: 'none' });

test.after.always(() => trainer.stop());

/** The samples from the start whenever they are iterated, `size` at a time. */
function pieces(size: number, count = SAMPLES): AsyncIterable<Samples> {
  return {
    async *[Symbol.asyncIterator]() {
      for (let at = 0; at < count; at += size) {
        const to = Math.min(at + size, count);
        yield { x: x.slice(at * WIDTH, to * WIDTH), y: y.slice(at, to) };
      }
    },
  };
}

test('a stream that fits into the buffer trains to the bits of the array', async (t) => {
  const whole = await trainer.fit({ ...task, x, y });
  t.deepEqual(await trainer.fit({ ...task, samples: pieces(7) }), whole);
  t.deepEqual(await trainer.fit({ ...task, samples: [{ x, y }] }), whole);
});

test('pieces of any size give the same bits, also through a buffer smaller than the data', async (t) => {
  const shuffleBuffer = 20;
  const rows = await trainer.fit({ ...task, shuffleBuffer, samples: pieces(1) });
  t.deepEqual(await trainer.fit({ ...task, shuffleBuffer, samples: pieces(50) }), rows);
  t.is(rows.steps, 3 * Math.ceil(SAMPLES / 8));
  t.is(rows.examples, SAMPLES);
  t.true((rows.epochLosses[2] ?? 1) < (rows.epochLosses[0] ?? 0));
  const other = await trainer.fit({ ...task, shuffleBuffer, samples: pieces(50), seed: 6 });
  t.notDeepEqual(other.weights, rows.weights);
});

test('every sample counts once per epoch, however the blocks fall', async (t) => {
  const plain = { ...task, learningRate: 0, epochs: 1 };
  const { epochLosses } = await trainer.fit({ ...plain, x, y });
  for (const shuffleBuffer of [8, 9, 16, 52, 53]) {
    const streamed = await trainer.fit({ ...plain, shuffleBuffer, samples: pieces(10) });
    t.is(streamed.steps, 7);
    t.true(Math.abs((streamed.epochLosses[0] ?? 0) - (epochLosses[0] ?? 1)) < 1e-6);
  }
});

test('a stream is read at most a block ahead', async (t) => {
  let given = 0;
  let trained = 0;
  const samples = {
    async *[Symbol.asyncIterator]() {
      for await (const piece of pieces(1)) {
        t.true(given - 8 * trained <= 2 * 16 + 2, `${given} given, ${trained} steps trained`);
        given++;
        yield piece;
      }
    },
  };
  const onProgress = ({ step }: { step: number }) => {
    trained = step;
  };
  await trainer.fit({ ...task, epochs: 1, shuffleBuffer: 16, samples, onProgress });
  t.is(given, SAMPLES);
});

test('schedules follow a stream whose length is said', async (t) => {
  const learningRate = cosine(0.05);
  const whole = await trainer.fit({ ...task, x, y, learningRate });
  const samples = pieces(9);
  t.deepEqual(await trainer.fit({ ...task, samples, learningRate, examples: SAMPLES }), whole);
  await t.throwsAsync(trainer.fit({ ...task, samples, learningRate }), {
    code: 'invalid-options',
    message: /learningRate follows the schedule cosine.*with examples/,
  });
  const adaptive = { ...task, learningRate: plateau(0.05, { patience: 1 }) };
  const streamed = await trainer.fit({ ...adaptive, samples, examples: SAMPLES });
  t.deepEqual(streamed, await trainer.fit({ ...adaptive, x, y }));
});

const bad: Record<string, [object, RegExp]> = {
  'a piece of another width': [
    {
      samples: [
        { x, y },
        { x: new Float32Array(7), y: Uint8Array.of(1) },
      ],
    },
    /^piece 2 of epoch 1: x has 7 elements, not a multiple of 6/,
  ],
  'a label beyond the classes': [
    { samples: [{ x: new Float32Array(6), y: Uint8Array.of(2) }] },
    /^piece 1 of epoch 1: y\[0\] is 2; there are 2 classes/,
  ],
  'a piece without targets': [{ samples: [{ x }] }, /^piece 1 of epoch 1 is no { x, y }/],
  'no samples at all': [{ samples: [] }, /^the stream gave no samples in epoch 1$/],
  'a generator for several epochs': [
    { samples: pieces(9)[Symbol.asyncIterator]() },
    /no samples in epoch 2; give an object that starts anew, not one generator/,
  ],
  'another number of samples than said': [
    { samples: pieces(9), examples: 54 },
    /gave 53 samples in epoch 1, examples is 54/,
  ],
  'a buffer below a batch': [{ samples: [], shuffleBuffer: 7 }, /shuffleBuffer is 7/],
  'a curriculum': [
    { samples: [], curriculum: { difficulty: new Float32Array(1), share: 1 } },
    /a curriculum needs all samples at once/,
  ],
};

for (const [what, [change, message]] of Object.entries(bad)) {
  test(`${what} ends the streamed fit with what was expected`, async (t) => {
    const changed = { ...task, samples: pieces(9), ...change };
    await t.throwsAsync(trainer.fit(changed), { name: 'TrainingError', message });
  });
}

test('an epoch with fewer samples than the first is refused', async (t) => {
  let epoch = 0;
  const samples = {
    [Symbol.asyncIterator]: () => pieces(9, SAMPLES - epoch++)[Symbol.asyncIterator](),
  };
  const message = 'the stream gave 52 samples in epoch 2, epoch 1 gave 53';
  await t.throwsAsync(trainer.fit({ ...task, samples }), { code: 'shape-mismatch', message });
});

test('what a stream throws ends the fit as it is', async (t) => {
  const samples = {
    async *[Symbol.asyncIterator]() {
      yield { x, y };
      throw new RangeError('the disk is gone');
    },
  };
  await t.throwsAsync(trainer.fit({ ...task, samples }), { instanceOf: RangeError });
});

test('an abort ends a fit whose stream hangs, and the stream is told', async (t) => {
  const controller = new AbortController();
  let isReturned = false;
  const samples = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        controller.abort(new Error('enough'));
        return Promise.withResolvers<IteratorResult<Samples>>().promise;
      },
      return: async () => {
        isReturned = true;
        return { done: true as const, value: undefined };
      },
    }),
  };
  const fit = trainer.fit({ ...task, samples, signal: controller.signal });
  await t.throwsAsync(fit, { code: 'aborted' });
  t.true(isReturned);
});

test('a fit that fails reads no further', async (t) => {
  let given = 0;
  const samples = {
    async *[Symbol.asyncIterator]() {
      for (const piece of Array(40).fill({ x: x.with(0, Number.NaN), y })) {
        given++;
        yield piece;
      }
    },
  };
  const fit = trainer.fit({ ...task, samples, shuffleBuffer: SAMPLES });
  await t.throwsAsync(fit, { code: 'non-finite-loss' });
  t.true(given < 6, `${given} pieces`);
});

test.serial('a process trains on streams and loaded sets with the same bits', async (t) => {
  const whole = await trainer.fit({ ...task, x, y });
  await using process = await Trainer.create(program, { engine: 'native', isolate: 'process' });
  t.deepEqual(await process.fit({ ...task, samples: pieces(10) }), whole);
  const samples = process.load({ x, y });
  t.is(samples.size, SAMPLES);
  t.deepEqual(await process.fit({ ...task, samples }), whole);
  t.deepEqual(await process.fit({ ...task, samples }), whole);
  samples.release();
  const message = 'the set was released; load it again';
  await t.throwsAsync(process.fit({ ...task, samples }), { code: 'invalid-options', message });
});

test('a loaded set is checked when it is loaded, and belongs to its trainer', async (t) => {
  const message = /x has 5 elements/;
  t.throws(() => trainer.load({ x: x.slice(0, 5), y }), { code: 'shape-mismatch', message });
  using samples = trainer.load({ x, y });
  t.deepEqual(await trainer.fit({ ...task, samples }), await trainer.fit({ ...task, x, y }));
  await using other = await Trainer.create(program, { engine: 'native', isolate: 'none' });
  await t.throwsAsync(other.fit({ ...task, samples }), { message: /loaded by another trainer/ });
});
