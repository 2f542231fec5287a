import test from 'ava';
import { gradientDisagreements } from '../graph/gradient-check.ts';
import type { Tensor } from '../graph/graph.ts';
import { seededUniforms } from '../seeded-random.ts';
import { infoNce } from './info-nce-loss.ts';
import { evaluateLoss, gradientCaseOf, type LossSetting } from './loss-fixture.ts';
import { localContrastive, triplet } from './margin-losses.ts';
import type { Mining } from './mining.ts';
import { binaryCrossEntropy, meanSquaredError, softmaxCrossEntropy } from './pointwise.ts';
import { spectralPenalty } from './spectral.ts';

function rows(count: number, width: number, seed: number): number[][] {
  const uniform = seededUniforms(seed);
  return Array.from({ length: count }, () =>
    Array.from({ length: width }, () => uniform() * 2 - 1),
  );
}

const WEIGHTS = [0.4, 0.3, 0.2, 0.1];
const pairs = { outputs: rows(4, 3, 1), targets: rows(4, 3, 2), weights: WEIGHTS };
const MINING: readonly Mining[] = ['hardest', 'semiHard', 'distanceWeighted', 'random'];

const settings: Readonly<Record<string, LossSetting>> = {
  softmaxCrossEntropy: { ...pairs, loss: softmaxCrossEntropy(), targets: [0, 2, 1, 2] },
  binaryCrossEntropy: {
    ...pairs,
    loss: binaryCrossEntropy(),
    targets: rows(4, 3, 3).map((row) => row.map(Math.abs)),
  },
  meanSquaredError: { ...pairs, loss: meanSquaredError() },
  infoNce: { ...pairs, loss: infoNce({ temperature: 0.3 }) },
  'infoNce with a row that fills up': {
    ...pairs,
    loss: infoNce({ temperature: 0.3 }),
    weights: [0.5, 0, 0.25, 0.25],
  },
  localContrastive: { ...pairs, loss: localContrastive({ margin: 1.5 }) },
  'localContrastive, some negatives inactive': {
    ...pairs,
    loss: localContrastive({ margin: 0.8 }),
  },
  ...Object.fromEntries(
    MINING.map((mining) => [
      `triplet, ${mining}`,
      { ...pairs, loss: triplet({ margin: 1, mining }) },
    ]),
  ),
};

for (const [name, setting] of Object.entries(settings)) {
  test(`the gradient of ${name} agrees with central differences`, async (t) => {
    t.deepEqual(await gradientDisagreements(gradientCaseOf(setting)), []);
  });
}

test('the gradient of the spectral penalty agrees with central differences', async (t) => {
  const disagreements = await gradientDisagreements({
    shapes: [[4, 3]],
    build: (graph, [output]) => {
      const input = graph.constant(rows(4, 2, 5).flat(), [4, 2]);
      const sampleWeights = graph.constant(WEIGHTS);
      const pass = { graph, output: output as Tensor, sampleWeights };
      return spectralPenalty(pass, input, { weight: 0.7, bandwidth: 0.9 });
    },
  });
  t.deepEqual(disagreements, []);
});

test('losses equal their formulas', async (t) => {
  const near = (actual: number | undefined, expected: number) =>
    t.true(Math.abs((actual ?? Number.NaN) - expected) < 1e-6, `${actual} for ${expected}`);
  const one = { weights: [1] };
  near(
    (await evaluateLoss({ ...one, loss: softmaxCrossEntropy(), outputs: [[1, 2]], targets: [0] }))
      .loss,
    Math.log(1 + Math.E),
  );
  near(
    (
      await evaluateLoss({
        ...one,
        loss: binaryCrossEntropy(),
        outputs: [[2, -1]],
        targets: [[1, 0]],
      })
    ).loss,
    (Math.log1p(Math.exp(-2)) + Math.log1p(Math.exp(-1))) / 2,
  );
  near(
    (
      await evaluateLoss({
        ...one,
        loss: meanSquaredError(),
        outputs: [[2, -1]],
        targets: [[1, 1]],
      })
    ).loss,
    2.5,
  );
  const square = {
    outputs: [
      [1, 0],
      [0, 1],
    ],
    targets: [
      [1, 0],
      [0, 1],
    ],
  };
  near(
    (await evaluateLoss({ ...square, loss: infoNce({ temperature: 0.5 }) })).loss,
    Math.log(1 + Math.exp(-2)),
  );
  near(
    (await evaluateLoss({ ...square, loss: triplet({ margin: 3, mining: 'hardest' }) })).loss,
    1,
  );
  near(
    (await evaluateLoss({ ...square, loss: localContrastive({ margin: 2 }) })).loss,
    (2 - Math.SQRT2) ** 2,
  );
});

test('very large logits give finite losses and gradients', async (t) => {
  const outputs = [
    [3e4, -3e4, 0],
    [-3e4, 3e4, 1e30],
  ];
  for (const [loss, targets] of [
    [softmaxCrossEntropy(), [1, 0]],
    [
      binaryCrossEntropy(),
      [
        [0, 1, 0.5],
        [1, 0, 1],
      ],
    ],
    [
      infoNce({ temperature: 0.01 }),
      outputs.map((row) => row.map((value) => Math.min(value, 3e4))),
    ],
  ] as const) {
    const bounded =
      loss.name === 'infoNce' ? outputs.map((row) => row.map((v) => Math.min(v, 3e4))) : outputs;
    const { loss: value, dOutput } = await evaluateLoss({ loss, outputs: bounded, targets });
    t.true(Number.isFinite(value), `${loss.name} is ${value}`);
    t.true(dOutput.every(Number.isFinite), `${loss.name}: ${dOutput}`);
  }
});

test('equal scores give the loss of a guess and gradients that cancel', async (t) => {
  const same = [
    [0.6, 0.8],
    [0.6, 0.8],
    [0.6, 0.8],
    [0.6, 0.8],
  ];
  const { loss, dOutput } = await evaluateLoss({
    loss: infoNce({ temperature: 0.1 }),
    outputs: same,
    targets: same,
  });
  t.true(Math.abs((loss ?? 0) - Math.log(4)) < 1e-6);
  t.true(
    dOutput.every((value) => Math.abs(value) < 1e-5),
    `${dOutput}`,
  );
  for (const mining of MINING) {
    const equal = await evaluateLoss({
      loss: triplet({ margin: 0.5, mining }),
      outputs: same,
      targets: same,
    });
    t.is(equal.loss, 0.5, `${mining}: the margin`);
    t.true([...equal.dOutput, ...equal.dTarget].every(Number.isFinite), mining);
  }
  const local = await evaluateLoss({
    loss: localContrastive({ margin: 1 }),
    outputs: same,
    targets: same,
  });
  t.true([...local.dOutput, ...local.dTarget].every(Number.isFinite), `${local.dOutput}`);
});

test('negatives beyond the margin are inactive: no loss, no gradient', async (t) => {
  const outputs = [
    [10, 0],
    [0, 10],
    [-10, 0],
  ];
  for (const loss of [
    localContrastive({ margin: 1 }),
    ...MINING.map((mining) => triplet({ margin: 1, mining })),
  ]) {
    const {
      loss: value,
      dOutput,
      dTarget,
    } = await evaluateLoss({ loss, outputs, targets: outputs });
    t.is(value, 0, loss.name);
    t.true(
      [...dOutput, ...dTarget].every((gradient) => gradient === 0),
      loss.name,
    );
  }
});

test('rows that fill up a batch change nothing and are no negatives', async (t) => {
  const filled = { outputs: [...rows(3, 3, 1), [9, 9, 9]], targets: [...rows(3, 3, 2), [0, 0, 0]] };
  const short = { outputs: rows(3, 3, 1), targets: rows(3, 3, 2) };
  for (const loss of [
    infoNce({ temperature: 0.2 }),
    localContrastive({ margin: 2 }),
    triplet({ margin: 1, mining: 'hardest' }),
    triplet({ margin: 1, mining: 'semiHard' }),
  ]) {
    const third = 1 / 3;
    const long = await evaluateLoss({ ...filled, loss, weights: [third, third, third, 0] });
    const exact = await evaluateLoss({ ...short, loss, weights: [third, third, third] });
    t.true(Math.abs((long.loss ?? 0) - (exact.loss ?? 1)) < 1e-6, `${loss.name}: ${long.loss}`);
    t.deepEqual(long.dOutput.slice(9), [0, 0, 0], loss.name);
  }
});

test('a batch of one pair has no negatives and costs nothing', async (t) => {
  const lone = { outputs: [[1, 2]], targets: [[1, 2]], weights: [1] };
  for (const loss of [
    infoNce({ temperature: 0.1 }),
    localContrastive({ margin: 5 }),
    ...MINING.map((mining) => triplet({ margin: 5, mining })),
  ]) {
    const { loss: value } = await evaluateLoss({ ...lone, loss });
    t.true(value === 0, `${loss.name} is ${value}`);
  }
});
