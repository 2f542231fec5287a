// What goes from fit to fit (the optimiser's state) and from sample to sample (ids of pairs).

import test from 'ava';
import { dense } from '../layers/dense.ts';
import { normalize, tanh } from '../layers/plain-layers.ts';
import { initialWeights, sequential } from '../layers/sequential.ts';
import { infoNce } from '../losses/info-nce-loss.ts';
import { adam, adamW } from '../optimizers/adam.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { momentum, sgd } from '../optimizers/sgd.ts';
import { noisyPairs } from './engine-fixture.ts';
import { compile } from './program.ts';
import { Trainer } from './trainer.ts';

const model = sequential([dense(4), tanh(), dense(2)], { input: [3] });
const inThread = { engine: 'native', isolate: 'none' } as const;
/** One sample: its order is the same in one fit and in two. */
const task = {
  weights: initialWeights(model, 3),
  x: Float32Array.of(0.5, -1, 2),
  y: Uint8Array.of(1),
  learningRate: 0.1,
};

function trainerOf(optimizer: Optimizer) {
  return Trainer.create(
    compile(model, { loss: 'softmaxCrossEntropy', batch: 1, optimizer }),
    inThread,
  );
}

for (const optimizer of [momentum(), momentum({ nesterov: true }), adam(), adamW()]) {
  test(`two fits that hand over the state of ${optimizer.name} are one`, async (t) => {
    await using trainer = await trainerOf(optimizer);
    const whole = await trainer.fit({ ...task, epochs: 5 });
    const { weights, optimizerState } = await trainer.fit({ ...task, epochs: 2 });
    t.is(optimizerState?.steps, 2);
    const rest = await trainer.fit({ ...task, weights, optimizerState, epochs: 3 });
    t.deepEqual(rest.weights, whole.weights);
    t.deepEqual(rest.optimizerState, whole.optimizerState);
    const afresh = await trainer.fit({ ...task, weights, epochs: 3 });
    t.notDeepEqual(afresh.weights, whole.weights);
  });
}

test('plain SGD remembers nothing, and the state of another optimiser is refused', async (t) => {
  await using plain = await trainerOf(sgd());
  t.is((await plain.fit({ ...task, epochs: 1 })).optimizerState, undefined);
  await using trainer = await trainerOf(adam());
  const { optimizerState: state } = await trainer.fit({ ...task, epochs: 1 });
  if (state === undefined) return t.fail('Adam has a state');
  const fit = (change: object) =>
    trainer.fit({ ...task, epochs: 1, optimizerState: { ...state, ...change } });
  await t.throwsAsync(fit({ optimizer: 'momentum' }), { message: /is that of momentum; .* adam/ });
  await t.throwsAsync(fit({ steps: -1 }), { message: /optimizerState.steps is -1/ });
  await t.throwsAsync(fit({ slots: state.slots.slice(1) }), {
    code: 'shape-mismatch',
    message: 'adam has 2 slots of 26 elements, optimizerState has [26]',
  });
  const [first = new Float32Array(), second = first] = state.slots;
  await t.throwsAsync(fit({ slots: [first.with(3, Number.NaN), second] }), {
    code: 'non-finite-parameter',
    message: /optimizerState.slots\[0\]\[3\] is NaN/,
  });
});

test('pairs with equal contents or equal ids are no negatives, in arrays and in streams', async (t) => {
  const encoder = sequential([dense(4), normalize()], { input: [6] });
  const loss = infoNce({ temperature: 0.2, masksEqualPairs: true });
  const program = compile(encoder, { loss, batch: 4, optimizer: sgd() });
  await using trainer = await Trainer.create(program, inThread);
  const pairs = noisyPairs(8, 6, 1);
  const shared = pairs.y.slice();
  shared.copyWithin(6 * 5, 0, 6);
  const same = { ...task, weights: initialWeights(encoder, 1), x: pairs.x, epochs: 2 };
  const byContent = await trainer.fit({ ...same, y: shared });
  const ids = {
    x: Int32Array.from({ length: 8 }, (_, i) => i),
    y: Int32Array.from([0, 1, 2, 3, 4, 0, 6, 7]),
  };
  t.deepEqual(await trainer.fit({ ...same, y: shared, ids }), byContent);
  const apart = { ...ids, y: ids.x };
  t.notDeepEqual(await trainer.fit({ ...same, y: shared, ids: apart }), byContent);
  const half = (from: number) => ({
    x: pairs.x.slice(from * 6, (from + 4) * 6),
    y: shared.slice(from * 6, (from + 4) * 6),
  });
  const { x: _, ...settings } = same;
  t.deepEqual(await trainer.fit({ ...settings, samples: [half(0), half(4)] }), byContent);
  const short = { ...ids, x: ids.x.slice(1) };
  await t.throwsAsync(trainer.fit({ ...same, y: shared, ids: short }), {
    code: 'shape-mismatch',
    message: 'ids.x has 7 ids for 8 samples',
  });
});
