import test from 'ava';
import fc from 'fast-check';
import { Bulyan } from './bulyan.ts';
import { CenteredClipping } from './centered-clipping.ts';
import { FedAvg } from './fed-avg.ts';
import { FedMedian } from './fed-median.ts';
import { FedTrimmedAvg } from './fed-trimmed-avg.ts';
import { GeometricMedian } from './geometric-median.ts';
import { Krum } from './krum.ts';
import { MultiKrum } from './multi-krum.ts';
import { NormBoundedAvg } from './norm-bounded-avg.ts';
import type { Strategy } from './strategy.ts';
import {
  drawnModels,
  isNear,
  modelIn,
  nextModel,
  repliesOf,
  replyOf,
  roundOf,
} from './strategy-fixture.ts';

test('the median takes the middle, and of an even count the mean of the two', async (t) => {
  t.deepEqual(
    await nextModel(
      new FedMedian(),
      [0, 0],
      [
        [3, 1],
        [1, 9],
        [2, -5],
      ],
    ),
    [2, 1],
  );
  t.deepEqual(await nextModel(new FedMedian(), [0], [[4], [1], [100], [2]]), [3]);
  t.deepEqual(await nextModel(new FedMedian(), [0], [[7]]), [7]);
});

test('the trimmed mean leaves out beta of either end', async (t) => {
  const models = [[9], [1], [2], [-70], [3]];
  t.deepEqual(await nextModel(new FedTrimmedAvg({ beta: 0.2 }), [0], models), [2]);
  t.deepEqual(await nextModel(new FedTrimmedAvg({ beta: 0.4 }), [0], models), [2]);
  t.deepEqual(await nextModel(new FedTrimmedAvg({ beta: 0.19 }), [0], models), [-11]);
});

test('Krum takes the model whose n − f − 2 nearest are nearest', async (t) => {
  // f = 1, n = 5: two nearest. Scores: 0: 1 + 4, 1: 1 + 1, 2: 1 + 4, 10: 64 + 81, 20: 100 + 324.
  const models = [[0], [20], [1], [10], [2]];
  t.deepEqual(await nextModel(new Krum({ numMaliciousNodes: 1 }), [0], models), [1]);
});

test('MultiKrum averages the best scored, and one of them is Krum', async (t) => {
  const models = [[0], [20], [1], [10], [2]];
  const options = { numMaliciousNodes: 1 };
  const three = new MultiKrum({ ...options, numNodesToSelect: 3 });
  t.deepEqual(await nextModel(three, [0], models, [1, 1000, 1, 1, 999]), [1]);
  t.deepEqual(await nextModel(new MultiKrum(options), [0], models), [1]);
});

test('Bulyan averages what is nearest to the median of what Krum took', async (t) => {
  // n = 7, f = 1: Krum leaves out 50 and 9, β = 3 of 0 1 2 3 4 around 2.
  const models = [[0], [1], [2], [3], [4], [9], [50]];
  const [found] = await nextModel(new Bulyan({ numMaliciousNodes: 1 }), [0], models);
  t.is(found, 2);
});

test('the geometric median of three corners is the point that sees them under 120 degrees', async (t) => {
  const height = Math.sqrt(3) / 2;
  const models = [
    [0, 0],
    [1, 0],
    [0.5, height],
  ];
  const found = await nextModel(new GeometricMedian({ tolerance: 1e-12 }), [0, 0], models);
  t.true(isNear(found, [0.5, height / 3], 1));
  const line = await nextModel(new GeometricMedian({ iterationsMax: 400 }), [0], [[0], [1], [9]]);
  t.true(Math.abs((line[0] as number) - 1) < 1e-3);
});

test('the geometric median weights by examples only when asked to', async (t) => {
  const models = [[0], [0], [8]];
  const plain = await nextModel(new GeometricMedian(), [0], models, [1, 1, 1000]);
  t.true(Math.abs(plain[0] as number) < 1e-3);
  const weighted = new GeometricMedian({ weighted: true });
  const claimed = await nextModel(weighted, [0], models, [1, 1, 1000]);
  t.true(Math.abs((claimed[0] as number) - 8) < 1e-3);
});

test('centered clipping pulls each update to the radius and starts from the last centre', async (t) => {
  const strategy = new CenteredClipping({ clippingRadius: 2 });
  // Deltas 1, −10, 4 clipped around 0 to 1, −2, 2.
  const [first] = await nextModel(strategy, [5], [[6], [-5], [9]]);
  t.true(Math.abs((first as number) - (5 + 1 / 3)) < 1e-6);
  // Around 1/3: 2/3, −2, 2.
  const [second] = await nextModel(strategy, [5], [[6], [-5], [9]]);
  t.true(Math.abs((second as number) - (5 + 1 / 3 + 2 / 9)) < 1e-6);
  const resumed = new CenteredClipping({ clippingRadius: 2 });
  resumed.restore(strategy.state());
  t.deepEqual(
    await nextModel(resumed, [5], [[6], [-5]]),
    await nextModel(strategy, [5], [[6], [-5]]),
  );
});

test('with a radius or a norm that clips nothing these are means', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const { base, models, examples } = drawnModels(seed);
      const plain = await nextModel(new FedAvg({ weightedByKey: '' }), base, models);
      const weighted = await nextModel(new FedAvg(), base, models, examples);
      const clipping = new CenteredClipping({ clippingRadius: 1e9 });
      t.true(isNear(await nextModel(clipping, base, models, examples), plain));
      const bounded = new NormBoundedAvg({ clippingNorm: 1e9 });
      t.true(isNear(await nextModel(bounded, base, models, examples), weighted));
      const untrimmed = new FedTrimmedAvg({ beta: 0 });
      t.true(isNear(await nextModel(untrimmed, base, models, examples), plain));
    }),
    { numRuns: 30 },
  );
});

test('norm-bounded averaging moves the model by no more than the norm, whatever is claimed', async (t) => {
  const strategy = new NormBoundedAvg({ clippingNorm: 5 });
  const found = await nextModel(
    strategy,
    [1, 1],
    [
      [1 + 3e5, 1 + 4e5],
      [1, 1],
    ],
    [2 ** 30, 1],
  );
  t.true(Math.hypot((found[0] as number) - 1, (found[1] as number) - 1) <= 5 + 1e-6);
  t.deepEqual(
    await nextModel(
      strategy,
      [0, 0],
      [
        [30, 40],
        [3, 0],
      ],
      [1, 1],
    ),
    [3, 2],
  );
});

/** Rules with the most liars they promise to withstand among eleven. */
const RULES: readonly (readonly [() => Strategy, number])[] = [
  [() => new FedMedian(), 5],
  [() => new FedTrimmedAvg({ beta: 0.4 }), 4],
  [() => new Krum({ numMaliciousNodes: 4 }), 4],
  [() => new MultiKrum({ numMaliciousNodes: 4, numNodesToSelect: 5 }), 4],
  [() => new Bulyan({ numMaliciousNodes: 2 }), 2],
  [() => new GeometricMedian(), 5],
];

test('liars up to the breakdown point move no rule away from the honest ones', async (t) => {
  for (const [make, liars] of RULES) {
    for (const lie of [1e4, -1e9, 3e38]) {
      const honest = Array.from({ length: 11 - liars }, (_, i) => [1 + i / 10, -1 - i / 10]);
      const lying = Array.from({ length: liars }, () => [lie, -lie]);
      const strategy = make();
      const [a, b] = (await nextModel(strategy, [0, 0], [...lying, ...honest])) as [number, number];
      t.true(Math.abs(a - 1.5) < 2 && Math.abs(b + 1.5) < 2, `${strategy.name} ${lie}: ${a}, ${b}`);
    }
  }
});

test('one more liar than promised breaks the median, the trimmed mean and the plain mean', async (t) => {
  const broken = async (strategy: Strategy, liars: number) => {
    const models = Array.from({ length: 11 }, (_, i) => [i < liars ? 1e6 : 1]);
    return ((await nextModel(strategy, [0], models))[0] as number) > 1e4;
  };
  t.true(await broken(new FedMedian(), 6));
  t.true(await broken(new FedTrimmedAvg({ beta: 0.4 }), 5));
  t.true(await broken(new FedAvg(), 1));
});

test('one node moves centered clipping by at most twice the radius over n', async (t) => {
  const models = Array.from({ length: 10 }, (_, i) => [i / 10, -i / 10]);
  const step = async (last: number[]) =>
    nextModel(new CenteredClipping({ clippingRadius: 0.5 }), [0, 0], [...models.slice(1), last]);
  const there = await step([1e9, 1e9]);
  const back = await step([-1e9, 3]);
  const moved = Math.hypot(
    (there[0] as number) - (back[0] as number),
    (there[1] as number) - (back[1] as number),
  );
  t.true(moved <= (2 * 0.5) / 10 + 1e-6, `${moved}`);
});

test('the order of nodes changes no bit of a median and nothing but rounding elsewhere', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const { base, models } = drawnModels(seed, [11, 11]);
      const replies = repliesOf(models);
      for (const [make] of RULES) {
        // Krum takes the earlier of two equally good models, so its order of nodes is kept.
        if (make().name.includes('Krum') || make().name === 'Bulyan') continue;
        const there = modelIn(await make().aggregateTrain(roundOf(base), replies));
        const back = modelIn(await make().aggregateTrain(roundOf(base), replies.toReversed()));
        if (make().name === 'FedMedian') t.deepEqual(there, back);
        else t.true(isNear(there, back, 1000, 1e-4));
      }
    }),
    { numRuns: 20 },
  );
});

test('models that are all alike come out unchanged', async (t) => {
  for (const [make] of RULES) {
    const model = [0.1, -7, 3e-20];
    const same = Array.from({ length: 11 }, () => model);
    t.deepEqual(await nextModel(make(), [1, 2, 3], same), [...Float32Array.from(model)]);
  }
});

test('too few replies are refused with the number, and who did not count', async (t) => {
  const replies = [...repliesOf([[1], [2], [3]]), replyOf('x', [Number.NaN])];
  const refusals: readonly (readonly [Strategy, string])[] = [
    [new Krum({ numMaliciousNodes: 1 }), 'Krum with 1 malicious node needs 5 replies, 3 count'],
    [
      new MultiKrum({ numMaliciousNodes: 0, numNodesToSelect: 4 }),
      'MultiKrum with 0 malicious nodes, 4 to select, needs 4 replies, 3 count',
    ],
    [
      new Bulyan({ numMaliciousNodes: 2 }),
      'Bulyan with 2 malicious nodes needs 11 replies, 3 count',
    ],
  ];
  for (const [strategy, message] of refusals) {
    await t.throwsAsync(strategy.aggregateTrain(roundOf([0]), replies), {
      code: 'too-few-replies',
      message: `${message}; refused: x (model[0] is NaN)`,
    });
  }
  for (const make of [
    () => new FedMedian(),
    () => new GeometricMedian(),
    () => new FedTrimmedAvg(),
  ]) {
    await t.throwsAsync(make().aggregateTrain(roundOf([0]), []), { code: 'too-few-replies' });
  }
});

test('options of robust rules out of range are refused with the number', (t) => {
  t.throws(() => new FedTrimmedAvg({ beta: 0.5 }), { message: /beta is 0.5; expected .* 0.5/ });
  t.throws(() => new Krum({ numMaliciousNodes: -1 }), { message: /numMaliciousNodes is -1/ });
  t.throws(() => new MultiKrum({ numNodesToSelect: 0 }), { message: /numNodesToSelect is 0/ });
  t.throws(() => new GeometricMedian({ nu: 0 }), { message: /nu is 0/ });
  t.throws(() => new CenteredClipping({ iterations: 0 }), { message: /iterations is 0/ });
  t.throws(() => new NormBoundedAvg({ clippingNorm: Number.POSITIVE_INFINITY }), {
    message: /clippingNorm is Infinity/,
  });
});
