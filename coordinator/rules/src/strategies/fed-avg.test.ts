import { recordDict } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { federatedAverage } from '../federated-average.ts';
import { FedAvg } from './fed-avg.ts';
import { METRIC_NAMES_MAX } from './metric-means.ts';
import {
  drawnModels,
  isNear,
  modelIn,
  nextModel,
  repliesOf,
  replyOf,
  roundOf,
} from './strategy-fixture.ts';

test('the next model is the example-weighted mean of the trained weights', async (t) => {
  const next = await nextModel(
    new FedAvg(),
    [0, 0],
    [
      [1, 2],
      [4, -1],
    ],
    [1, 2],
  );
  t.deepEqual(next, [3, 0]);
});

test('the round of an app and the plain round of the federation agree', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const { base, models, examples } = drawnModels(seed);
      const updates = models.map((model, i) => ({
        delta: model.map((weight, j) => weight - (base[j] as number)),
        examples: examples[i] as number,
      }));
      const found = await nextModel(new FedAvg(), base, models, examples);
      t.true(isNear(found, [...(await federatedAverage(base, updates))]));
    }),
  );
});

test('the order of nodes changes the mean by rounding only', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const { base, models, examples } = drawnModels(seed);
      const replies = repliesOf(models, examples);
      const there = await new FedAvg().aggregateTrain(roundOf(base), replies);
      const back = await new FedAvg().aggregateTrain(roundOf(base), replies.toReversed());
      t.true(isNear(modelIn(there), modelIn(back)));
    }),
  );
});

test('a reply is used up before the next one is asked for', async (t) => {
  async function* oneBuffer() {
    const model = new Float32Array(1);
    for (let i = 0; i < 50; i++) {
      model[0] = i;
      yield {
        node: `n${i}`,
        content: recordDict({ arrays: { model }, metrics: { 'num-examples': 1 } }),
      };
    }
  }
  const aggregate = await new FedAvg().aggregateTrain(roundOf([0]), oneBuffer());
  t.deepEqual(modelIn(aggregate), [24.5]);
});

test('a malformed reply loses its contribution and the others count', async (t) => {
  const bad = [
    replyOf('nan', [Number.NaN, 1]),
    replyOf('infinite', [1, Number.POSITIVE_INFINITY]),
    replyOf('short', [1]),
    { node: 'no-model', content: recordDict({ metrics: { 'num-examples': 1 } }) },
    { node: 'no-examples', content: recordDict({ arrays: { model: new Float32Array(2) } }) },
    replyOf('empty', [1, 1], { 'num-examples': 0 }),
    replyOf('huge', [1, 1], { 'num-examples': 2 ** 31 }),
    replyOf('exploded', [1, 1], { 'train-loss': Number.NaN }),
    { node: 'broken', content: undefined as never },
    replyOf('good', [9, 9]),
  ];
  const aggregate = await new FedAvg().aggregateTrain(roundOf([0, 0]), [
    replyOf('good', [2, 4]),
    ...bad,
  ]);
  t.deepEqual(modelIn(aggregate), [2, 4]);
  t.deepEqual(aggregate.metrics, { 'num-examples': 1, refusedReplies: 10 });
  t.deepEqual(aggregate.refused, [
    { node: 'nan', reason: 'model[0] is NaN' },
    { node: 'infinite', reason: 'model[1] is Infinity' },
    { node: 'short', reason: 'model has 1 elements, not 2' },
    { node: 'no-model', reason: 'arrays has no model' },
    { node: 'no-examples', reason: 'metrics has no num-examples' },
    { node: 'empty', reason: 'num-examples is 0, not a weight above 0 and up to 1073741824' },
    {
      node: 'huge',
      reason: 'num-examples is 2147483648, not a weight above 0 and up to 1073741824',
    },
    { node: 'exploded', reason: 'the metric train-loss is NaN' },
    { node: 'broken', reason: 'expected { arrays, metrics, config }, not undefined' },
    { node: 'good', reason: 'answered twice' },
  ]);
});

test('a round without a reply that counts names the number and who was refused', async (t) => {
  await t.throwsAsync(new FedAvg().aggregateTrain(roundOf([0]), [replyOf('a', [Number.NaN])]), {
    code: 'too-few-replies',
    message: 'FedAvg needs 1 replies, 0 count; refused: a (model[0] is NaN)',
  });
});

test('metrics are weighted means, lists element by element', async (t) => {
  const replies = [
    replyOf('a', [0], { 'num-examples': 1, loss: 4, 'per-class': [1, 0], odd: [1], __proto__x: 1 }),
    replyOf('b', [0], { 'num-examples': 3, loss: 2, 'per-class': [0, 1], odd: [1, 2] }),
  ];
  const evaluated = await new FedAvg().aggregateEvaluate(roundOf([0]), replies);
  t.deepEqual(evaluated, {
    'num-examples': 4,
    loss: 2.5,
    'per-class': [0.25, 0.75],
    __proto__x: 1,
    refusedReplies: 0,
  });
});

test('replies bring no more names of metrics between them than the limit', async (t) => {
  const replies = ['a', 'b', 'c'].map((node) => {
    const names = Array.from({ length: 100 }, (_, i) => [`${node}-${i}`, 1]);
    return replyOf(node, [0], Object.fromEntries(names));
  });
  const evaluated = await new FedAvg().aggregateEvaluate(roundOf([0]), replies);
  // Beside the sum of examples and the count of the refused.
  t.is(Object.keys(evaluated).length, METRIC_NAMES_MAX + 2);
});

test('nodes are drawn by seed and round, whatever order they stand in', (t) => {
  const strategy = new FedAvg({ fractionTrain: 0.29, fractionEvaluate: 0.1 });
  const names = Array.from({ length: 100 }, (_, i) => `n${i}`);
  const drawn = (nodes: readonly string[], round: number) =>
    strategy.configureTrain(roundOf([1], nodes, round)).map(({ node }) => node);
  const first = drawn(names, 1);
  t.is(first.length, 29);
  t.is(new Set(first).size, 29);
  t.deepEqual(first, first.toSorted());
  t.deepEqual(drawn(names.toReversed(), 1), first);
  t.notDeepEqual(drawn(names, 2), first);
  const evaluating = strategy.configureEvaluate(roundOf([1], names));
  t.is(evaluating.length, 10);
});

test('asked nodes get the model, the config and the round', (t) => {
  const asked = new FedAvg().configureTrain(roundOf([1, 2], ['b', 'a'], 3));
  t.deepEqual(
    asked.map(({ node }) => node),
    ['a', 'b'],
  );
  t.deepEqual(asked[0]?.content, {
    arrays: { model: Float32Array.of(1, 2) },
    metrics: {},
    config: { 'local-epochs': 1, 'server-round': 3 },
  });
});

test('a fraction of 0 asks nobody, and too few nodes are refused with both numbers', (t) => {
  const idle = new FedAvg({ fractionTrain: 0, fractionEvaluate: 0 });
  t.deepEqual(idle.configureTrain(roundOf([1], [])), []);
  t.deepEqual(idle.configureEvaluate(roundOf([1], [])), []);
  t.throws(() => new FedAvg({ minAvailableNodes: 5 }).configureTrain(roundOf([1])), {
    code: 'too-few-nodes',
    message: 'round 1 needs 5 nodes, 2 are available',
  });
});

test('options out of range and unknown ones are refused by name', (t) => {
  const refusals: readonly (readonly [object, RegExp])[] = [
    [{ fractionTrain: 1.5 }, /FedAvg: fractionTrain is 1.5; expected a number from 0 to 1/],
    [{ fractionEvaluate: Number.NaN }, /fractionEvaluate is NaN/],
    [{ minTrainNodes: 0 }, /minTrainNodes is 0; expected a whole number of at least 1/],
    [{ minEvaluateNodes: 1.5 }, /minEvaluateNodes is 1.5/],
    [{ weightedByKey: 3 }, /weightedByKey is 3; expected a text/],
    [{ fractionFit: 1 }, /FedAvg has no option fractionFit; it has fractionTrain, /],
  ];
  for (const [options, message] of refusals) {
    t.throws(() => new FedAvg(options), { code: 'invalid-options', message });
  }
});

test('an empty weight key counts every node alike, a group as its nodes', async (t) => {
  const strategy = new FedAvg({ weightedByKey: '' });
  t.deepEqual(await nextModel(strategy, [0], [[1], [3]], [1, 99]), [2]);
  const group = { ...replyOf('group', [5]), nodes: 3 };
  t.deepEqual(
    modelIn(await strategy.aggregateTrain(roundOf([0]), [replyOf('a', [1]), group])),
    [4],
  );
});

test('it keeps no state and says so', (t) => {
  const strategy = new FedAvg();
  t.deepEqual(strategy.state(), {});
  t.notThrows(() => strategy.restore({}));
  t.throws(() => strategy.restore({ momentum: new Float32Array(1) }), { code: 'invalid-options' });
  t.is(strategy.summary()['strategy'], 'FedAvg');
});
