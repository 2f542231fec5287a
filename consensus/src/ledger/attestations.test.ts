import type { AttestationVerdict, EntryAttestation } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { faultTolerance, quorumSize } from '../quorum.ts';
import {
  attestationObjection,
  certifiedBound,
  eligibilityObjection,
  verdictOf,
} from './attestations.ts';
import { CHAIN_RULES, measurementFor, memberOf, newChain, PATTERN } from './ledger-fixture.ts';

const LETTERS = { a: 'accept', r: 'reject', o: 'abstain' } as const;

/** Verdicts by place: a, r, o, and `.` for silence. */
function attested(verdicts: string): EntryAttestation[] {
  return [...verdicts].flatMap((letter, place) => {
    const verdict = LETTERS[letter as keyof typeof LETTERS];
    if (verdict === undefined) return [];
    const signature = Uint8Array.of(1);
    return [{ ...measurementFor(verdict, 900_000), member: memberOf(place), signature }];
  });
}

function reasonFor(members: number, verdicts: string, weights: readonly number[] = []): string {
  const { membership } = newChain(members, { weights });
  return eligibilityObjection(attested(verdicts), membership)?.reason ?? 'ok';
}

const cases: readonly (readonly [string, string])[] = [
  ['aaaa', 'ok'],
  ['aaa.', 'ok'],
  ['aa..', 'too-few'],
  ['aao.', 'ok'],
  ['aaoo', 'ok'],
  ['aooo', 'too-few'],
  ['oooo', 'too-few'],
  ['aar.', 'ok'],
  ['aarr', 'too-few'],
  ['aaar', 'ok'],
  ['rrrr', 'too-few'],
  ['', 'too-few'],
];
for (const [verdicts, reason] of cases) {
  test(`of four members, ${verdicts || 'nobody'}: ${reason}`, (t) => {
    t.is(reasonFor(4, verdicts), reason);
  });
}

test('three members need a quorum of two and one accept', (t) => {
  t.is(reasonFor(3, 'ao.'), 'ok');
  t.is(reasonFor(3, 'a..'), 'too-few');
  t.is(reasonFor(3, 'ar.'), 'too-few');
});

test('thresholds hold by number and by weight', (t) => {
  t.is(reasonFor(4, 'aaa.', [2, 3, 3, 3]), 'ok');
  t.is(reasonFor(5, 'aaaa.', [1, 1, 1, 1, 1]), 'ok');
  t.is(reasonFor(7, 'aaaaa..', [1, 1, 1, 1, 1, 2, 2]), 'too-few');
  t.is(reasonFor(7, 'aarrooo', [3, 3, 1, 1, 2, 2, 2]), 'too-few');
});

test('a stranger, a member that stands twice and one out of order are refused', (t) => {
  const { membership } = newChain(4);
  const [first, second, third] = attested('aaaa') as [
    EntryAttestation,
    EntryAttestation,
    EntryAttestation,
  ];
  const stranger = { ...third, member: memberOf(8) };
  t.is(eligibilityObjection([first, second, stranger], membership)?.reason, 'unknown-sender');
  t.is(eligibilityObjection([first, second, second], membership)?.reason, 'wrong-shape');
  t.is(eligibilityObjection([second, first, third], membership)?.reason, 'wrong-shape');
});

const measured = { costRatioMicros: 1_050_000, queries: 50, recallMicros: 990_000 };

test('a member accepts within the slack and the cost ratio, and abstains under fifty queries', (t) => {
  const verdict = (change: object) =>
    verdictOf({ ...measured, recallBoundMicros: 880_000, ...change }, PATTERN, CHAIN_RULES);
  t.is(verdict({}), 'accept');
  t.is(verdict({ recallBoundMicros: 879_999 }), 'reject');
  t.is(verdict({ costRatioMicros: 1_050_001 }), 'reject');
  t.is(verdict({ queries: 49 }), 'abstain');
});

test('an attestation that its own numbers contradict is refused', (t) => {
  const objection = (verdict: AttestationVerdict, change: object) =>
    attestationObjection(
      { ...measured, recallBoundMicros: 900_000, verdict, ...change },
      PATTERN,
      CHAIN_RULES,
    )?.reason;
  t.is(objection('accept', {}), undefined);
  t.is(objection('abstain', {}), undefined);
  t.is(objection('reject', {}), 'impossible-bound');
  t.is(objection('reject', { recallBoundMicros: 879_000 }), undefined);
  t.is(objection('accept', { recallBoundMicros: 879_000 }), 'impossible-bound');
  t.is(objection('accept', { queries: 49 }), 'impossible-bound');
  t.is(objection('reject', { queries: 49 }), 'impossible-bound');
  t.is(objection('accept', { recallBoundMicros: 995_000 }), 'impossible-bound');
  t.is(objection('abstain', { recallMicros: 1_000_001 }), 'impossible-bound');
});

test('liars up to F neither raise the certified bound above an honest one nor sink it', (t) => {
  const votes = fc.integer({ min: 4, max: 30 }).chain((n) => {
    const bound = fc.integer({ min: 880_000, max: 1_000_000 });
    return fc.tuple(fc.constant(n), fc.array(bound, { minLength: n, maxLength: n }));
  });
  fc.assert(
    fc.property(votes, fc.nat(), ([n, bounds], lie) => {
      const liars = faultTolerance(n);
      const accepts = attested('a'.repeat(n)).map((each, place) => {
        const honest = bounds[place] ?? 0;
        const claimed = place < liars ? 880_000 + (lie % 120_001) : honest;
        return { ...each, recallBoundMicros: claimed };
      });
      // Whatever the leader hides: any F + 1 of the accepts hold an honest one.
      const shown = accepts.slice(0, liars + 1);
      const honest = bounds.slice(liars);
      t.true(certifiedBound(shown) <= (honest[0] ?? 0));
      t.true(certifiedBound(accepts) <= Math.min(...honest));
      t.true(certifiedBound(accepts) >= 880_000);
    }),
    { numRuns: 300 },
  );
});

test('whatever attestations a leader shows, a pattern needs an honest accept, and hides few rejects', (t) => {
  const drawn = fc.integer({ min: 4, max: 16 }).chain((n) => {
    const letter = fc.constantFrom(...'aro');
    const honest = fc.array(letter, { minLength: n, maxLength: n });
    return fc.tuple(fc.constant(n), honest, fc.array(fc.boolean(), { minLength: n, maxLength: n }));
  });
  fc.assert(
    fc.property(drawn, ([n, honest, shown]) => {
      const liars = faultTolerance(n);
      const verdicts = honest.map((letter, place) => (place < liars ? 'a' : letter));
      const hidden = verdicts.map((letter, place) => (shown[place] ? letter : '.'));
      if (reasonFor(n, hidden.join('')) !== 'ok') return;
      t.true(verdicts.slice(liars).includes('a'));
      const rejects = honest.slice(liars).filter((letter) => letter === 'r').length;
      const visible = hidden.slice(liars).filter((letter) => letter === 'r').length;
      t.true(rejects - visible <= n - quorumSize(n));
    }),
    { numRuns: 1000 },
  );
});
