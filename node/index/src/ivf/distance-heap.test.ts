import { fc, testProp } from '@fast-check/ava';
import { DistanceHeap } from './distance-heap.ts';

testProp(
  'what is pushed and replaced comes out smallest first',
  [fc.array(fc.double({ noNaN: true }), { maxLength: 300 }), fc.double({ noNaN: true })],
  (t, keys, replacement) => {
    const heap = new DistanceHeap();
    for (const [slot, key] of keys.entries()) heap.push(key, slot);
    const expected = keys.toSorted((a, b) => a - b);
    if (keys.length > 0) {
      heap.replaceTop(replacement, keys.length);
      expected[0] = replacement;
      expected.sort((a, b) => a - b);
    }
    const popped: number[] = [];
    for (; heap.length > 0; heap.pop()) {
      const key = heap.topKey();
      t.true((keys[heap.topSlot()] ?? replacement) === key);
      popped.push(key);
    }
    t.deepEqual(
      popped.map((key) => key + 0),
      expected.map((key) => key + 0),
    );
  },
  { seed: 102, numRuns: 200 },
);
