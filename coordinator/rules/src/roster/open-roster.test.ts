import { fc } from '@fast-check/ava';
import { createIdentity, type Identity } from '@starling/crypto';
import {
  type Checked,
  decodeCanonical,
  encodeCanonical,
  signedRosterSchema,
} from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { openRoster } from './open-roster.ts';
import { ADMINISTRATORS, foundedRoster, signedBy, trustIn } from './roster-fixture.ts';

const body = foundedRoster();
const stranger = createIdentity(new Uint8Array(32).fill(77));

function refusedAs(t: ExecutionContext, result: Checked<unknown>, reason: string): void {
  t.is(result.ok ? 'ok' : result.refusal.reason, reason);
}

function partsOf(bytes: Uint8Array) {
  const decoded = decodeCanonical(bytes, bytes.byteLength);
  return signedRosterSchema.parse(decoded.ok ? decoded.value : undefined);
}

test('a roster counts exactly with the signatures of k different administrators', (t) => {
  const signers = fc.subarray([...ADMINISTRATORS, stranger]);
  fc.assert(
    fc.property(
      signers,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      (who, k, m) => {
        fc.pre(k <= m);
        const named = ADMINISTRATORS.slice(0, m);
        const opened = openRoster(signedBy(body, who), trustIn(k, m));
        const counts = who.length >= k && who.every((it) => named.includes(it));
        t.is(opened.ok, counts);
        if (opened.ok) t.deepEqual(opened.value.signers, who.map(({ member }) => member).sort());
      },
    ),
    { seed: 5, numRuns: 60 },
  );
});

test('one signature short, a stranger and a signature of another roster do not count', (t) => {
  const [a, b, c] = ADMINISTRATORS as readonly [Identity, Identity, Identity];
  refusedAs(t, openRoster(signedBy(body, [a, b]), trustIn(3)), 'not-permitted');
  refusedAs(t, openRoster(signedBy(body, []), trustIn(1)), 'not-permitted');
  refusedAs(t, openRoster(signedBy(body, [a, b, stranger]), trustIn(2)), 'not-permitted');
  const other = partsOf(signedBy({ ...body, notAfterMs: body.notAfterMs + 1 }, [a, b, c]));
  const mixed = encodeCanonical({ ...other, body: partsOf(signedBy(body, [a])).body });
  refusedAs(t, openRoster(mixed, trustIn(3)), 'bad-signature');
});

test('an administrator that signs twice is refused, not counted twice', (t) => {
  const { body: bytes, signatures } = partsOf(signedBy(body, ADMINISTRATORS.slice(0, 2)));
  const [first, second] = signatures;
  if (first === undefined || second === undefined) return t.fail();
  const twice = encodeCanonical({ body: bytes, signatures: [first, first] });
  refusedAs(t, openRoster(twice, trustIn(2)), 'wrong-shape');
  // ML-DSA signatures differ each time: a second one of the same administrator is no second one.
  const again = partsOf(signedBy(body, ADMINISTRATORS.slice(0, 1))).signatures;
  const hedged = encodeCanonical({ body: bytes, signatures: [first, ...again] });
  refusedAs(t, openRoster(hedged, trustIn(2)), 'wrong-shape');
  const unsorted = encodeCanonical({ body: bytes, signatures: [second, first] });
  refusedAs(t, openRoster(unsorted, trustIn(2)), 'wrong-shape');
});

test('a roster in another encoding or with any bit changed is refused', (t) => {
  const bytes = signedBy(body, ADMINISTRATORS.slice(0, 2));
  t.true(openRoster(bytes, trustIn(2)).ok);
  fc.assert(
    fc.property(fc.nat(bytes.byteLength * 8 - 1), (bit) => {
      const changed = bytes.with(bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
      t.false(openRoster(changed, trustIn(2)).ok);
    }),
    { seed: 6, numRuns: 200 },
  );
  t.false(openRoster(bytes.subarray(1), trustIn(2)).ok);
  t.false(openRoster(Buffer.concat([bytes, Uint8Array.of(0)]), trustIn(2)).ok);
  // The same map with its keys the other way round decodes, but is not canonical.
  const { body: inner, signatures } = partsOf(bytes);
  const list = Buffer.from(encodeCanonical([...signatures]));
  const flipped = Buffer.concat([
    Uint8Array.of(0xa2),
    encodeCanonical('signatures'),
    list,
    encodeCanonical('body'),
    encodeCanonical(inner),
  ]);
  refusedAs(t, openRoster(flipped, trustIn(2)), 'non-canonical-cbor');
  refusedAs(t, openRoster(new Uint8Array(1 << 20), trustIn(2)), 'oversized');
});

test('a roster signed for another federation does not count here', (t) => {
  const trust = trustIn(1);
  const elsewhere = { ...trust, federation: 'ab'.repeat(32) as typeof trust.federation };
  refusedAs(t, openRoster(signedBy(body, ADMINISTRATORS.slice(0, 1)), elsewhere), 'bad-signature');
});
