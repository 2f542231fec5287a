import type { Digest } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import {
  areRivals,
  type Candidate,
  conflictGroups,
  conflicts,
  isWithin,
  squaredDistance,
} from './conflict.ts';
import { hex, PATTERN } from './ledger-fixture.ts';

const rules = { conflictRadius: 100 };
const component = fc.integer({ min: -127, max: 127 });
const centroid = fc
  .array(component, { minLength: 4, maxLength: 4 })
  .map((values) => new Uint8Array(Int8Array.from(values).buffer));
const at = (...values: readonly number[]) => ({
  ...PATTERN,
  centroid: new Uint8Array(Int8Array.from(values).buffer),
});

test('distance is that of the signed components, exact and symmetric', (t) => {
  t.is(squaredDistance(at(127).centroid, at(-127).centroid), 254 ** 2);
  t.is(squaredDistance(at(-1, 0).centroid, at(1, 3).centroid), 13);
  fc.assert(
    fc.property(centroid, centroid, (a, b) => {
      let sum = 0n;
      for (let i = 0; i < 4; i++) {
        const [x = 0, y = 0] = [new Int8Array(a.buffer)[i], new Int8Array(b.buffer)[i]];
        sum += BigInt(x - y) ** 2n;
      }
      t.is(squaredDistance(a, b), Number(sum));
      t.is(squaredDistance(b, a), Number(sum));
      t.is(squaredDistance(a, a), 0);
    }),
  );
});

test('a distance is within a limit exactly when it is at most that, at any length', (t) => {
  const pair = fc.integer({ min: 1, max: 100 }).chain((length) => {
    const vector = fc.uint8Array({ minLength: length, maxLength: length });
    return fc.tuple(vector, vector);
  });
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const distance = squaredDistance(a, b);
      t.true(isWithin(a, b, distance));
      t.false(isWithin(a, b, distance - 1));
    }),
  );
});

test('bytes in the middle of a larger buffer are read where they are', (t) => {
  const frame = Uint8Array.of(9, 9, 9, 1, 2, 0xff, 9);
  t.is(squaredDistance(frame.subarray(3, 6), Uint8Array.of(1, 2, 1)), 4);
});

test('patterns conflict at the radius and not one beyond it', (t) => {
  t.true(conflicts(at(0, 0, 0, 0), at(6, 8, 0, 0), rules));
  t.false(conflicts(at(0, 0, 0, 0), at(6, 8, 1, 0), rules));
});

test('patterns of another collection or dimension never conflict', (t) => {
  t.false(conflicts(PATTERN, { ...PATTERN, collection: 'images' }, rules));
  t.false(conflicts(at(1, 2, 3, 4), at(1, 2, 3), rules));
});

function candidate(id: number, ...values: readonly number[]): Candidate {
  return { id: hex(id) as Digest, pattern: at(...values, 0, 0, 0), supersedes: [] };
}

test('nearness is not transitive, but who must be chosen between is', (t) => {
  const row = [candidate(3, 0), candidate(1, 9), candidate(2, 18), candidate(9, 60)];
  const [first, , third] = row as [Candidate, Candidate, Candidate];
  t.false(areRivals(first, third, rules));
  t.deepEqual(conflictGroups(row, rules), [[1, 2, 3].map(hex) as Digest[]]);
});

test('two that would supersede the same pattern are rivals, however far apart', (t) => {
  const supersedes = [hex(77) as Digest];
  const [a, b] = [candidate(1, -100), candidate(2, 100)];
  t.deepEqual(conflictGroups([a, b], rules), []);
  const both = [a, b].map((each) => ({ ...each, supersedes }));
  t.deepEqual(conflictGroups(both, rules), [[hex(1), hex(2)] as Digest[]]);
});

test('groups are the same in any order, share nobody, and leave no rivals apart', (t) => {
  const drawn = fc.array(fc.integer({ min: -120, max: 120 }), { maxLength: 12 }).chain((values) => {
    const all = values.map((value, i) => candidate(i, value));
    return fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }));
  });
  fc.assert(
    fc.property(drawn, ([all, shuffled]) => {
      const groups = conflictGroups(all, rules);
      t.deepEqual(conflictGroups(shuffled, rules), groups);
      const members = groups.flat();
      t.is(new Set(members).size, members.length);
      const groupOf = (id: Digest) => groups.findIndex((group) => group.includes(id));
      for (const a of all) {
        for (const b of all) {
          if (a.id === b.id || !areRivals(a, b, rules)) continue;
          t.true(groupOf(a.id) >= 0 && groupOf(a.id) === groupOf(b.id));
        }
      }
    }),
    { numRuns: 200 },
  );
});
