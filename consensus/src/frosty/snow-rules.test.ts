import type { ChainEngine } from '@starling/shared';
import test from 'ava';
import { engineObjection, liarsOf, type SnowRules, snowParametersFor } from './snow-rules.ts';

const ASKED = { byzantineMicros: 190_000, targetExponent: 15 };
const SEVEN: SnowRules = { kind: 'snow', ...ASKED, parameters: snowParametersFor(ASKED, 7) };

test('just below a fifth may lie by default, and from four members on some polls bear that', (t) => {
  for (const [members, liars] of [
    [4, 0],
    [5, 0],
    [6, 1],
    [10, 1],
    [11, 2],
    [20, 3],
    [100, 19],
  ] as const) {
    t.is(liarsOf(ASKED, members), liars);
    const rules: ChainEngine = { ...SEVEN, parameters: snowParametersFor(ASKED, members) };
    t.is(engineObjection(rules, members), undefined, `${members} members`);
  }
});

test('polls that are computed are the smallest ones that are safe enough', (t) => {
  const polls = { alphaConfidence: 4, alphaPreference: 3, beta: 60, k: 5 };
  t.deepEqual(SEVEN.parameters, polls);
  t.is(snowParametersFor({ ...ASKED, targetExponent: 300 }, 7).k, 6);
});

test('fewer members than the polls ask, or more liars than they bear, are refused by numbers', (t) => {
  t.regex(engineObjection(SEVEN, 4) ?? '', /k = 5, .*of 4 members, 0 of them silent, at most 4/);
  t.regex(engineObjection(SEVEN, 3) ?? '', /3 members tolerate no liar: sampling needs 4/);
  t.regex(engineObjection(SEVEN, 12) ?? '', /e[-+]\d+ per round, the target is 1e-15/);
  t.regex(engineObjection(SEVEN, 7, [2, 1, 1, 1, 1, 1, 1]) ?? '', /equal weights only/);
  t.is(engineObjection({ kind: 'simplex' }, 1), undefined);
});

test('where no polls are safe enough, it is said by how much those of everybody miss', (t) => {
  const asked = { ...ASKED, byzantineMicros: 300_000 };
  const polls = snowParametersFor(asked, 10);
  t.deepEqual(polls, { alphaConfidence: 7, alphaPreference: 6, beta: 1, k: 10 });
  const refused = engineObjection({ kind: 'snow', ...asked, parameters: polls }, 10) ?? '';
  t.regex(refused, /with 3 liars .* \d\.\de[-+]\d+ per round, the target is 1e-15/);
});
