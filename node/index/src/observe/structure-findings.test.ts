// Each defect is planted into a sound graph and found by its name.

import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import type { GraphView } from '../hnsw/graph-view.ts';
import { gaussianRows, numberedIds, shuffledIntegers } from '../sample-vectors.ts';
import type { FindingName } from './finding.ts';
import { ObservedIndex, PlainGraph } from './graph-view-fixture.ts';
import { inspectIndex } from './inspect-index.ts';

const DIMENSION = 12;
const idOf = (slot: number) => `doc-${slot}`;

function built(seed: number, rows: number): ObservedIndex {
  const observed = new ObservedIndex({ dimension: DIMENSION, metric: 'euclidean' });
  observed.insert(numberedIds(rows), gaussianRows(seed, rows, DIMENSION));
  return observed;
}

async function found(view: GraphView, m = 16) {
  const { findings } = await inspectIndex({ view, metric: 'euclidean', m, idOf });
  return new Map<FindingName, (typeof findings)[number]>(
    findings.map((finding) => [finding.name, finding]),
  );
}

testProp(
  'an island is found with its size',
  [fc.nat(), fc.integer({ min: 40, max: 500 }), fc.integer({ min: 2, max: 30 })],
  async (t, seed, rows, islandRows) => {
    const graph = PlainGraph.copyOf(built(seed, rows).view);
    const others = shuffledIntegers(seed, rows).filter((slot) => slot !== graph.entrySlot);
    const island = others.slice(0, islandRows);
    graph.filterLinks((from, to) => island.includes(from) === island.includes(to));
    for (const [i, slot] of island.entries()) {
      graph.links[0]?.[slot]?.push(island[(i + 1) % islandRows] ?? slot);
    }
    const finding = (await found(graph)).get('unreachable');
    t.is(finding?.severity, 'critical');
    const { islands, largestIslandRows, unreachableRows } = finding?.evidence ?? {};
    t.deepEqual([unreachableRows, islands, largestIslandRows], [islandRows, 1, islandRows]);
    t.true(finding?.sampleIds.every((id) => island.map(idOf).includes(id)));
  },
  { numRuns: 20 },
);

testProp(
  'rows that nobody links to are found, each by itself',
  [fc.nat(), fc.integer({ min: 40, max: 400 }), fc.integer({ min: 1, max: 4 })],
  async (t, seed, rows, orphanRows) => {
    const graph = PlainGraph.copyOf(built(seed, rows).view);
    const others = shuffledIntegers(seed, rows).filter((slot) => slot !== graph.entrySlot);
    const orphans = others.slice(0, orphanRows);
    graph.filterLinks((_, to) => !orphans.includes(to));
    const { evidence, sampleIds = [] } = (await found(graph)).get('unreachable') ?? {};
    t.is(evidence?.['unreachableRows'], orphanRows);
    t.is(evidence?.['orphans'], orphanRows);
    t.deepEqual([...sampleIds].sort(), orphans.map(idOf).sort());
  },
  { numRuns: 20 },
);

test('an island that only the layers above lead into is found and told apart', async (t) => {
  const graph = PlainGraph.copyOf(built(3, 400).view);
  const above = [...Array(400).keys()].find((s) => s !== graph.entrySlot && graph.levelOf(s) > 0);
  graph.links[0] = (graph.links[0] ?? []).map((targets) => targets.filter((to) => to !== above));
  const evidence = (await found(graph)).get('unreachable')?.evidence;
  t.deepEqual([evidence?.['unreachableRows'], evidence?.['enteredFromAbove']], [1, 1]);
});

test('a graph whose entry point is dead has lost every row', async (t) => {
  const graph = PlainGraph.copyOf(built(4, 50).view);
  graph.live[graph.entrySlot] = false;
  t.is((await found(graph)).get('unreachable')?.evidence['unreachableRows'], 49);
});

testProp(
  'a chain has long paths at any length',
  [fc.integer({ min: 64, max: 3_000 })],
  async (t, rows) => {
    const chain = Array.from({ length: rows }, (_, slot) =>
      [slot - 1, slot + 1].filter((to) => to >= 0 && to < rows),
    );
    const finding = (await found(new PlainGraph([chain], (a, b) => Math.abs(a - b)))).get(
      'long-paths',
    );
    t.is(finding?.evidence['hopsMax'], rows - 1);
    t.is(finding?.sampleIds[0], idOf(rows - 1));
  },
  { numRuns: 15 },
);

test('rows that hang by one link are found', async (t) => {
  const graph = PlainGraph.copyOf(built(6, 600).view);
  const weak = shuffledIntegers(6, 600).slice(0, 30);
  graph.filterLinks((from, to) => !weak.includes(from) || to === graph.links[0]?.[from]?.[0]);
  const finding = (await found(graph)).get('weak-degree');
  t.is(finding?.evidence['weakRows'], 30);
});

test('degrees that rotted everywhere are found against M, not against each other', async (t) => {
  const graph = PlainGraph.copyOf(built(7, 600).view);
  for (const layer of graph.links) for (const targets of layer) targets.splice(5);
  t.is((await found(graph)).get('weak-degree')?.evidence['weakRows'], 0);
  t.false((await found(graph, 5)).has('weak-degree'));
});

test('links that all lead to a few rows are found', async (t) => {
  const graph = PlainGraph.copyOf(built(8, 800).view);
  for (const targets of graph.links[0] ?? [])
    targets.splice(0, targets.length >> 1, 1, 2, 3, 4, 5, 6);
  const finding = (await found(graph)).get('skewed-in-degree');
  t.deepEqual(finding?.sampleIds.slice(0, 6).sort(), [1, 2, 3, 4, 5, 6].map(idOf));
});

testProp(
  'a far thin cloud is a sparse region, and its rows are named',
  [fc.nat(), fc.integer({ min: 200, max: 900 }), fc.integer({ min: 10, max: 20 })],
  async (t, seed, rows, remoteRows) => {
    const near = gaussianRows(seed, rows, DIMENSION);
    const far = gaussianRows(seed + 1, remoteRows, DIMENSION).map((x) => 100 + 40 * x);
    const observed = new ObservedIndex({ dimension: DIMENSION, metric: 'euclidean' });
    observed.insert(numberedIds(rows + remoteRows), Float32Array.of(...near, ...far));
    const { findings } = await inspectIndex(observed.subject);
    t.deepEqual(
      findings.map(({ name }) => name),
      ['sparse-region'],
    );
    const evidence = findings[0]?.evidence;
    t.is(evidence?.['remoteRows'], remoteRows);
    const remote = numberedIds(rows + remoteRows).slice(rows);
    t.true(findings[0]?.sampleIds.every((id) => remote.includes(id)));
  },
  { numRuns: 12 },
);

test('a far cloud as dense as the rest is no sparse region', async (t) => {
  const near = gaussianRows(1, 400, DIMENSION);
  const far = gaussianRows(2, 100, DIMENSION).map((x) => 100 + x);
  const observed = new ObservedIndex({ dimension: DIMENSION, metric: 'euclidean' });
  observed.insert(numberedIds(500), Float32Array.of(...near, ...far));
  t.deepEqual((await inspectIndex(observed.subject)).findings, []);
});

const deadShares: [number, string | undefined][] = [
  [0.1, undefined],
  [0.3, 'notice'],
  [0.6, 'warning'],
  [0.9, 'critical'],
];

for (const [share, severity] of deadShares) {
  test(`${share * 100} % deleted rows are of severity ${severity ?? 'none'}`, async (t) => {
    const observed = built(9, 500);
    for (let row = 0; row < 500 * share; row++) observed.delete(idOf(row));
    const { findings, statistics } = await inspectIndex(observed.subject);
    const expected = severity === undefined ? [] : [['tombstone-share', severity]];
    t.deepEqual(
      findings.map((finding) => [finding.name, finding.severity]),
      expected,
    );
    t.is(statistics.deadRows, 500 * share);
  });
}

test('links to dead rows lead nowhere and are counted', async (t) => {
  const graph = PlainGraph.copyOf(built(10, 100).view);
  const dead = graph.entrySlot === 5 ? 6 : 5;
  graph.live[dead] = false;
  const { statistics } = await inspectIndex({ view: graph, metric: 'euclidean' });
  t.true(statistics.linksToDead > 0);
  t.is(statistics.links, Math.round(statistics.degree.mean * 99));
  t.is(statistics.unreachableRows, 0);
});
