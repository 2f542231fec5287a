import test from 'ava';
import { gradientDisagreements } from '../graph/gradient-check.ts';
import { seededUniforms } from '../seeded-random.ts';
import { infoNce } from './info-nce-loss.ts';
import type { Loss } from './loss.ts';
import { evaluateLoss, gradientCaseOf, type LossSetting } from './loss-fixture.ts';
import { localContrastive, triplet } from './margin-losses.ts';

const uniform = seededUniforms(3);
const rows = (count: number) =>
  Array.from({ length: count }, () => Array.from({ length: 3 }, () => uniform() * 2 - 1));
/** The first two pairs share a target, the last two an input. */
const ids = { x: [1, 2, 3, 3], y: [7, 7, 8, 9] };
const setting = { outputs: rows(4), targets: rows(4), weights: [0.4, 0.3, 0.2, 0.1] };

const losses: Record<string, (masksEqualPairs: boolean) => Loss> = {
  infoNce: (masksEqualPairs) => infoNce({ temperature: 0.3, masksEqualPairs }),
  'triplet, hardest': (masksEqualPairs) =>
    triplet({ margin: 1, mining: 'hardest', masksEqualPairs }),
  localContrastive: (masksEqualPairs) => localContrastive({ margin: 1.5, masksEqualPairs }),
};

for (const [name, loss] of Object.entries(losses)) {
  test(`${name}: the gradient with equal pairs masked agrees with central differences`, async (t) => {
    const masked: LossSetting = { ...setting, ids, loss: loss(true) };
    t.deepEqual(await gradientDisagreements(gradientCaseOf(masked)), []);
    const { loss: value } = await evaluateLoss(masked);
    t.not(value, (await evaluateLoss({ ...setting, loss: loss(false) })).loss);
  });

  test(`${name}: pairs that are all different lose nothing by the mask`, async (t) => {
    const different = { x: [1, 2, 3, 4], y: [1, 2, 3, 4] };
    const masked = await evaluateLoss({ ...setting, ids: different, loss: loss(true) });
    t.deepEqual(masked, await evaluateLoss({ ...setting, loss: loss(false) }));
  });
}

test('infoNce sums over the pairs that share nothing', async (t) => {
  const { outputs, targets, weights } = setting;
  const score = (i: number, j: number) =>
    (outputs[i] ?? []).reduce((sum, value, k) => sum + value * (targets[j]?.[k] ?? 0), 0) / 0.3;
  const own = (i: number, at: (i: number, j: number) => number) => {
    const others = [0, 1, 2, 3].filter((j) => {
      return j === i || (ids.x[i] !== ids.x[j] && ids.y[i] !== ids.y[j]);
    });
    const total = others.reduce((sum, j) => sum + Math.exp(at(i, j)), 0);
    return Math.log(total) - at(i, i);
  };
  const expected = weights.reduce((sum, weight, i) => {
    return sum + (weight / 2) * (own(i, score) + own(i, (a, b) => score(b, a)));
  }, 0);
  const { loss } = await evaluateLoss({
    ...setting,
    ids,
    loss: infoNce({ temperature: 0.3, masksEqualPairs: true }),
  });
  t.true(Math.abs((loss ?? 0) - expected) < 1e-5, `${loss} for ${expected}`);
});
