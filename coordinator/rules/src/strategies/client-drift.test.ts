import { recordDict } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { realPower, wholePower } from './exact-power.ts';
import { FedAvg } from './fed-avg.ts';
import { accumulationNorm, FedNova } from './fed-nova.ts';
import { QFedAvg } from './q-fed-avg.ts';
import { Scaffold } from './scaffold.ts';
import type { ClientReply, Strategy } from './strategy.ts';
import { drawnModels, isNear, modelIn, nextModel, replyOf, roundOf } from './strategy-fixture.ts';

function controlReply(node: string, model: number[], delta: number[], examples = 1): ClientReply {
  const arrays = { model: Float32Array.from(model), 'control-delta': Float32Array.from(delta) };
  return { node, content: recordDict({ arrays, metrics: { 'num-examples': examples } }) };
}

test('SCAFFOLD sends c, moves by the plain mean and c by its share of all nodes', async (t) => {
  const strategy = new Scaffold({ serverLearningRate: 0.5 });
  const round = roundOf([1, 1], ['a', 'b', 'c', 'd']);
  const [asked] = strategy.configureTrain(round);
  t.deepEqual(asked?.content.arrays['control'], new Float32Array(2));
  t.is(asked?.content.config['control-option'], 2);
  const aggregate = await strategy.aggregateTrain(round, [
    controlReply('a', [3, 1], [4, 0], 1),
    controlReply('b', [1, 5], [0, 8], 99),
  ]);
  t.deepEqual(modelIn(aggregate), [1.5, 2]);
  t.deepEqual(strategy.state(), { control: Float32Array.of(1, 2) });
  const [next] = strategy.configureTrain(round);
  t.deepEqual(next?.content.arrays['control'], Float32Array.of(1, 2));
});

test('SCAFFOLD weights by examples when asked to', async (t) => {
  const strategy = new Scaffold({ weighted: true, controlOption: 1 });
  const round = roundOf([0], ['a', 'b']);
  t.is(strategy.configureTrain(round)[0]?.content.config['control-option'], 1);
  const replies = [controlReply('a', [4], [4], 1), controlReply('b', [0], [0], 3)];
  t.deepEqual(modelIn(await strategy.aggregateTrain(round, replies)), [1]);
  t.deepEqual(strategy.state(), { control: Float32Array.of(1) });
});

test('SCAFFOLD refuses a reply without a sound control-delta and goes on', async (t) => {
  const strategy = new Scaffold();
  const { refused, metrics } = await strategy.aggregateTrain(roundOf([0], ['a', 'b', 'c']), [
    replyOf('a', [5]),
    controlReply('b', [5], [Number.NaN]),
    controlReply('c', [5], [1, 2]),
    controlReply('d', [2], [3]),
  ]);
  t.is(metrics['refusedReplies'], 3);
  t.deepEqual(
    refused?.map(({ reason }) => reason),
    [
      'arrays has no control-delta',
      'control-delta[0] is NaN',
      'control-delta has 2 elements, not 1',
    ],
  );
  t.deepEqual(strategy.state(), { control: Float32Array.of(1) });
});

test('with option II and exact gradients SCAFFOLD finds the optimum where FedAvg drifts', async (t) => {
  // f_1 = (x − 4)²/2 and f_2 = 4(x + 1)²/2: the sum is least at 0, ten local steps apart at 0.98.
  const sites = [
    { at: 4, curve: 1 },
    { at: -1, curve: 4 },
  ];
  const rate = 0.1;
  const steps = 10;
  const controls = [0, 0];
  let scaffold = 3;
  let average = 3;
  const strategy = new Scaffold();
  for (let round = 0; round < 60; round++) {
    const c = strategy.state()['control']?.[0] ?? 0;
    const replies = sites.map(({ at, curve }, i) => {
      const before = controls[i] as number;
      let y = scaffold;
      for (let step = 0; step < steps; step++) y -= rate * (curve * (y - at) - before + c);
      const after = before - c + (scaffold - y) / (steps * rate);
      controls[i] = after;
      return controlReply(`n${i}`, [y], [after - before]);
    });
    scaffold = modelIn(await strategy.aggregateTrain(roundOf([scaffold]), replies))[0] as number;
    const drifting = sites.map(({ at, curve }) => {
      let y = average;
      for (let step = 0; step < steps; step++) y -= rate * curve * (y - at);
      return [y];
    });
    average = (await nextModel(new FedAvg(), [average], drifting))[0] as number;
  }
  t.true(Math.abs(scaffold) < 1e-4, `${scaffold}`);
  t.true(average > 0.5, `${average}`);
});

test('FedNova divides by each node’s steps and moves by their mean', async (t) => {
  const replies = [
    replyOf('a', [2], { 'local-steps': 2 }),
    replyOf('b', [12], { 'local-steps': 6, 'num-examples': 3 }),
  ];
  const aggregate = await new FedNova().aggregateTrain(roundOf([0]), replies);
  // τ_eff = (2 + 3·6)/4 = 5, Σ p d = (1 + 3·2)/4 = 1.75.
  t.deepEqual(modelIn(aggregate), [8.75]);
});

test('FedNova with equal steps is FedAvg', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 500 }), async (seed, steps) => {
      const { base, models, examples } = drawnModels(seed);
      const replies = models.map((model, i) =>
        replyOf(`n${i}`, model, {
          'local-steps': steps,
          'num-examples': examples[i] as number,
        }),
      );
      const found = await new FedNova({ momentum: 0.9 }).aggregateTrain(roundOf(base), replies);
      const average = await nextModel(new FedAvg(), base, models, examples);
      t.true(isNear(modelIn(found), average));
    }),
    { numRuns: 30 },
  );
});

test('the momentum correction is the sum over the steps', (t) => {
  for (const [steps, momentum] of [
    [1, 0.9],
    [7, 0.9],
    [300, 0.5],
    [5, 0],
  ] as const) {
    let velocity = 0;
    let sum = 0;
    for (let step = 0; step < steps; step++) {
      velocity = momentum * velocity + 1;
      sum += velocity;
    }
    t.true(Math.abs(accumulationNorm(steps, momentum) - sum) < 1e-9 * sum);
  }
});

test('FedNova takes the accumulation that a node with another solver reports', async (t) => {
  const replies = [
    replyOf('a', [2], { 'local-steps': 9, 'local-accumulation': 2 }),
    replyOf('b', [12], { 'local-steps': 6, 'num-examples': 3 }),
  ];
  const aggregate = await new FedNova().aggregateTrain(roundOf([0]), replies);
  t.deepEqual(modelIn(aggregate), [8.75]);
  const lie = replyOf('c', [1], { 'local-steps': 1, 'local-accumulation': 1e-9 });
  const { refused } = await new FedNova().aggregateTrain(roundOf([0]), [...replies, lie]);
  t.regex(refused?.[0]?.reason ?? '', /local-accumulation is 1e-9, not a number from 1/);
});

test('FedNova refuses replies without a count of steps', async (t) => {
  for (const steps of [undefined, 0, 1.5, 2 ** 31]) {
    const bad = replyOf('a', [1], steps === undefined ? {} : { 'local-steps': steps });
    const good = replyOf('b', [2], { 'local-steps': 1 });
    const { refused } = await new FedNova().aggregateTrain(roundOf([0]), [bad, good]);
    t.regex(refused?.[0]?.reason ?? '', /local-steps/);
  }
});

test('q-FedAvg follows algorithm 2', async (t) => {
  const strategy = new QFedAvg({ q: 1, clientLearningRate: 0.5 });
  const [asked] = strategy.configureTrain(roundOf([1]));
  t.is(asked?.content.config['learning-rate'], 0.5);
  const replies = [replyOf('a', [0], { 'train-loss': 2 }), replyOf('b', [3], { 'train-loss': 1 })];
  const [found] = modelIn(await strategy.aggregateTrain(roundOf([1]), replies));
  // L = 2: Δw = 2, −4; F Δw = 4, −4; h = 4 + 2·2, 16 + 2·1; w = 1 − (4 − 4)/26.
  t.true(Math.abs((found as number) - 1) < 1e-6);
  const more = [...replies, replyOf('c', [2], { 'train-loss': 3 })];
  const [moved] = modelIn(await strategy.aggregateTrain(roundOf([1]), more));
  // Δw = −2, F Δw = −6, h = 4 + 6.
  t.true(Math.abs((moved as number) - (1 + 6 / 36)) < 1e-6);
});

test('q-FedAvg with q = 0 is FedAvg, whatever the losses', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const { base, models, examples } = drawnModels(seed);
      const replies = models.map((model, i) =>
        replyOf(`n${i}`, model, { 'num-examples': examples[i] as number, 'train-loss': i / 2 }),
      );
      const found = await new QFedAvg({ q: 0 }).aggregateTrain(roundOf(base), replies);
      t.true(isNear(modelIn(found), await nextModel(new FedAvg(), base, models, examples)));
    }),
    { numRuns: 30 },
  );
});

test('q-FedAvg refuses replies without a loss and survives a loss of 0', async (t) => {
  const strategy: Strategy = new QFedAvg();
  const { refused, arrays } = await strategy.aggregateTrain(roundOf([0]), [
    replyOf('a', [1]),
    replyOf('b', [1], { 'train-loss': -1 }),
    replyOf('c', [1], { 'train-loss': 0 }),
  ]);
  t.deepEqual(
    refused?.map(({ reason }) => reason),
    ['metrics has no train-loss', 'train-loss is -1, not a loss of at least 0'],
  );
  t.true(Number.isFinite(arrays['model']?.[0]));
});

test('powers by roots are those of the platform within their last digits', (t) => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-10, max: 1e6, noNaN: true }),
      fc.double({ min: -3, max: 5, noNaN: true }),
      (base, exponent) => {
        const wanted = base ** exponent;
        t.true(Math.abs(realPower(base, exponent) - wanted) <= 1e-12 * wanted);
      },
    ),
  );
  t.is(wholePower(0.5, 10), 2 ** -10);
  t.is(wholePower(7, 0), 1);
  t.is(realPower(9, 0.5), 3);
});
