import test from 'ava';
import {
  DELAY_FAMILIES,
  fateOf,
  PERFECT_NETWORK,
  parseDelay,
  type VirtualNetwork,
} from './virtual-network.ts';

const fates = (own: Partial<VirtualNetwork>, seed = 1) =>
  Array.from({ length: 4000 }, (_, i) =>
    fateOf({ ...PERFECT_NETWORK, ...own }, { seed, at: 1, node: `node-${i}`, kind: 'train' }),
  );

test('the same question has the same fate, and another seed another', (t) => {
  const own = { dropOut: 0.5, delay: parseDelay('exponential:100') };
  t.deepEqual(fates(own), fates(own));
  t.notDeepEqual(fates(own), fates(own, 2));
});

test('the share of lost answers is as asked', (t) => {
  const lost = fates({ dropOut: 0.3 }).filter(({ isLost }) => isLost).length;
  t.true(Math.abs(lost / 4000 - 0.3) < 0.03, `${lost}`);
  t.is(fates({ dropOut: 1 }).filter(({ isLost }) => !isLost).length, 0);
  t.is(fates({}).filter(({ isLost }) => isLost).length, 0);
});

test('delays have the mean of their family, and none is negative', (t) => {
  const means: Readonly<Record<string, number>> = {
    none: 0,
    constant: 100,
    uniform: 100,
    exponential: 100,
    'half-normal': 100 * Math.sqrt(2 / Math.PI),
    pareto: 300,
  };
  for (const family of DELAY_FAMILIES) {
    const delays = fates({ delay: parseDelay(`${family}:100`) }).map(({ delayMs }) => delayMs);
    const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
    const tolerance = family === 'pareto' ? 90 : 6;
    t.true(Math.abs(mean - (means[family] ?? -1)) < tolerance, `${family}: ${mean}`);
    t.true(delays.every((delay) => delay >= 0 && Number.isFinite(delay)));
  }
});

test('a delay that is none of the families is refused with all of them', (t) => {
  for (const text of ['gaussian:1', 'uniform:-1', 'uniform:x', 'uniform:1:2', 'toString:1']) {
    t.throws(() => parseDelay(text), {
      code: 'invalid-options',
      message:
        /none of none, constant, uniform, exponential, half-normal, pareto with milliseconds/,
    });
  }
});
