import test from 'ava';
import { publicLogarithm, publicPower, timesPoint } from './field-256.ts';

/** Schoolbook: the product of polynomials over GF(2), then its remainder. */
function schoolbook(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) if ((b >> bit) & 1) product ^= a << bit;
  for (let bit = 15; bit >= 8; bit--) if ((product >> bit) & 1) product ^= 0x11b << (bit - 8);
  return product;
}

test('the products of FIPS 197 section 4.2 hold', (t) => {
  t.is(timesPoint(0x57, 0x83), 0xc1);
  t.is(timesPoint(0x57, 0x13), 0xfe);
});

test('every product is that of schoolbook arithmetic, alone and four at once', (t) => {
  let wrong = 0;
  for (let a = 0; a < 256; a++) {
    for (let b = 0; b < 256; b++) {
      const product = schoolbook(a, b);
      if (timesPoint(a, b) !== product) wrong += 1;
      const four = timesPoint((a << 24) | (b << 16) | ((a ^ 0xff) << 8) | 1, b) >>> 0;
      const bytes = [product, schoolbook(b, b), schoolbook(a ^ 0xff, b), b];
      if (four !== Buffer.from(bytes).readUInt32BE()) wrong += 1;
    }
  }
  t.is(wrong, 0);
});

test('logarithms turn products and quotients into sums and differences', (t) => {
  let wrong = 0;
  for (let a = 1; a < 256; a++) {
    for (let b = 1; b < 256; b++) {
      const [first, second] = [publicLogarithm(a), publicLogarithm(b)];
      if (publicPower(first + second) !== schoolbook(a, b)) wrong += 1;
      if (schoolbook(publicPower(first - second), b) !== a) wrong += 1;
    }
  }
  t.is(wrong, 0);
});
