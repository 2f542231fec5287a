import { type AppMessage, euclideanNorm, recordDict } from '@starling/shared';
import test from 'ava';
import { type ClientContext, clientApp, type Mod } from './client-app.ts';
import { clipToNorm, localDp, timed } from './mods.ts';

const message: AppMessage = {
  kind: 'train',
  runId: 'run',
  round: 1,
  node: 'a',
  content: recordDict({ arrays: { model: Float32Array.of(1, 1) } }),
};

const context: ClientContext = {
  node: 'a',
  runConfig: {},
  nodeConfig: {},
  state: recordDict(),
  signal: new AbortController().signal,
  seed: 7,
};

const trained = (weights: readonly number[], mods: readonly Mod[]) =>
  clientApp({
    train: async () =>
      recordDict({
        arrays: { model: Float32Array.from(weights) },
        metrics: { 'num-examples': 5 },
      }),
    evaluate: async () => recordDict({ metrics: { 'num-examples': 5 } }),
    mods,
  });

test('a long update is shortened to the norm, a short one stays bit for bit', async (t) => {
  const long = await trained([4, 5], [clipToNorm({ clippingNorm: 1 })]).handle(message, context);
  const model = long.arrays['model'] ?? new Float32Array(2);
  t.true(Math.abs(euclideanNorm(model.map((weight) => weight - 1)) - 1) < 1e-6);
  t.deepEqual(long.metrics, { 'num-examples': 5, 'update-norm': 5, 'update-clipped': 1 });
  const short = await trained([4, 5], [clipToNorm({ clippingNorm: 5 })]).handle(message, context);
  t.deepEqual(short.arrays['model'], Float32Array.of(4, 5));
  t.is(short.metrics['update-clipped'], 0);
});

test('local noise is added to the clipped update, with the context at hand', async (t) => {
  const seen: (readonly [number[], number])[] = [];
  const noise = (update: Float64Array, { seed }: ClientContext) => {
    seen.push([[...update], seed]);
    return update.map((value) => value + 10);
  };
  const app = trained([4, 5], [localDp({ clippingNorm: 2.5, noise })]);
  const { arrays } = await app.handle(message, context);
  t.deepEqual(seen, [[[1.5, 2], 7]]);
  t.deepEqual(arrays['model'], Float32Array.of(12.5, 13));
});

test('evaluation passes the mods of updates untouched', async (t) => {
  const mods = [clipToNorm({ clippingNorm: 1 }), localDp({ clippingNorm: 1, noise: (u) => u })];
  const answer = await trained([4, 5], mods).handle({ ...message, kind: 'evaluate' }, context);
  t.deepEqual(answer, recordDict({ metrics: { 'num-examples': 5 } }));
});

test('time is told by the clock that was given', async (t) => {
  const times = [100, 130];
  const app = trained([1, 1], [timed({ nowMs: () => times.shift() ?? 0 })]);
  const { metrics } = await app.handle(message, context);
  t.is(metrics['train-ms'], 30);
});

test('weights of another length and norms that bound nothing are refused', async (t) => {
  const app = trained([1, 2, 3], [clipToNorm({ clippingNorm: 1 })]);
  await t.throwsAsync(app.handle(message, context), {
    code: 'shape-mismatch',
    message: /have 3 elements, the message's model has 2/,
  });
  const halving = localDp({ clippingNorm: 1, noise: (update) => update.slice(1) });
  await t.throwsAsync(trained([1, 2], [halving]).handle(message, context), {
    code: 'shape-mismatch',
    message: /returned 1 elements for 2/,
  });
  for (const clippingNorm of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    t.throws(() => clipToNorm({ clippingNorm }), { code: 'invalid-options' });
  }
});
