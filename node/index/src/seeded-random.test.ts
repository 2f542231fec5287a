import test from 'ava';
import { SeededRandom } from './seeded-random.ts';

test('the stream is that of the reference xoshiro128** 1.1', (t) => {
  const random = SeededRandom.resume([1, 2, 3, 4]);
  const expected = [
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
    4258142804,
  ];
  t.deepEqual(
    expected.map(() => random.nextUint32()),
    expected,
  );
});

test('a stream resumes where its state was taken', (t) => {
  const random = new SeededRandom(7);
  random.nextUint32();
  const resumed = SeededRandom.resume(random.state());
  t.is(resumed.nextUint32(), random.nextUint32());
});

test('units lie strictly between 0 and 1 and differ between seeds', (t) => {
  const units = Array.from({ length: 1_000 }, (_, seed) => new SeededRandom(seed).nextOpenUnit());
  t.true(units.every((unit) => unit > 0 && unit < 1));
  t.is(new Set(units).size, 1_000);
  const mean = units.reduce((sum, unit) => sum + unit, 0) / 1_000;
  t.true(Math.abs(mean - 0.5) < 0.03);
});
