import test from 'ava';
import fc from 'fast-check';
import { FedAdagrad } from './fed-adagrad.ts';
import { FedAdam } from './fed-adam.ts';
import { FedAvg } from './fed-avg.ts';
import { FedAvgM } from './fed-avg-m.ts';
import { FedProx } from './fed-prox.ts';
import { FedYogi } from './fed-yogi.ts';
import type { Strategy } from './strategy.ts';
import { drawnModels, isNear, nextModel, repliesOf, replyOf, roundOf } from './strategy-fixture.ts';

/** Two rounds from a base of 0: the mean moves to 1, then to 1 above the model. */
async function twoRounds(strategy: Strategy): Promise<[number, number]> {
  const [first] = await nextModel(strategy, [0], [[0.5], [1.5]]);
  const [second] = await nextModel(strategy, [first as number], [[(first as number) + 1]]);
  return [first as number, second as number];
}

function near(t: { true(holds: boolean, message?: string): void }, a: number, b: number) {
  t.true(Math.abs(a - b) <= 2e-7 * Math.max(1, Math.abs(b)), `${a} is not ${b}`);
}

test('FedProx sends its mu and averages as FedAvg does', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const { base, models, examples } = drawnModels(seed);
      const prox = await nextModel(new FedProx({ proximalMu: 0.3 }), base, models, examples);
      t.deepEqual(prox, await nextModel(new FedAvg(), base, models, examples));
    }),
    { numRuns: 20 },
  );
  const [asked] = new FedProx({ proximalMu: 0.3 }).configureTrain(roundOf([0]));
  t.is(asked?.content.config['proximal-mu'], 0.3);
  t.throws(() => new FedProx({ proximalMu: -1 }), { message: /proximalMu is -1/ });
});

test('FedAvgM without momentum and with a rate of 1 is FedAvg', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const { base, models, examples } = drawnModels(seed);
      const strategy = new FedAvgM();
      for (let round = 0; round < 2; round++) {
        const found = await nextModel(strategy, base, models, examples);
        t.true(isNear(found, await nextModel(new FedAvg(), base, models, examples)));
      }
    }),
    { numRuns: 20 },
  );
});

test('FedAvgM gathers speed: v is 1, then 0.9 + 1', async (t) => {
  const [first, second] = await twoRounds(
    new FedAvgM({ serverMomentum: 0.9, serverLearningRate: 0.5 }),
  );
  near(t, first, 0.5);
  near(t, second, 0.5 + 0.5 * 1.9);
});

test('FedAdagrad divides by the root of the sum of squares', async (t) => {
  const [first, second] = await twoRounds(new FedAdagrad({ eta: 0.5, tau: 1 }));
  near(t, first, (0.5 * 1) / (1 + 1));
  near(t, second, first + (0.5 * 1) / (Math.sqrt(2) + 1));
});

test('FedAdam follows algorithm 2 without the bias correction', async (t) => {
  const options = { eta: 1, tau: 0.5, beta1: 0.9, beta2: 0.99, biasCorrection: false };
  const [first, second] = await twoRounds(new FedAdam(options));
  near(t, first, 0.1 / (Math.sqrt(0.01) + 0.5));
  near(t, second, first + 0.19 / (Math.sqrt(0.0199) + 0.5));
});

test('FedAdam with the bias correction starts with a whole step', async (t) => {
  const [first, second] = await twoRounds(new FedAdam({ eta: 0.1, tau: 1e-9 }));
  t.true(Math.abs(first - 0.1) < 1e-6);
  t.true(Math.abs(second - 0.2) < 1e-6);
});

test('FedYogi adds to v while it is below the square and takes away above', async (t) => {
  const options = { eta: 1, tau: 0.5, beta1: 0, beta2: 0.9 };
  const [first, second] = await twoRounds(new FedYogi(options));
  near(t, first, 1 / (Math.sqrt(0.1) + 0.5));
  near(t, second, first + 1 / (Math.sqrt(0.2) + 0.5));
  const [falling] = await nextModel(
    new FedYogi({ ...options, initialAccumulator: 4 }),
    [0],
    [[1], [1]],
  );
  near(t, falling as number, 1 / (Math.sqrt(4 - 0.1) + 0.5));
});

test('nodes are sent eta-l unless the run says another learning rate', (t) => {
  const round = roundOf([0]);
  const rateOf = (strategy: Strategy, config: object) => {
    const [asked] = strategy.configureTrain({ ...round, config: { ...round.config, ...config } });
    return asked?.content.config['learning-rate'];
  };
  t.is(rateOf(new FedAdam(), {}), 0.1);
  t.is(rateOf(new FedYogi(), {}), 0.0316);
  t.is(rateOf(new FedAdagrad({ etaL: 0.3 }), {}), 0.3);
  t.is(rateOf(new FedAdam(), { 'learning-rate': 0.02 }), 0.02);
});

const STATEFUL: readonly (() => Strategy)[] = [
  () => new FedAvgM({ serverMomentum: 0.9 }),
  () => new FedAdagrad(),
  () => new FedAdam(),
  () => new FedYogi(),
];

test('a resumed run goes on with the same bits', async (t) => {
  for (const make of STATEFUL) {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const { base, models, examples } = drawnModels(seed);
        const whole = make();
        for (let round = 0; round < 3; round++) await nextModel(whole, base, models, examples);
        const resumed = make();
        resumed.restore(whole.state());
        t.deepEqual(
          await nextModel(resumed, base, models, examples),
          await nextModel(whole, base, models, examples),
        );
        t.deepEqual(resumed.state(), whole.state());
      }),
      { numRuns: 10 },
    );
  }
});

test('a state of another strategy, of another size and with a NaN is refused by name', async (t) => {
  for (const make of STATEFUL) {
    const strategy = make();
    await nextModel(strategy, [0, 0], [[1, 1]]);
    const state = strategy.state();
    const [name] = Object.keys(state) as [string];
    t.throws(() => make().restore({ other: new Float32Array(2) }), {
      code: 'invalid-options',
      message: / keeps .*, not other/,
    });
    t.throws(() => make().restore({ ...state, [name]: Float32Array.of(Number.NaN, 1) }), {
      code: 'invalid-options',
      message: new RegExp(`${name}\\[0\\] is NaN`),
    });
    await t.throwsAsync(nextModel(strategy, [0], [[1]]), {
      code: 'invalid-options',
      message: /has 2 elements, not 1/,
    });
  }
});

test('a round that fails leaves the state as it was', async (t) => {
  for (const make of STATEFUL) {
    const strategy = make();
    await nextModel(strategy, [0], [[1]]);
    const before = strategy.state();
    const bad = [replyOf('a', [Number.NaN])];
    await t.throwsAsync(strategy.aggregateTrain(roundOf([0]), bad), { code: 'too-few-replies' });
    t.deepEqual(strategy.state(), before);
  }
});

test('a next model beyond float32 is an error, not a model', async (t) => {
  const strategy = new FedAvgM({ serverLearningRate: 1e30 });
  await t.throwsAsync(strategy.aggregateTrain(roundOf([0]), repliesOf([[1e20], [1e20]])), {
    code: 'diverged',
    message: 'FedAvgM: element 0 of the next model is Infinity',
  });
  t.deepEqual(strategy.state(), {});
});

test('huge but finite updates leave the adaptive servers finite', async (t) => {
  for (const make of [() => new FedAdagrad(), () => new FedAdam(), () => new FedYogi()]) {
    const strategy = make();
    for (let round = 0; round < 3; round++) {
      const [next] = await nextModel(strategy, [0], [[3e38]]);
      t.true(Number.isFinite(next));
    }
    t.notThrows(() => make().restore(strategy.state()));
  }
});

test('options out of range are refused with the number', (t) => {
  t.throws(() => new FedAvgM({ serverMomentum: 1 }), { message: /serverMomentum is 1; expected/ });
  t.throws(() => new FedAvgM({ serverLearningRate: 0 }), { message: /serverLearningRate is 0/ });
  t.throws(() => new FedAdam({ beta1: 1 }), { message: /FedAdam: beta1 is 1; expected/ });
  t.throws(() => new FedAdam({ biasCorrection: 1 as never }), { message: /true or false/ });
  t.throws(() => new FedYogi({ tau: 0 }), { message: /tau is 0; expected a number above 0/ });
  t.throws(() => new FedAdagrad({ beta1: 0.9 } as never), { message: /no option beta1/ });
});
