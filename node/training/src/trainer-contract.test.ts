// Every EncoderTrainer keeps these promises; a new engine joins the list.
import test from 'ava';
import { createSparseTrainer } from './sparse-trainer.ts';
import { smallTask } from './trainer-fixture.ts';
import { createWorkerTrainer } from './worker-trainer.ts';

const trainers = {
  'built-in': () => createSparseTrainer('built-in'),
  wasm: () => createSparseTrainer('wasm'),
  native: () => createSparseTrainer('native'),
  worker: () => createWorkerTrainer('built-in'),
  'wasm worker': () => createWorkerTrainer('wasm'),
};

for (const [name, create] of Object.entries(trainers)) {
  test(`${name}: the loss falls and the start is left alone`, async (t) => {
    const trainer = create();
    const task = smallTask(200, { epochs: 6 });
    const before = task.parameters.slice();
    const result = await trainer.fit(task);
    t.is(result.examples, 200);
    t.is(result.steps, 6 * 4);
    t.is(result.epochLosses.length, 6);
    t.true(result.lastLoss < 0.7 * result.firstLoss);
    t.deepEqual(task.parameters, before);
    await trainer.stop();
  });

  test(`${name}: the seed alone decides the result`, async (t) => {
    const trainer = create();
    const first = await trainer.fit(smallTask(150, { seed: 5 }));
    t.deepEqual(await trainer.fit(smallTask(150, { seed: 5 })), first);
    const other = await trainer.fit(smallTask(150, { seed: 6 }));
    t.notDeepEqual(other.parameters, first.parameters);
    await trainer.stop();
  });

  test(`${name}: an abort ends the fit, and the trainer still works`, async (t) => {
    const trainer = create();
    const abort = new AbortController();
    const { signal } = abort;
    let steps = 0;
    const onProgress = () => {
      steps += 1;
      if (steps === 3) abort.abort();
    };
    const fit = trainer.fit(smallTask(200, { epochs: 1000 }), { signal, onProgress });
    await t.throwsAsync(fit, { code: 'aborted' });
    await t.throwsAsync(trainer.fit(smallTask(20), { signal }), { code: 'aborted' });
    t.is((await trainer.fit(smallTask(20))).examples, 20);
    await trainer.stop();
  });

  test(`${name}: stop ends what runs and refuses what comes`, async (t) => {
    const trainer = create();
    const started = Promise.withResolvers<void>();
    const fit = trainer.fit(smallTask(200, { epochs: 1000 }), {
      onProgress: () => started.resolve(),
    });
    const refused = t.throwsAsync(fit, { code: 'stopped' });
    await started.promise;
    await trainer.stop();
    await refused;
    await t.throwsAsync(trainer.fit(smallTask(20)), { code: 'stopped' });
  });

  test(`${name}: bad tasks are refused by code`, async (t) => {
    const trainer = create();
    const refuse = (code: string, changes: Parameters<typeof smallTask>[1], examples = 20) =>
      t.throwsAsync(trainer.fit(smallTask(examples, changes)), { code });
    const task = smallTask(20);
    await refuse('empty-dataset', {}, 0);
    await refuse('shape-mismatch', { parameters: new Float32Array(3) });
    await refuse('shape-mismatch', { shape: { buckets: 512, dimension: 32 } });
    const uneven = { queries: task.pairs.queries, answers: smallTask(19).pairs.answers };
    await refuse('shape-mismatch', { pairs: uneven });
    await refuse('invalid-options', { epochs: 0 });
    await refuse('invalid-options', { temperature: 0 });
    await refuse('invalid-options', { learningRate: Number.NaN });
    const parameters = task.parameters.map((x, i) => (i === 7 ? Number.NaN : x));
    await refuse('non-finite-parameter', { parameters });
    await trainer.stop();
  });
}

test('worker and thread agree bit for bit', async (t) => {
  const worker = createWorkerTrainer();
  const task = smallTask(150, { epochs: 3 });
  t.deepEqual(await worker.fit(task), await createSparseTrainer().fit(task));
  await worker.stop();
});
