import {
  euclideanNorm,
  type MemberId,
  type ModelUpdate,
  type RefusalReason,
  tensorToBytes,
} from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import {
  checkUpdateHeader,
  checkUpdatePayload,
  clipToNorm,
  NORM_TOLERANCE,
} from './check-update.ts';
import { ELEMENTS, History, MEMBERS, payloadOf } from './history-fixture.ts';

const history = new History().open().fail().open();
const { plan, planDigest } = history.round;
const [alice] = plan.cohort as [MemberId];
const stranger = 'ab'.repeat(32) as MemberId;

const refusals: readonly (readonly [string, Partial<ModelUpdate>, MemberId, RefusalReason])[] = [
  ['for an earlier round', { round: 1 }, alice, 'stale-round'],
  ['for a later round', { round: 3 }, alice, 'future-round'],
  ['for another plan', { plan: payloadOf('other').root }, alice, 'unknown-plan'],
  ['of nobody in the cohort', {}, stranger, 'not-in-cohort'],
  ['from another base', { base: payloadOf('other').root }, alice, 'unknown-plan'],
  ['with another element count', { elements: ELEMENTS + 1 }, alice, 'wrong-dimension'],
  ['with another byte count', { payload: payloadOf('x', 33) }, alice, 'wrong-dimension'],
];

for (const [title, changes, sender, reason] of refusals) {
  test(`an update ${title} is refused as ${reason}`, (t) => {
    const refusal = checkUpdateHeader(history.updateBody(changes), sender, plan, planDigest);
    t.is(refusal?.reason, reason);
  });
}

test('an update that answers the plan may be summed', (t) => {
  t.is(MEMBERS[0]?.member, alice);
  t.is(checkUpdateHeader(history.updateBody(), alice, plan, planDigest), undefined);
});

function reasonOf(values: readonly number[]): RefusalReason | 'taken' {
  const checked = checkUpdatePayload(tensorToBytes(Float32Array.from(values)), plan);
  return checked.ok ? 'taken' : checked.refusal.reason;
}

const zeros: readonly number[] = Array(ELEMENTS).fill(0);

test('a vector of another length, with a NaN or an infinity is refused', (t) => {
  t.is(reasonOf(zeros.slice(1)), 'wrong-dimension');
  t.is(reasonOf([...zeros, 0]), 'wrong-dimension');
  t.is(reasonOf(zeros.with(3, Number.NaN)), 'non-finite');
  t.is(reasonOf(zeros.with(0, Number.POSITIVE_INFINITY)), 'non-finite');
  t.is(reasonOf(zeros.with(7, Number.NEGATIVE_INFINITY)), 'non-finite');
});

test('a vector is taken up to the clipping norm and its rounding room, and not beyond', (t) => {
  t.is(reasonOf(zeros), 'taken');
  t.is(reasonOf(zeros.with(0, 1)), 'taken');
  t.is(reasonOf(zeros.with(0, 1 + NORM_TOLERANCE / 2)), 'taken');
  t.is(reasonOf(zeros.with(0, 1 + NORM_TOLERANCE * 2)), 'norm-exceeded');
});

const anyTensor = fc
  .array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), {
    minLength: ELEMENTS,
    maxLength: ELEMENTS,
  })
  .map((values) => Float32Array.from(values));

test('whatever was clipped to the plan is accepted under the plan', (t) => {
  fc.assert(
    fc.property(anyTensor, (delta) => {
      const before = delta.slice();
      const isLonger = euclideanNorm(delta) > 1;
      t.is(clipToNorm(delta, 1), isLonger);
      t.true(checkUpdatePayload(tensorToBytes(delta), plan).ok);
      if (!isLonger) t.deepEqual(delta, before);
    }),
  );
});

test('clipping keeps the direction', (t) => {
  const delta = Float32Array.of(30, 0, -40);
  t.true(clipToNorm(delta, 5));
  t.deepEqual([...delta], [3, 0, -4]);
});
