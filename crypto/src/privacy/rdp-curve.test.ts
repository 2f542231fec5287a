import test from 'ava';
import fc from 'fast-check';
import { ORDER_MAX, ORDER_MIN, RDP_CURVE_BYTES, RdpCurve } from './rdp-curve.ts';

const curves = fc
  .record({ slope: fc.double({ min: 0, max: 1e6, noNaN: true }), kind: fc.nat(3) })
  .map(({ kind, slope }) => {
    if (kind === 0) return RdpCurve.NO_BOUND;
    return RdpCurve.of((order) => (kind === 1 && order > 9 ? Number.NaN : order * slope));
  });

function bytesOf(curve: RdpCurve): Buffer {
  return Buffer.from(curve.toBytes());
}

test('what is spent adds up the same in any order, and repeats are multiples', (t) => {
  fc.assert(
    fc.property(curves, curves, curves, fc.nat(5), (a, b, c, count) => {
      const sum = bytesOf(a.plus(b).plus(c));
      t.deepEqual(bytesOf(c.plus(a.plus(b))), sum);
      let repeated = RdpCurve.ZERO;
      for (let i = 0; i < count; i++) repeated = repeated.plus(a);
      t.deepEqual(bytesOf(a.times(count)), bytesOf(repeated));
    }),
  );
});

test('a curve has one encoding of fixed length, and another length is refused', (t) => {
  fc.assert(
    fc.property(curves, (curve) => {
      const bytes = curve.toBytes();
      t.is(bytes.byteLength, RDP_CURVE_BYTES);
      const again = RdpCurve.fromBytes(bytes);
      t.true(again.ok && bytesOf(again.value).equals(bytesOf(curve)));
    }),
  );
  const short = RdpCurve.fromBytes(new Uint8Array(RDP_CURVE_BYTES - 1));
  t.is(short.ok ? '' : short.refusal.reason, 'wrong-dimension');
});

test('rounding never makes a bound smaller', (t) => {
  const curve = RdpCurve.of((order) => order / 3e12);
  for (let order = ORDER_MIN; order <= ORDER_MAX; order++) {
    t.true(curve.at(order) >= order / 3e12);
  }
});

test('the tight conversion is never above the classic one', (t) => {
  fc.assert(
    fc.property(curves, fc.double({ min: 1e-12, max: 0.5, noNaN: true }), (curve, delta) => {
      const tight = curve.epsilon(delta, 'tight').epsilon;
      t.true(tight <= curve.epsilon(delta, 'classic').epsilon);
    }),
  );
});

test('nothing shown costs nothing, and no bound at any order is infinite', (t) => {
  t.is(RdpCurve.ZERO.epsilon(1e-5, 'classic').epsilon, 0);
  t.is(RdpCurve.NO_BOUND.epsilon(1e-5, 'tight').epsilon, Number.POSITIVE_INFINITY);
  t.false(RdpCurve.NO_BOUND.plus(RdpCurve.ZERO).isBounded);
  t.true(RdpCurve.NO_BOUND.times(0).isZero);
  t.is(RdpCurve.of(() => 1e300).epsilon(1e-5, 'classic').epsilon, Number.POSITIVE_INFINITY);
  t.throws(() => RdpCurve.ZERO.epsilon(0, 'tight'), { instanceOf: RangeError });
});

test('of two bounds of one mechanism the smaller counts, of two mechanisms the larger', (t) => {
  const flat = RdpCurve.of(() => 10);
  const steep = RdpCurve.of((order) => order);
  const least = flat.least(steep);
  t.is(least.at(5), 5);
  t.is(least.at(100), 10);
  t.deepEqual(bytesOf(RdpCurve.NO_BOUND.least(flat)), bytesOf(flat));
  const most = flat.most(steep);
  t.is(most.at(5), 10);
  t.is(most.at(100), 100);
  t.false(RdpCurve.NO_BOUND.most(flat).isBounded);
});
