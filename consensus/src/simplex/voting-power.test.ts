import test from 'ava';
import fc from 'fast-check';
import { quorumSize } from '../quorum.ts';
import { votingPower } from './voting-power.ts';

test('equal weights have the quorums of the table', (t) => {
  for (let n = 1; n <= 200; n++) t.is(votingPower(n).quorum, quorumSize(n), `n = ${n}`);
});

test('two quorums of weight share more than what may lie, and the honest alone make one', (t) => {
  const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 4, maxLength: 40 });
  fc.assert(
    fc.property(weights, (given) => {
      const total = given.reduce((sum, weight) => sum + weight, 0);
      fc.pre(given.every((weight) => weight * 3 < total));
      const { quorum, tolerated } = votingPower(given.length, given);
      t.true(2 * quorum - total > tolerated);
      t.true(total - tolerated >= quorum);
      t.true(quorum > (total + tolerated) / 2);
    }),
  );
});

test('a member with a third of the weight is refused, and weights that are no counts', (t) => {
  t.throws(() => votingPower(4, [4, 3, 3, 2]), { message: /violates w < W\/3/ });
  t.throws(() => votingPower(4, [1, 1, 1, 0]), { message: /no positive integer/ });
  t.throws(() => votingPower(4, [1, 1, 1]), { message: /3 weights for 4 members/ });
  t.notThrows(() => votingPower(3, [5, 5, 5]));
});
