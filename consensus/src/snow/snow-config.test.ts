import test from 'ava';
import { DEFAULT_SNOW_PARAMETERS } from './parameters.ts';
import { configOf } from './snow-cluster-fixture.ts';
import {
  SNOW_TIMEOUTS,
  type SnowConfig,
  type SnowObjectionReason,
  snowObjection,
  stallAfterMs,
} from './snow-config.ts';
import { SnowEngine } from './snow-engine.ts';

const sound = configOf(20, 3);
const dual = { ...DEFAULT_SNOW_PARAMETERS, alphaPreference: 11 };

const refused: readonly (readonly [string, Partial<SnowConfig>, SnowObjectionReason, RegExp])[] = [
  ['three members', { members: 3, faulty: 0 }, 'too-few-members', /^3 members tolerate no liar/],
  [
    'parameters that contradict each other',
    { parameters: { ...dual, beta: 2 } },
    'unsound-parameters',
    /concurrentRepolls = 4, beta = 2: fails/,
  ],
  ['a third of liars', { faulty: 7 }, 'unsound-parameters', /fails 0 <= faulty < members\/3/],
  ['no target', { safetyTarget: 0 }, 'unsound-parameters', /fails 0 < safetyTarget/],
  [
    'a second condition, which the bound does not know',
    { parameters: { ...dual, moreConditions: [{ alphaConfidence: 18, beta: 10 }] } },
    'unsound-parameters',
    /one termination condition/,
  ],
  [
    'weights that differ',
    { weights: Array.from({ length: 20 }, (_, i) => i + 1) },
    'unequal-weights',
    /equal weights only/,
  ],
  [
    'more confidence than members can give',
    { members: 10, faulty: 1, parameters: dual },
    'unreachable',
    /alphaConfidence = 15: of 10 members, 1 of them silent, at most 9 answer/,
  ],
  [
    'the defaults among 100 members with 10 liars',
    { members: 100, faulty: 10, parameters: DEFAULT_SNOW_PARAMETERS },
    'unsafe',
    /probability \d\.\de-\d+ per round, the target is 1e-15/,
  ],
];

for (const [title, change, reason, detail] of refused) {
  test(`${title}: refused as ${reason}, with the numbers`, (t) => {
    const config = { ...sound, ...change };
    const objection = snowObjection(config);
    t.is(objection?.reason, reason);
    t.regex(objection?.detail ?? '', detail);
    t.throws(() => new SnowEngine(config), { instanceOf: RangeError, message: detail });
  });
}

test('parameters of the table run, with equal weights of any size', (t) => {
  t.is(snowObjection(sound), undefined);
  t.is(snowObjection({ ...sound, weights: Array.from({ length: 20 }, () => 7) }), undefined);
});

test('a laxer target lets the same parameters run', (t) => {
  const lax = { ...sound, members: 100, faulty: 10, parameters: dual };
  t.is(snowObjection(lax)?.reason, 'unsafe');
  t.is(snowObjection({ ...lax, safetyTarget: 1e-4 }), undefined);
});

test('finality is overdue after twice the polls that it takes with the faulty silent', (t) => {
  const { beta } = sound.parameters;
  const least = 2 * SNOW_TIMEOUTS.roundMs * beta;
  t.true(stallAfterMs(sound) > least);
  const slow = { ...sound, timeouts: { ...SNOW_TIMEOUTS, roundMs: 500 } };
  t.is(stallAfterMs(slow), 2 * stallAfterMs(sound));
});
