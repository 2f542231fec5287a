import test from 'ava';
import {
  DEFAULT_SNOW_PARAMETERS,
  instanceRules,
  instancesOf,
  MORE_CONDITIONS_MAX,
  minPercentConnected,
  minPercentConnectedHealthy,
  type SnowParameters,
  verifyParameters,
} from './parameters.ts';
import { Snowball } from './snowball.ts';
import { Snowflake } from './snowflake.ts';

const ones: SnowParameters = {
  k: 1,
  alphaPreference: 1,
  alphaConfidence: 1,
  beta: 1,
  concurrentRepolls: 1,
  optimalProcessing: 1,
  maxOutstandingItems: 1,
  maxItemProcessingTimeMs: 1,
};

const cases: readonly (readonly [string, Partial<SnowParameters>, string | undefined])[] = [
  ['all ones', {}, undefined],
  ['the defaults', DEFAULT_SNOW_PARAMETERS, undefined],
  ['k of 30', { k: 30, alphaPreference: 28, alphaConfidence: 30, beta: 2 }, undefined],
  ['k of 3', { k: 3, alphaPreference: 2, alphaConfidence: 3, beta: 2 }, undefined],
  ['k of 0', { k: 0 }, '0 < k'],
  ['half of k', { k: 2 }, 'k/2 < alphaPreference'],
  ['no alphaPreference', { alphaPreference: 0 }, '0 < alphaPreference'],
  [
    'alphaConfidence below alphaPreference',
    { k: 3, alphaPreference: 3, alphaConfidence: 2 },
    'alphaPreference <= alphaConfidence',
  ],
  [
    'alphas beyond k',
    { alphaPreference: 28, alphaConfidence: 3, beta: 2 },
    'alphaPreference <= alphaConfidence',
  ],
  ['alphaConfidence beyond k', { alphaConfidence: 3, beta: 2 }, 'alphaConfidence <= k'],
  ['no beta', { beta: 0 }, '0 < beta'],
  ['no polls at once', { concurrentRepolls: 0 }, '0 < concurrentRepolls'],
  ['more polls at once than beta', { concurrentRepolls: 2 }, 'concurrentRepolls <= beta'],
  ['no processing', { optimalProcessing: 0 }, '0 < optimalProcessing'],
  ['nothing outstanding', { maxOutstandingItems: 0 }, '0 < maxOutstandingItems'],
  ['no processing time', { maxItemProcessingTimeMs: 0 }, '0 < maxItemProcessingTimeMs'],
  ['half an answer', { k: 1.5 }, 'that it is an integer'],
];

for (const [title, change, violated] of cases) {
  test(`${title}: ${violated === undefined ? 'sound' : `fails ${violated}`}`, (t) => {
    const objection = verifyParameters({ ...ones, ...change });
    if (violated === undefined) t.is(objection, undefined);
    else t.true(objection?.includes(`fails ${violated}`), objection);
  });
}

test('an objection carries the numbers', (t) => {
  t.is(
    verifyParameters({ ...ones, k: 20, alphaPreference: 10 }),
    'k = 20, alphaPreference = 10: fails k/2 < alphaPreference',
  );
});

test('more conditions ascend in alphaConfidence up to k and never ask for more polls', (t) => {
  const dual = { ...DEFAULT_SNOW_PARAMETERS, alphaPreference: 11 };
  const withConditions = (...pairs: readonly (readonly [number, number])[]) =>
    verifyParameters({
      ...dual,
      moreConditions: pairs.map(([alphaConfidence, beta]) => ({ alphaConfidence, beta })),
    });
  t.is(withConditions([17, 12], [20, 12]), undefined);
  t.regex(withConditions([15, 12]) ?? '', /fails ascending alphaConfidence <= k = 20/);
  t.regex(withConditions([17, 12], [21, 5]) ?? '', /condition \(21, 5\) after \(17, 12\)/);
  t.regex(withConditions([17, 21]) ?? '', /fails non-ascending beta/);
  t.regex(withConditions([17, 0]) ?? '', /fails 0 < beta/);
  t.regex(withConditions([17.5, 3]) ?? '', /in integers/);
  const many = Array.from({ length: MORE_CONDITIONS_MAX + 1 }, () => [17, 12] as const);
  t.regex(withConditions(...many) ?? '', /fails that they are <= 8/);
});

test('the share of members that must be connected follows alphaConfidence', (t) => {
  const about = (k: number, alphaConfidence: number, expected: number) => {
    const parameters = { ...DEFAULT_SNOW_PARAMETERS, k, alphaConfidence };
    t.true(Math.abs(minPercentConnectedHealthy(parameters) - expected) < 0.001);
  };
  about(20, 15, 0.8);
  about(5, 4, 0.84);
  about(1001, 501, 0.6);
  t.is(minPercentConnected(DEFAULT_SNOW_PARAMETERS), 0.75);
});

test('each kind starts its own instances under the rules of the parameters', (t) => {
  const moreConditions = [{ alphaConfidence: 18, beta: 10 }];
  const rules = instanceRules({ ...DEFAULT_SNOW_PARAMETERS, moreConditions });
  t.deepEqual(rules.conditions, [{ alphaConfidence: 15, beta: 20 }, ...moreConditions]);
  t.true(instancesOf('snowflake', rules)(0) instanceof Snowflake);
  t.true(instancesOf('snowball', rules)(0) instanceof Snowball);
});
