import test from 'ava';
import { gaussianRdp, type Sampling, skellamRdp, summedDiscreteGaussianRdp } from './accountant.ts';
import { ORDER_MAX, ORDER_MIN, RdpCurve } from './rdp-curve.ts';
import { skellamLogRatio } from './skellam-log-ratio.ts';

const ALL: Sampling = { kind: 'all' };
const poisson = (rate: number): Sampling => ({ kind: 'poisson', rate });

/** Rate, noise multiplier, uses, δ, then ε by the classic conversion with its order, and tight. */
const PUBLISHED = [
  [0.01, 4, 10_000, 1e-5, 1.2586, 20, 1.0355],
  [256 / 60_000, 1.1, 14_063, 1e-5, 3.0092, 9, 2.5971],
  [256 / 60_000, 1.3, 3515, 1e-5, 1.1921, 17, 0.9544],
  [256 / 60_000, 0.7, 10_547, 1e-5, 7.1229, 4, 6.3732],
  [0.1, 1, 100, 1e-3, 6.6251, 3, 5.6703],
  [0.1, 1.3, 200, 1e-3, 6.0881, undefined, 5.1334],
  [0.5, 2, 50, 1e-5, 11.2576, undefined, 10.3029],
  [1, 5, 100, 1e-5, 11.7565, undefined, 10.8017],
  [1, 1, 1, 1e-5, 5.3026, 6, 4.7527],
] as const;

for (const [rate, noise, uses, delta, classic, order, tight] of PUBLISHED) {
  test(`rate ${rate.toFixed(4)}, σ ${noise}, ${uses} uses cost ε ${classic}, tight ${tight}`, (t) => {
    const spent = gaussianRdp(noise, rate === 1 ? ALL : poisson(rate)).times(uses);
    const byClassic = spent.epsilon(delta, 'classic');
    t.is(byClassic.epsilon.toFixed(4), classic.toFixed(4));
    if (order !== undefined) t.is(byClassic.order, order);
    t.is(spent.epsilon(delta, 'tight').epsilon.toFixed(4), tight.toFixed(4));
  });
}

test('sampling everyone is no sampling, sampling nobody costs nothing', (t) => {
  const grid = { l2Sensitivity: 10, l1Sensitivity: 20, variance: 900 };
  for (const rdp of [gaussianRdp.bind(null, 1.5), skellamRdp.bind(null, grid)]) {
    t.deepEqual(rdp(poisson(1)).toBytes(), rdp(ALL).toBytes());
    t.true(rdp(poisson(0)).isZero);
  }
});

test('Poisson sampling never costs more than taking everyone', (t) => {
  const noise = { l2Sensitivity: 100, l1Sensitivity: 1000, variance: 100 ** 2 };
  const whole = skellamRdp(noise, ALL);
  for (const rate of [0.001, 0.1, 0.9, 0.999]) {
    const sampled = skellamRdp(noise, poisson(rate));
    for (let order = ORDER_MIN; order <= ORDER_MAX; order++) {
      t.true(sampled.at(order) <= whole.at(order), `order ${order} at rate ${rate}`);
    }
  }
  const rounds = skellamRdp(noise, poisson(0.01)).times(1000).epsilon(1e-5, 'tight').epsilon;
  t.true(rounds < whole.epsilon(1e-5, 'tight').epsilon, 'a thousand sampled rounds');
});

/** The divergence itself, summed over the integers, of Skellam noise from itself shifted. */
function exactSkellamNats(variance: number, shift: number, order: number): number {
  const logRatio = skellamLogRatio(variance);
  const reach = Math.ceil(35 * Math.sqrt(variance)) + 60;
  let mass = 0;
  let moment = 0;
  for (let k = -reach; k <= reach; k++) {
    const here = logRatio(Math.abs(k));
    mass += Math.exp(here);
    const there = logRatio(Math.abs(k - shift));
    if (there > -700) moment += Math.exp(there * order + here * (1 - order));
  }
  return Math.log(moment / mass) / (order - 1);
}

test('the Skellam curve bounds the divergence itself, closely where noise is large', (t) => {
  for (const variance of [4, 50, 400, 2500]) {
    for (const shift of [1, 3]) {
      const noise = { l1Sensitivity: shift, l2Sensitivity: shift, variance };
      const curve = skellamRdp(noise, ALL);
      for (const order of [2, 5, 16, 40]) {
        const exact = exactSkellamNats(variance, shift, order);
        t.true(curve.at(order) >= exact, `variance ${variance}, shift ${shift}, order ${order}`);
        if (variance >= 400) t.true(curve.at(order) < exact * 1.05);
      }
    }
  }
});

test('one discrete Gaussian costs what a Gaussian costs, and a sum of wide ones as much', (t) => {
  const one = { l2Sensitivity: 8, l1Sensitivity: 64, elements: 16, variance: 256 };
  const gaussian = gaussianRdp(2, ALL).toBytes();
  const alone = { ...one, summands: 1, summandStdDev: 16 };
  t.deepEqual(summedDiscreteGaussianRdp(alone, ALL).toBytes(), gaussian);
  const wide = { ...one, summands: 4, summandStdDev: 8 };
  t.deepEqual(summedDiscreteGaussianRdp(wide, ALL).toBytes(), gaussian);
  const narrow = { ...one, variance: 1, summands: 4, summandStdDev: 0.5 };
  t.true(summedDiscreteGaussianRdp(narrow, ALL).at(2) > (2 * 64) / 2);
});

test('settings without sense are refused', (t) => {
  t.throws(() => gaussianRdp(0, ALL), { instanceOf: RangeError });
  t.throws(() => gaussianRdp(1, poisson(1.1)), { instanceOf: RangeError });
  t.throws(() => skellamRdp({ l1Sensitivity: 1, l2Sensitivity: 1, variance: 0 }, ALL), {
    instanceOf: RangeError,
  });
});

test('rounds of different noise add up', (t) => {
  const spent = gaussianRdp(2, ALL).plus(gaussianRdp(3, ALL));
  const together = RdpCurve.of((order) => (order / 2) * (1 / 4 + 1 / 9));
  for (const order of [2, 50, 512]) {
    t.true(Math.abs(spent.at(order) - together.at(order)) < 1e-11);
  }
});
