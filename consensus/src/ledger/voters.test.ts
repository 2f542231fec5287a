import test from 'ava';
import { votingPower } from '../simplex/voting-power.ts';
import { votersOf, votersRisk } from './voters.ts';

const SEED = Uint8Array.of(1, 2, 3, 4, 5);
const ones = (count: number) => new Array<number>(count).fill(1);
const names = (count: number) => Array.from({ length: count }, (_, i) => i);
const sum = (voters: readonly { readonly weight: number }[]) =>
  voters.reduce((total, { weight }) => total + weight, 0);

test('up to 128 members everybody votes, with its own weight', (t) => {
  t.deepEqual(votersOf(['a', 'b'], [2, 3], new Uint8Array()), [
    { member: 'a', weight: 2 },
    { member: 'b', weight: 3 },
  ]);
  t.is(votersOf(names(128), ones(128), SEED).length, 128);
});

test('of more members a committee of 128 seats votes, in the order of the members', (t) => {
  const voters = votersOf(names(1000), ones(1000), SEED);
  t.is(voters.length, 128);
  t.is(sum(voters), 128);
  const drawn = voters.map(({ member }) => member);
  t.deepEqual(
    drawn,
    drawn.toSorted((a, b) => a - b),
  );
});

test('the same seed elects the same committee, another one another', (t) => {
  const elect = (seed: Uint8Array) => votersOf(names(500), ones(500), seed);
  t.deepEqual(elect(SEED), elect(SEED));
  t.notDeepEqual(elect(SEED), elect(Uint8Array.of(9)));
});

test('weight is drawn as seats, which the certificate engine takes as weights', (t) => {
  const weights = names(200).map((i) => (i < 20 ? 50 : 1));
  const voters = votersOf(names(200), weights, SEED);
  t.is(sum(voters), 128);
  t.true(voters.some(({ weight }) => weight > 1));
  const power = votingPower(
    voters.length,
    voters.map(({ weight }) => weight),
  );
  t.is(power.total, 128);
  t.is(power.quorum, 86);
});

test('who would draw a third of the seats gives up what is too much', (t) => {
  const weights = names(200).map((i) => (i === 7 ? 1000 : 1));
  const voters = votersOf(names(200), weights, SEED);
  const heavy = voters.find(({ member }) => member === 7);
  t.true(3 * (heavy?.weight ?? 0) < sum(voters));
  t.notThrows(() =>
    votingPower(
      voters.length,
      voters.map(({ weight }) => weight),
    ),
  );
});

test('members without a weight, and a committee without a seed, are refused', (t) => {
  t.throws(() => votersOf(['a'], [], SEED), { instanceOf: RangeError });
  t.throws(() => votersOf(names(200), ones(200), new Uint8Array()), { instanceOf: RangeError });
});

const risks = [
  [0.1, 5.9e-16],
  [0.15, 9.3e-9],
  [0.2, 6.6e-5],
  [0.25, 1.23e-2],
] as const;
for (const [share, failure] of risks) {
  test(`of 1000 members ${share * 100} % lie: the committee fails with ${failure}`, (t) => {
    const risk = votersRisk(ones(1000), share);
    t.like(risk, { seats: 128, tolerated: 42 });
    t.true(Math.abs(risk.failure / failure - 1) < 0.1, `${risk.failure}`);
    t.true(risk.text.includes(risk.failure.toExponential(1)));
  });
}

test('when everybody votes the risk is none up to a third, and certain above', (t) => {
  t.is(votersRisk(ones(100), 0.33).failure, 0);
  t.is(votersRisk(ones(100), 0.34).failure, 1);
  t.regex(votersRisk(ones(7), 0.2).text, /all 7 members vote and tolerates 2 liars.* never/);
  t.throws(() => votersRisk(ones(7), 1.5), { instanceOf: RangeError });
});
