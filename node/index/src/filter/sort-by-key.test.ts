import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { SeededRandom } from '../seeded-random.ts';
import { sortByKey } from './sort-by-key.ts';

const doubles = fc.double({ noNaN: true, noDefaultInfinity: true }).map((key) => key + 0);

testProp('few keys are sorted with their slots', [fc.array(doubles)], (t, list) => {
  const slots = Int32Array.from(list, (_, at) => at);
  const sorted = sortByKey({ keys: Float64Array.from(list), slots });
  const expected = [...slots].sort((a, b) => (list[a] as number) - (list[b] as number) || a - b);
  t.deepEqual([...sorted.slots], expected);
});

for (const [name, key] of Object.entries({
  'of all magnitudes and both signs': (random: SeededRandom) =>
    (random.nextUint32() % 2 === 0 ? -1 : 1) * 10 ** (600 * random.nextOpenUnit() - 300),
  'that are small integers': (random: SeededRandom) => (random.nextUint32() % 100) - 50,
  'that are all the same': () => 3,
})) {
  test(`many keys ${name} are sorted with their slots`, (t) => {
    const random = new SeededRandom(5);
    const keys = Float64Array.from({ length: 30_000 }, () => key(random));
    const before = keys.slice();
    const slots = Int32Array.from(keys, (_, at) => at);
    const sorted = sortByKey({ keys, slots });
    const order = [...slots].sort((a, b) => (keys[a] as number) - (keys[b] as number) || a - b);
    t.deepEqual(sorted.slots, Int32Array.from(order));
    t.deepEqual(sorted.keys, before.slice().sort());
    t.deepEqual(keys, before);
  });
}
