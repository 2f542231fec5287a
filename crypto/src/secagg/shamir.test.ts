import test from 'ava';
import fc from 'fast-check';
import { systemRandom } from '../random-source.ts';
import { timesPoint } from './field-256.ts';
import { combineShares, HOLDERS_MAX, SECRET_BYTES, splitSecret } from './shamir.ts';

const secrets = fc.uint8Array({ minLength: SECRET_BYTES, maxLength: SECRET_BYTES });
const sharings = fc
  .record({ secret: secrets, holders: fc.integer({ min: 1, max: HOLDERS_MAX }) })
  .chain(({ secret, holders }) =>
    fc.record({
      secret: fc.constant(secret),
      holders: fc.constant(holders),
      threshold: fc.integer({ min: 1, max: holders }),
      order: fc.shuffledSubarray(Array.from({ length: holders }, (_, i) => i + 1)),
    }),
  );
const at = (shares: readonly Uint8Array[], points: readonly number[]) =>
  points.map((x) => ({ x, share: shares[x - 1] as Uint8Array }));

test('any threshold of the shares, and any more of them, give the secret', (t) => {
  const property = fc.property(sharings, ({ secret, holders, threshold, order }) => {
    const shares = splitSecret(secret, holders, threshold, systemRandom);
    t.is(shares.length, holders);
    const all = [...order, ...Array.from({ length: holders }, (_, i) => i + 1)];
    const points = [...new Set(all)].slice(0, Math.max(threshold, order.length));
    t.deepEqual(combineShares(at(shares, points)), secret);
  });
  fc.assert(property, { numRuns: 60 });
});

test('one share too few gives something else', (t) => {
  const secret = systemRandom(SECRET_BYTES);
  const shares = splitSecret(secret, 7, 5, systemRandom);
  t.notDeepEqual(combineShares(at(shares, [1, 2, 4, 7])), secret);
});

test('a share is the polynomial whose coefficients were drawn', (t) => {
  const drawn = systemRandom(2 * SECRET_BYTES);
  const secret = systemRandom(SECRET_BYTES);
  const shares = splitSecret(secret, 255, 3, () => drawn.slice());
  shares.forEach((share, i) => {
    const x = i + 1;
    const expected = secret.map(
      (byte, j) =>
        byte ^
        timesPoint(drawn[j] as number, x) ^
        timesPoint(drawn[j + SECRET_BYTES] as number, timesPoint(x, x)),
    );
    t.deepEqual(share, expected);
  });
});

test('two of three shares say nothing: over all draws every pair comes once, for any secret', (t) => {
  for (const byte of [0, 1, 0xa5]) {
    const secret = new Uint8Array(SECRET_BYTES).fill(byte);
    for (const [first, second] of [
      [1, 2],
      [2, 3],
      [7, 200],
    ] as const) {
      const met = new Uint8Array(256 * 256);
      for (let draw = 0; draw < 256 * 256; draw += SECRET_BYTES) {
        // 32 draws at once, one per byte of the secret.
        const coefficients = new Uint8Array(2 * SECRET_BYTES);
        for (let i = 0; i < SECRET_BYTES; i++) {
          coefficients[i] = draw + i;
          coefficients[SECRET_BYTES + i] = (draw + i) >> 8;
        }
        const shares = splitSecret(secret, second + 1, 3, () => coefficients);
        const [one, two] = at(shares, [first, second]).map(({ share }) => share);
        for (let i = 0; i < SECRET_BYTES; i++) {
          const pair = ((one?.[i] as number) << 8) | (two?.[i] as number);
          met[pair] = (met[pair] as number) + 1;
        }
      }
      t.true(
        met.every((count) => count === 1),
        `secret ${byte}, points ${first} and ${second}`,
      );
    }
  }
});

test('the coefficients come from the random source and from nothing else', (t) => {
  const requested: number[] = [];
  const zeros = (bytes: number) => {
    requested.push(bytes);
    return new Uint8Array(bytes);
  };
  const secret = systemRandom(SECRET_BYTES);
  // A source of zeros gives the constant polynomial: nothing else is mixed in.
  for (const share of splitSecret(secret, 3, 2, zeros)) t.deepEqual(share, secret);
  t.deepEqual(requested, [SECRET_BYTES]);
});

test('a sharing that cannot be is a broken caller', (t) => {
  const secret = systemRandom(SECRET_BYTES);
  for (const [holders, threshold] of [
    [3, 0],
    [3, 4],
    [256, 2],
    [2.5, 2],
    [3, 1.5],
    [0, 0],
  ] as const) {
    t.throws(() => splitSecret(secret, holders, threshold, systemRandom), {
      instanceOf: RangeError,
    });
  }
  t.throws(() => splitSecret(secret.subarray(1), 3, 2, systemRandom), { instanceOf: RangeError });
  t.throws(() => splitSecret(secret, 3, 2, () => new Uint8Array(1)), { instanceOf: RangeError });
});

test('shares that stand at zero, twice or nowhere are a broken caller', (t) => {
  const shares = splitSecret(systemRandom(SECRET_BYTES), 3, 2, systemRandom);
  const [share] = shares as [Uint8Array];
  const wrong = [
    [],
    at(shares, [1, 1]),
    [{ x: 0, share }],
    [{ x: 256, share }],
    [{ x: 1.5, share }],
    [{ x: 1, share: share.subarray(1) }],
  ];
  for (const each of wrong) t.throws(() => combineShares(each), { instanceOf: RangeError });
});
