import { SESSION_PARTICIPANTS_MAX, WEIGHT_MAX } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { Keystream } from '../keystream.ts';
import { type RandomSource, systemRandom } from '../random-source.ts';
import {
  type DecodedSum,
  decodeSum,
  encodeUpdate,
  type FixedPoint,
  LOSS_FRACTION_BITS,
  LOSS_MAX,
  overflowOf,
} from './fixed-point.ts';
import { addInto, STATISTICS, wordsOf } from './ring-vector.ts';

const quiet = { weight: 1, lossFirst: 0, lossLast: 0 };
const seeded = (seed: number): RandomSource => {
  const keystream = new Keystream(new Uint8Array(32).fill(seed));
  return (bytes) => {
    const drawn = new Uint8Array(bytes);
    keystream.fill(drawn);
    return drawn;
  };
};

function decodedOf(words: Uint32Array, settings: FixedPoint, summed: number): DecodedSum {
  const decoded = decodeSum(words, settings, summed);
  if (!decoded.ok) throw new Error(decoded.refusal.detail);
  return decoded.value;
}

/** Coordinates and statistics of a vector as the signed integers that they stand for. */
function integersOf(words: Uint32Array, settings: FixedPoint): bigint[] {
  const { buffer } = words;
  const narrow = settings.ring === 32 ? settings.elements : 0;
  const wide = (settings.ring === 64 ? settings.elements : 0) + STATISTICS;
  const view = new DataView(buffer);
  return [
    ...Array.from({ length: narrow }, (_, i) => BigInt(view.getInt32(4 * i, true))),
    ...Array.from({ length: wide }, (_, i) => view.getBigInt64(4 * narrow + 8 * i, true)),
  ];
}

const rings = fc.constantFrom(32 as const, 64 as const);
/** Settings of which one fraction bit more would overflow, and a number of participants. */
const atTheBound = fc
  .record({
    ring: rings,
    clip: fc.oneof(fc.constantFrom(1, 8, 0.001), fc.double({ min: 1e-3, max: 100, noNaN: true })),
    weightMax: fc.oneof(fc.constantFrom(1, WEIGHT_MAX), fc.integer({ min: 1, max: WEIGHT_MAX })),
    participants: fc.oneof(fc.constant(1000), fc.integer({ min: 1, max: 1000 })),
  })
  .map(({ participants, ...rest }) => {
    const settingsWith = (fractionBits: number) => ({ ...rest, elements: 3, fractionBits });
    let fractionBits = 40;
    while (overflowOf(settingsWith(fractionBits), participants) !== undefined) fractionBits -= 1;
    return { settings: settingsWith(fractionBits), participants };
  });

test('at the bound no sum wraps, whatever the members send: it is the plain integer sum', (t) => {
  const extreme = fc.constantFrom(-1e30, -1, 0, 0.3, 1, 1e30);
  const member = fc.record({
    coordinates: fc.tuple(extreme, extreme, extreme),
    isHeaviest: fc.boolean(),
    loss: fc.constantFrom(-1e9, -0.5, 0, 2.5, 1e9),
  });
  const cases = fc.tuple(atTheBound, fc.array(member, { minLength: 1, maxLength: 4 }), fc.nat(255));
  const property = fc.property(cases, ([{ settings, participants }, kinds, seed]) => {
    const random = seeded(seed);
    const encoded = kinds.map(({ coordinates, isHeaviest, loss }) => {
      const update = Float32Array.from(coordinates, (x) =>
        Math.abs(x) > 1 ? x : x * settings.clip,
      );
      const weight = isHeaviest ? settings.weightMax : 1;
      const statistics = { weight, lossFirst: loss, lossLast: -loss };
      return encodeUpdate(update, statistics, settings, random).words;
    });
    const sum = new Uint32Array(wordsOf(settings));
    const plain = integersOf(sum, settings);
    for (let i = 0; i < participants; i++) {
      const words = encoded[i % encoded.length] as Uint32Array;
      addInto(sum, words, settings);
      integersOf(words, settings).forEach((each, j) => {
        plain[j] = (plain[j] as bigint) + each;
      });
    }
    t.deepEqual(integersOf(sum, settings), plain);
    t.true(decodeSum(sum, settings, participants).ok);
  });
  fc.assert(property, { numRuns: 60 });
});

test('the settings of the specification fit, and with one bit more each names what it breaks', (t) => {
  const narrow = [
    [1000, 1, 21],
    [100, 8, 21],
    [1000, 8, 18],
  ] as const;
  for (const [participants, clip, fractionBits] of narrow) {
    const settings = { ring: 32, elements: 9, weightMax: 1, clip, fractionBits } as const;
    t.is(overflowOf(settings, participants), undefined);
    const more = overflowOf({ ...settings, fractionBits: fractionBits + 1 }, participants);
    t.regex(
      more ?? '',
      /^participants × \(clip × 2\^fractionBits \+ 1\) < 2\^31 does not hold: \d+$/,
    );
  }
  const wide = { ring: 64, elements: 9, weightMax: 1 << 20, clip: 8, fractionBits: 24 } as const;
  t.is(overflowOf(wide, SESSION_PARTICIPANTS_MAX), undefined);
  t.regex(
    overflowOf({ ...wide, fractionBits: 31 }, 2) ?? '',
    /of one member < 2\^53 does not hold/,
  );
  t.regex(
    overflowOf({ ...wide, fractionBits: 29 }, 2048) ?? '',
    /^participants × weightMax × \(clip/,
  );
  const heavy = { ...wide, ring: 32, clip: 1, fractionBits: 0, weightMax: WEIGHT_MAX } as const;
  t.is(overflowOf(heavy, SESSION_PARTICIPANTS_MAX), undefined);
  t.regex(
    overflowOf(heavy, 2 ** 20) ?? '',
    /LOSS_MAX × 2\^LOSS_FRACTION_BITS < 2\^63 does not hold/,
  );
});

test('settings out of range name the violated inequality', (t) => {
  const right = { ring: 64, elements: 9, weightMax: 10, clip: 8, fractionBits: 24 } as const;
  const wrong = [
    [{ ...right, elements: 0 }, /elements/],
    [{ ...right, weightMax: 0 }, /weightMax/],
    [{ ...right, weightMax: WEIGHT_MAX + 1 }, /weightMax/],
    [{ ...right, clip: 0 }, /clip/],
    [{ ...right, clip: Number.POSITIVE_INFINITY }, /clip/],
    [{ ...right, clip: Number.NaN }, /clip/],
    [{ ...right, fractionBits: 41 }, /fractionBits/],
    [{ ...right, fractionBits: -1 }, /fractionBits/],
  ] as const;
  for (const [settings, words] of wrong) t.regex(overflowOf(settings, 3) ?? '', words);
  t.regex(overflowOf(right, 0) ?? '', /participants/);
});

test('the mean of a sum is the weighted mean to 2^-fractionBits per coordinate', (t) => {
  const member = fc.record({
    update: fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 5, maxLength: 5 }),
    weight: fc.integer({ min: 1, max: 1000 }),
    lossFirst: fc.double({ min: 0, max: 20, noNaN: true }),
    lossLast: fc.double({ min: 0, max: 20, noNaN: true }),
  });
  const members = fc.array(member, { minLength: 1, maxLength: 20 });
  const property = fc.property(rings, members, (ring, each) => {
    const fractionBits = ring === 32 ? 21 : 24;
    const settings = { ring, elements: 5, fractionBits, clip: 8, weightMax: 1000 };
    const sum = new Uint32Array(wordsOf(settings));
    for (const one of each) {
      addInto(
        sum,
        encodeUpdate(Float32Array.from(one.update), one, settings, systemRandom).words,
        settings,
      );
    }
    const decoded = decodedOf(sum, settings, each.length);
    const weight = each.reduce((total, one) => total + one.weight, 0);
    const meanOf = (value: (one: (typeof each)[number]) => number) =>
      each.reduce((total, one) => total + one.weight * value(one), 0) / weight;
    t.is(decoded.weight, weight);
    t.is(decoded.clippedFraction, 0);
    t.true(
      Math.abs(decoded.lossFirst - meanOf((one) => one.lossFirst)) <= 2 ** -LOSS_FRACTION_BITS,
    );
    t.true(Math.abs(decoded.lossLast - meanOf((one) => one.lossLast)) <= 2 ** -LOSS_FRACTION_BITS);
    // Form A loses what a weight lies below the largest one.
    const step = 2 ** -fractionBits * (ring === 64 ? 1 : (1000 * each.length) / weight);
    decoded.mean.forEach((value, i) => {
      const expected = meanOf((one) => Math.fround(one.update[i] as number));
      t.true(Math.abs(value - expected) <= step, `${value} is not ${expected}`);
    });
  });
  fc.assert(property, { numRuns: 100 });
});

test('rounding is unbiased, and no further than one step away', (t) => {
  const elements = 200_000;
  for (const ring of [32, 64] as const) {
    const settings = { ring, elements, fractionBits: 4, clip: 8, weightMax: 1 } as const;
    for (const steps of [0.3, -0.3, 0.999, -7.5, 100.01]) {
      const update = new Float32Array(elements).fill(steps / 16);
      const { words } = encodeUpdate(update, quiet, settings, seeded(ring + 1));
      const mean = decodedOf(words, settings, 1).mean.map((value) => value * 16);
      const up = Math.abs(steps) % 1;
      const average = mean.reduce((sum, value) => sum + value, 0) / elements;
      // Five standard deviations of the average; the seed is fixed.
      const tolerance = 5 * Math.sqrt((up * (1 - up)) / elements) + 1e-5;
      t.true(Math.abs(average - steps) < tolerance, `${average} is not ${steps}`);
      t.true(mean.every((value) => Math.abs(value - steps) < 1 + 1e-5 && Number.isInteger(value)));
    }
  }
});

test('two updates round differently, and draw 32 bytes whatever their length', (t) => {
  const settings = { ring: 32, elements: 40_000, fractionBits: 4, clip: 8, weightMax: 1 } as const;
  const requested: number[] = [];
  const random: RandomSource = (bytes) => {
    requested.push(bytes);
    return systemRandom(bytes);
  };
  const update = new Float32Array(settings.elements).fill(0.03);
  const [one, two] = [0, 1].map(() => encodeUpdate(update, quiet, settings, random).words);
  t.notDeepEqual(one, two);
  t.deepEqual(requested, [32, 32]);
  // Not even two parts of one update share their draws.
  t.notDeepEqual(one?.subarray(0, 16_384), one?.subarray(16_384, 32_768));
});

test('coordinates beyond the clip are clipped, counted and reported as a fraction of all', (t) => {
  for (const ring of [32, 64] as const) {
    const settings = { ring, elements: 4, fractionBits: 10, clip: 2, weightMax: 5 } as const;
    const update = Float32Array.of(3, -2.5, 2, 0);
    const { words, clippedCoordinates } = encodeUpdate(
      update,
      { ...quiet, weight: 5 },
      settings,
      systemRandom,
    );
    t.is(clippedCoordinates, 2);
    const still = encodeUpdate(new Float32Array(4), quiet, settings, systemRandom);
    const decoded = decodedOf(words, settings, 1);
    t.deepEqual([...decoded.mean], [2, -2, 2, 0]);
    t.is(decoded.clippedFraction, 0.5);
    addInto(words, still.words, settings);
    t.is(decodedOf(words, settings, 2).clippedFraction, 0.25);
  }
});

test('a loss beyond the limit counts as the limit', (t) => {
  const settings = { ring: 64, elements: 1, fractionBits: 10, clip: 2, weightMax: 5 } as const;
  const statistics = { weight: 3, lossFirst: 1e12, lossLast: -1e12 };
  const { words } = encodeUpdate(new Float32Array(1), statistics, settings, systemRandom);
  t.like(decodedOf(words, settings, 1), { lossFirst: LOSS_MAX, lossLast: -LOSS_MAX });
});

test('statistics that no honest members can have are refused', (t) => {
  const settings = { ring: 32, elements: 2, fractionBits: 10, clip: 2, weightMax: 5 } as const;
  const { words } = encodeUpdate(
    new Float32Array(2),
    { ...quiet, weight: 3 },
    settings,
    systemRandom,
  );
  const at = settings.elements;
  const changed = (statistic: number, low: number, high = 0) => {
    const copy = words.slice();
    copy.set([low, high], at + 2 * statistic);
    return decodeSum(copy, settings, 1);
  };
  t.true(decodeSum(words, settings, 1).ok);
  for (const refused of [
    changed(0, 0),
    changed(0, 0xffffffff, 0xffffffff),
    changed(0, 6),
    decodeSum(words, settings, 4),
    changed(1, 0, 1),
    changed(2, 0, 0xfffffffe),
    changed(3, 3),
    changed(3, 0xffffffff, 0xffffffff),
  ]) {
    t.like(refused, { ok: false, refusal: { reason: 'wrong-shape' } });
  }
});

test('values that no trainer may send are a broken caller', (t) => {
  const settings = { ring: 64, elements: 2, fractionBits: 10, clip: 2, weightMax: 5 } as const;
  const encode = (update: number[], statistics = {}, changes = {}) =>
    encodeUpdate(
      Float32Array.from(update),
      { ...quiet, ...statistics },
      { ...settings, ...changes },
      systemRandom,
    );
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const ring of [32, 64])
      t.throws(() => encode([0, value], {}, { ring }), { instanceOf: RangeError });
    t.throws(() => encode([0, 0], { lossFirst: value }), { instanceOf: RangeError });
    t.throws(() => encode([0, 0], { lossLast: value }), { instanceOf: RangeError });
  }
  for (const weight of [0, -1, 1.5, 6, Number.NaN]) {
    t.throws(() => encode([0, 0], { weight }), { instanceOf: RangeError });
  }
  t.throws(() => encode([0]), { instanceOf: RangeError });
  t.throws(() => encode([0, 0], {}, { fractionBits: 60 }), { message: /fractionBits/ });
  t.throws(() => decodeSum(new Uint32Array(3), settings, 1), { instanceOf: RangeError });
  t.throws(() => decodeSum(new Uint32Array(wordsOf(settings)), settings, 0), {
    instanceOf: RangeError,
  });
});
