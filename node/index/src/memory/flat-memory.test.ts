import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { IndexError } from '../index-error.ts';
import { FlatMemory } from './flat-memory.ts';
import type { Region } from './region.ts';

const REGIONS = 6;

testProp(
  'regions keep their elements through any growth and reopening, and the directory finds them',
  [fc.array(fc.tuple(fc.nat({ max: REGIONS - 1 }), fc.nat({ max: 60_000 })), { minLength: 1 })],
  (t, steps) => {
    const memory = new FlatMemory();
    const regions = new Map<number, { region: Region<Int32Array>; length: number }>();
    for (const [number, length] of steps) {
      const held = regions.get(number);
      if (held === undefined || length % 5 === 0) {
        regions.set(number, { region: memory.open(number, Int32Array), length: 0 });
        continue;
      }
      held.region.reserve(length, number + 1);
      held.length = Math.max(held.length, length);
    }
    t.true(regions.size > 0);
    for (const [number, { length, region }] of regions) {
      t.true(region.view.length >= length);
      t.true(region.view.every((value) => value === number + 1));
      t.is(region.view.byteOffset, region.address);
      if (length > 0) t.is(memory.directory[number], region.address);
    }
  },
  { seed: 104, numRuns: 100 },
);

test('more than 32-bit addresses reach is refused and changes nothing', (t) => {
  const memory = new FlatMemory();
  const region = memory.open(1, Int32Array);
  region.reserve(100, 7);
  const reserve = () => memory.reserveHeadroom(2 ** 32);
  const error = t.throws(reserve, { instanceOf: IndexError, message: /split the rows/ });
  t.is(error.code, 'limit-exceeded');
  t.true(region.view.every((value) => value === 7));
});
