import type { MemberId, SessionGraph } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { digestOf } from '../digest.ts';
import { neighbourhoods, neighboursOf } from './graph.ts';

const beaconOf = (value: number) => digestOf(Uint8Array.of(value, value >>> 8));
const membersOf = (count: number) =>
  Array.from({ length: count }, (_, i) => {
    const id: string = digestOf(Uint8Array.of(1, i, i >>> 8));
    return id as MemberId;
  });

const hararyGraphs = fc
  .record({ count: fc.integer({ min: 3, max: 150 }), beacon: fc.nat(0xffff) })
  .chain(({ count, beacon }) =>
    fc.record({
      count: fc.constant(count),
      graph: fc
        .integer({ min: 1, max: Math.floor((count - 1) / 2) })
        .map(
          (half): SessionGraph => ({ kind: 'harary', degree: half * 2, beacon: beaconOf(beacon) }),
        ),
    }),
  );

function reachable(map: ReadonlyMap<MemberId, MemberId[]>, without = new Set<MemberId>()): number {
  const start = [...map.keys()].find((member) => !without.has(member));
  const seen = new Set(start === undefined ? [] : [start]);
  for (const member of seen) {
    for (const each of map.get(member) ?? []) if (!without.has(each)) seen.add(each);
  }
  return seen.size;
}

test('a Harary graph is symmetric, connected, and every degree is the one asked for', (t) => {
  const property = fc.property(hararyGraphs, ({ count, graph }) => {
    const map = neighbourhoods(graph, membersOf(count));
    t.is(map.size, count);
    t.is(reachable(map), count);
    for (const [member, neighbours] of map) {
      t.is(new Set(neighbours).size, graph.kind === 'harary' ? graph.degree : count - 1);
      t.deepEqual(neighbours, neighbours.toSorted());
      t.true(neighbours.every((each) => each !== member && map.get(each)?.includes(member)));
    }
  });
  fc.assert(property, { numRuns: 60 });
});

test('a Harary graph stays connected without any degree - 1 of its members', (t) => {
  const choice = hararyGraphs.chain(({ count, graph }) => {
    const most = Math.min(graph.kind === 'harary' ? graph.degree - 1 : 0, count - 1);
    const lost = fc.subarray(membersOf(count), { maxLength: most });
    return fc.record({ count: fc.constant(count), graph: fc.constant(graph), lost });
  });
  const property = fc.property(choice, ({ count, graph, lost }) => {
    const map = neighbourhoods(graph, membersOf(count));
    t.is(reachable(map, new Set(lost)), count - lost.length);
  });
  fc.assert(property, { numRuns: 60 });
});

test('one neighbour list is the same alone as among all, whatever the order of the roster', (t) => {
  const members = membersOf(120);
  const graph: SessionGraph = { kind: 'harary', degree: 10, beacon: beaconOf(3) };
  const map = neighbourhoods(graph, members);
  for (const member of members) {
    t.deepEqual(neighboursOf(graph, members.toReversed(), member), map.get(member));
  }
});

test('in a complete graph everyone else is a neighbour', (t) => {
  const members = membersOf(7).sort();
  for (const member of members) {
    const others = members.filter((each) => each !== member);
    t.deepEqual(neighboursOf({ kind: 'complete' }, members, member), others);
  }
});

test('a beacon moves the neighbours, and each pair meets equally often', (t) => {
  const [beacons, members] = [4000, membersOf(11)];
  const [self, ...others] = members as [MemberId, ...MemberId[]];
  const met = new Map(others.map((member) => [member, 0]));
  for (let i = 0; i < beacons; i++) {
    const graph: SessionGraph = { kind: 'harary', degree: 2, beacon: beaconOf(i) };
    for (const each of neighboursOf(graph, members, self)) met.set(each, (met.get(each) ?? 0) + 1);
  }
  const mean = (beacons * 2) / others.length;
  // Chi-square with 9 degrees of freedom: 27.9 is passed once in a thousand.
  const chiSquare = [...met.values()].reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
  t.true(chiSquare < 27.9, `chi-square ${chiSquare}`);
});

test('the ring of a beacon is fixed for ever', (t) => {
  const members = membersOf(8);
  const graph: SessionGraph = { kind: 'harary', degree: 2, beacon: beaconOf(1) };
  const order = [members[0] as MemberId];
  while (order.length < members.length) {
    const last = neighboursOf(graph, members, order.at(-1) as MemberId);
    order.push(last.find((each) => !order.includes(each)) as MemberId);
  }
  t.deepEqual(
    order.map((member) => members.indexOf(member)),
    [0, 4, 6, 2, 1, 7, 3, 5],
  );
});

test('a graph that cannot be is a broken caller', (t) => {
  const members = membersOf(9);
  const self = members[0] as MemberId;
  const beacon = beaconOf(1);
  for (const degree of [0, 1, 3, 2.5, -2, 10, Number.NaN]) {
    const graph: SessionGraph = { kind: 'harary', degree, beacon };
    t.throws(() => neighboursOf(graph, members, self), { instanceOf: RangeError });
  }
  const complete: SessionGraph = { kind: 'complete' };
  t.throws(() => neighboursOf(complete, [...members, self], self), { instanceOf: RangeError });
  t.throws(() => neighboursOf(complete, members.slice(1), self), { instanceOf: RangeError });
});
