import test from 'ava';
import { seededSource } from '../seeded-source.ts';
import { chiSquareDeviations } from './chi-square-fixture.ts';
import { UniformDraws } from './uniform-draws.ts';

test('every value below a limit is drawn equally often', (t) => {
  const draws = new UniformDraws(seededSource(1));
  for (const limit of [1, 2, 3, 10, 1000]) {
    const samples = Array.from({ length: 50_000 }, () => draws.below(limit));
    t.true(samples.every((sample) => sample >= 0 && sample < limit));
    if (limit === 1) continue;
    const chances = Array.from({ length: limit - 1 }, () => 1 / limit);
    t.true(Math.abs(chiSquareDeviations(samples, chances)) < 5, `limit ${limit}`);
  }
});

test('a limit above 32 bits is drawn from 53, and none above', (t) => {
  const draws = new UniformDraws(seededSource(2));
  const limit = 3 * 2 ** 50;
  const samples = Array.from({ length: 1000 }, () => draws.below(limit));
  t.true(samples.some((sample) => sample > 2 ** 51) && samples.every((sample) => sample < limit));
  for (const wrong of [0, 1.5, 2 ** 54, Number.NaN]) {
    t.throws(() => draws.below(wrong), { instanceOf: RangeError });
  }
});

test('what would favour small values is drawn again', (t) => {
  const words = [0xffffffff, 7];
  const source = (bytes: number) => {
    const drawn = new Uint8Array(bytes);
    const view = new DataView(drawn.buffer);
    words.forEach((word, i) => {
      view.setUint32(i * 4, word, true);
    });
    return drawn;
  };
  t.is(new UniformDraws(source).below(10), 7);
});

test('the bytes of the source are erased once they are taken', (t) => {
  const given: Uint8Array[] = [];
  const draws = new UniformDraws((bytes) => {
    const drawn = new Uint8Array(bytes).fill(9);
    given.push(drawn);
    return drawn;
  });
  draws.uint32();
  t.true(given.length === 1 && given.every((bytes) => bytes.every((byte) => byte === 0)));
});
