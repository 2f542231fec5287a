import test from 'ava';
import { fitUntilNoBetter } from './early-stopping.ts';
import { createSparseTrainer } from './sparse-trainer.ts';
import { smallTask } from './trainer-fixture.ts';

const options = { epochsPerCheck: 2, patience: 2, epochsMax: 100 };

test('the parameters of the best validation are kept', async (t) => {
  const script = [0.1, 0.3, 0.5, 0.4, 0.5];
  const seen: Float32Array[] = [];
  const validate = (parameters: Float32Array) => {
    seen.push(parameters);
    return script[seen.length - 1] ?? 0;
  };
  const result = await fitUntilNoBetter(createSparseTrainer(), smallTask(60), validate, options);
  t.true(result.parameters === seen[2]);
  t.is(result.bestMetric, 0.5);
  t.is(result.bestEpochs, 4);
  t.is(result.epochsRun, 8);
  t.deepEqual(result.metrics, script);
});

test('a model that never gets better is the one it began with', async (t) => {
  const task = smallTask(60);
  const result = await fitUntilNoBetter(createSparseTrainer(), task, () => 0, options);
  t.true(result.parameters === task.parameters);
  t.is(result.bestEpochs, 0);
});

test('epochs end at their limit', async (t) => {
  let metric = 0;
  const rising = () => metric++;
  const limited = { ...options, epochsMax: 5 };
  const result = await fitUntilNoBetter(createSparseTrainer(), smallTask(60), rising, limited);
  t.is(result.epochsRun, 5);
});

test('a broken metric or option is an error', async (t) => {
  const fit = (metric: number, patience: number) =>
    fitUntilNoBetter(createSparseTrainer(), smallTask(60), () => metric, { ...options, patience });
  await t.throwsAsync(fit(Number.NaN, 1), { code: 'non-finite-score' });
  await t.throwsAsync(fit(1, 0), { code: 'invalid-options' });
});
