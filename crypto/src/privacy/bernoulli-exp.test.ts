import test from 'ava';
import fc from 'fast-check';
import { seededSource } from '../seeded-source.ts';
import { bernoulliExp, bernoulliGaussian, fixedExp, isBelowExp } from './bernoulli-exp.ts';
import { UniformDraws } from './uniform-draws.ts';

/** First 256 bits of 1/e, by the series of whole numbers 1/k!. */
function inverseOfE(): bigint {
  const width = 320n;
  let term = 1n << width;
  let sum = term;
  for (let k = 1n; term !== 0n; k++) {
    term /= k;
    sum += k % 2n === 0n ? term : -term;
  }
  return sum >> 64n;
}

test('powers in fixed point agree with doubles, and with the series of 1/e to 256 bits', (t) => {
  const difference = fixedExp(1n, 1n, 256) - inverseOfE();
  t.true(difference >= -1n && difference <= 1n);
  fc.assert(
    fc.property(fc.nat(40_000), fc.integer({ min: 1, max: 1000 }), (numerator, denominator) => {
      const exact = Number(fixedExp(BigInt(numerator), BigInt(denominator), 300)) / 2 ** 300;
      const double = Math.exp(-numerator / denominator);
      t.true(Math.abs(exact - double) <= double * 1e-12 + 2 ** -299);
    }),
  );
});

/** Draws that give the bits of a number, most significant first, then zeros. */
function drawsOf(bits: bigint, width: number): UniformDraws {
  return new UniformDraws((bytes) => {
    const drawn = new Uint8Array(bytes);
    const view = new DataView(drawn.buffer);
    for (let word = 0; word * 32 < width; word++) {
      const value = Number((bits >> BigInt(width - 32 * (word + 1))) & 0xffffffffn);
      view.setUint32(word * 4, value, true);
    }
    return drawn;
  });
}

test('a number that agrees with 1/e in 181 bits is still told from it', (t) => {
  const inverse = inverseOfE();
  const drawn = Number(inverse >> (256n - 53n));
  const further = (inverse >> (256n - 181n)) & ((1n << 128n) - 1n);
  const isBelow = (bits: bigint) => isBelowExp(drawsOf(bits << 64n, 192), drawn, 1n, 1n);
  t.true(isBelow(further - 4n));
  t.false(isBelow(further + 4n));
});

test('coins fall as often as they should', (t) => {
  const draws = new UniformDraws(seededSource(3));
  const share = (flip: () => boolean) => {
    let heads = 0;
    for (let i = 0; i < 100_000; i++) heads += flip() ? 1 : 0;
    return heads / 100_000;
  };
  for (const [numerator, denominator] of [
    [0, 1],
    [1, 3],
    [5, 2],
    [100, 1],
  ] as const) {
    const expected = Math.exp(-numerator / denominator);
    t.true(Math.abs(share(() => bernoulliExp(draws, numerator, denominator)) - expected) < 0.008);
    const bell = Math.exp(-((numerator / denominator) ** 2) / 2);
    t.true(Math.abs(share(() => bernoulliGaussian(draws, numerator, denominator)) - bell) < 0.008);
  }
});
