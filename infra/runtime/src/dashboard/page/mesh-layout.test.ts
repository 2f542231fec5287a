import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { layOut, PAIRS_MAX, STEPS_MAX } from './mesh-layout.js';

const ring = (nodes: number) =>
  Array.from({ length: nodes }, (_, at) => [at, (at + 1) % nodes] as const);

test('the same graph looks the same', (t) => {
  t.deepEqual(layOut(30, ring(30)), layOut(30, ring(30)));
});

test('work is bounded however many nodes there are', (t) => {
  t.is(layOut(20, ring(20)).steps, STEPS_MAX);
  const { steps } = layOut(500, ring(500));
  t.true(steps * 500 * 500 <= PAIRS_MAX + 500 * 500, String(steps));
  t.deepEqual(layOut(0, []), { places: [], steps: 0 });
});

testProp(
  'every node of any graph has a place inside the picture',
  [fc.integer({ min: 1, max: 25 }), fc.array(fc.tuple(fc.nat(24), fc.nat(24)), { maxLength: 40 })],
  (t, nodes, pairs) => {
    const links = pairs.filter(([a, b]) => a < nodes && b < nodes && a !== b);
    const { places } = layOut(nodes, links);
    t.is(places.length, nodes);
    for (const { x, y } of places) t.true(x >= 0 && x <= 1 && y >= 0 && y <= 1, `${x} ${y}`);
  },
  { numRuns: 30 },
);

test('who is linked stands nearer than who is not', (t) => {
  const { places } = layOut(12, ring(12));
  const apart = (a: number, b: number) =>
    Math.hypot(
      (places[a]?.x ?? 0) - (places[b]?.x ?? 0),
      (places[a]?.y ?? 0) - (places[b]?.y ?? 0),
    );
  t.true(apart(0, 1) < apart(0, 6));
});
