// Groups: everyone once, of even sizes, by the beacon and by nothing else.

import test from 'ava';
import fc from 'fast-check';
import { groupsOf, roundBeacon } from './groups.ts';
import { testDigest, testMembers } from './session-fixture.ts';

test('everyone is in one group, groups differ by one member at most and are not too small', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 60 }), fc.integer({ min: 3, max: 20 }), (count, size) => {
      const members = testMembers(count);
      const groups = groupsOf(members, size, testDigest(1));
      const sizes = groups.map(({ length }) => length);
      t.deepEqual(groups.flat().sort(), members);
      t.true(Math.max(...sizes) - Math.min(...sizes) <= 1);
      t.true(Math.min(...sizes) >= Math.min(size, count));
      for (const group of groups) t.deepEqual(group, group.toSorted());
    }),
  );
});

test('groups follow from the beacon, not from the order in which members are named', (t) => {
  const members = testMembers(24);
  const beacon = testDigest(1);
  t.deepEqual(groupsOf(members.toReversed(), 8, beacon), groupsOf(members, 8, beacon));
  t.notDeepEqual(groupsOf(members, 8, testDigest(2)), groupsOf(members, 8, beacon));
  t.deepEqual(groupsOf(members, null, beacon), [members]);
});

test('the beacon follows from the roster and the model', (t) => {
  const names = [
    roundBeacon(testDigest(1), testDigest(2)),
    roundBeacon(testDigest(2), testDigest(1)),
    roundBeacon(testDigest(1), testDigest(3)),
  ];
  t.is(new Set(names).size, 3);
});
