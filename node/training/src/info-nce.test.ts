import test from 'ava';
import { infoNce } from './info-nce.ts';

const keys = Int32Array.from([1, 2]);
const run = (cosines: Float64Array, queryKeys = keys, answerKeys = keys) =>
  infoNce(cosines, 2, 2, 0.5, queryKeys, answerKeys, new Float64Array(4));

test('the loss and gradient of two pairs are those of the formula', (t) => {
  const cosines = Float64Array.from([0.5, -0.5, 0, 1]);
  const loss = run(cosines);
  const e = Math.exp;
  const [row0, row1] = [e(1) + e(-1), e(0) + e(2)];
  const [column0, column1] = [e(1) + e(0), e(-1) + e(2)];
  const expected =
    (Math.log(row0) + Math.log(column0) - 2 + Math.log(row1) + Math.log(column1) - 4) / 4;
  t.true(Math.abs(loss - expected) < 1e-12);
  const corner = (e(1) / row0 + e(1) / column0 - 2) / 4 / 0.5;
  t.true(Math.abs((cosines[0] ?? 0) - corner) < 1e-12);
  const side = (e(-1) / row0 + e(-1) / column1) / 4 / 0.5;
  t.true(Math.abs((cosines[1] ?? 0) - side) < 1e-12);
});

test('equal queries or equal answers are masked: no loss, no gradient', (t) => {
  const same = Int32Array.from([7, 7]);
  for (const [queryKeys, answerKeys] of [
    [same, keys],
    [keys, same],
  ] as const) {
    const cosines = Float64Array.from([0.5, 0.9, 0.9, 0.5]);
    t.true(Math.abs(run(cosines, queryKeys, answerKeys)) < 1e-12);
    t.true(cosines.every((g) => Math.abs(g) < 1e-12));
  }
});

test('a NaN or infinite cosine shows in the loss', (t) => {
  t.false(Number.isFinite(run(Float64Array.from([0.5, Number.NaN, 0, 1]))));
  t.false(Number.isFinite(run(Float64Array.from([Number.NEGATIVE_INFINITY, 0, 0, 1]))));
});
