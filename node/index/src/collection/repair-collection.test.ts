// Damage is planted into graphs in memory, through their insides, and mended.

import test from 'ava';
import { linksOf } from '../hnsw/links-of.ts';
import { ObservedIndex } from '../observe/graph-view-fixture.ts';
import { OBSERVER_DEFAULTS } from '../observe/index-observer.ts';
import { SearchWorkload } from '../observe/search-workload.ts';
import { gaussianRows, numberedIds } from '../sample-vectors.ts';
import { checkCollectionOptions } from './collection-options.ts';
import { inspectSegments } from './inspect-segments.ts';
import { repairSegments } from './repair-collection.ts';
import { Segment } from './segment.ts';
import { SegmentSet } from './segment-set.ts';
import { verifyContents } from './verify-contents.ts';

const DIMENSION = 10;
const ROWS = 400;
const exclusive = <T>(job: () => Promise<T>) => job();

function observed(vectors = gaussianRows(3, ROWS, DIMENSION)): ObservedIndex {
  const index = new ObservedIndex({ dimension: DIMENSION, metric: 'euclidean' });
  index.insert(numberedIds(vectors.length / DIMENSION), vectors);
  return index;
}

function subjectOf({ index }: ObservedIndex) {
  const options = checkCollectionOptions({ dimension: DIMENSION, metric: 'euclidean' });
  const segment = new Segment(index);
  segment.restoreMetadata('doc-7', { name: 'seven' });
  const segments = new SegmentSet(options, [segment]);
  const findings = async () => {
    const workload = new SearchWorkload(OBSERVER_DEFAULTS);
    const inspected = { segments, options, exclusive };
    return (await inspectSegments(inspected, workload, OBSERVER_DEFAULTS)).findings;
  };
  return { segments, exclusive, findings };
}

/** Keeps those base links that `keeps` allows. */
function filterLinks({ graph }: ObservedIndex, keeps: (from: number, to: number) => boolean): void {
  for (let slot = 0; slot < graph.table.slotCount; slot++) {
    const targets = linksOf(graph, 0, slot).filter((target) => keeps(slot, target));
    graph.writeLinks(0, slot, targets, 0);
  }
}

test('a sound graph is left alone', async (t) => {
  const subject = subjectOf(observed());
  const { damagesBefore, findingsBefore, outcome, steps } = await repairSegments(subject);
  t.deepEqual([damagesBefore, findingsBefore, steps, outcome], [[], [], [], 'sound']);
});

test('a row that nothing leads to is found by name; a new graph from the rows leads to it', async (t) => {
  const planted = observed();
  const orphan = planted.graph.entrySlot === 5 ? 6 : 5;
  filterLinks(planted, (_, to) => to !== orphan);
  const subject = subjectOf(planted);
  const { damages } = await verifyContents(subject.segments, exclusive);
  const unreachable = damages.find(({ kind }) => kind === 'unreachable');
  t.regex(unreachable?.detail ?? '', new RegExp(`1 rows cannot be reached: doc-${orphan}$`));
  const plan = await repairSegments(subject, { dryRun: true });
  t.deepEqual(
    [plan.outcome, plan.steps.map(({ action }) => action)],
    ['planned', ['rebuild-graph']],
  );
  t.true(planted.index.verify().problems.length > 0);
  const report = await repairSegments(subject);
  t.deepEqual(
    report.findingsBefore.map(({ name }) => name),
    ['unreachable'],
  );
  t.deepEqual([report.outcome, report.damagesAfter, report.findingsAfter], ['repaired', [], []]);
  const [segment] = subject.segments.segments;
  t.is(segment?.size, ROWS);
  t.deepEqual(segment?.metadataOf('doc-7'), { name: 'seven' });
  t.deepEqual(segment?.index.vectorOf('doc-9'), planted.index.vectorOf('doc-9'));
});

test('rows that hang by one link are linked anew', async (t) => {
  const planted = observed();
  const { parents, treeDegrees } = planted.graph.memory;
  const leaves = [...Array(ROWS).keys()].filter((slot) => treeDegrees[slot] === 1).slice(0, 30);
  const weak = new Set(leaves.filter((slot) => (parents[slot] ?? -1) >= 0));
  filterLinks(planted, (from, to) => {
    if (weak.has(from)) return parents[from] === to;
    return !weak.has(to) || parents[to] === from;
  });
  t.deepEqual(planted.index.verify().problems, []);
  const report = await repairSegments(subjectOf(planted));
  t.deepEqual(
    report.findingsBefore.map(({ name }) => name),
    ['weak-degree'],
  );
  t.deepEqual(
    report.steps.map(({ action }) => action),
    ['relink-rows'],
  );
  t.deepEqual([report.outcome, report.findingsAfter, report.damagesAfter], ['repaired', [], []]);
});

test('links to deleted rows are swept', async (t) => {
  const planted = observed();
  for (let row = 0; row < 20; row++) planted.delete(`doc-${row}`);
  t.true(planted.index.verify().staleLinks > 0);
  const report = await repairSegments(subjectOf(planted));
  t.deepEqual(
    report.steps.map(({ action }) => action),
    ['sweep-links'],
  );
  t.is(planted.index.verify().staleLinks, 0);
});

test('a repair that does not help says so', async (t) => {
  const vectors = gaussianRows(3, ROWS, DIMENSION);
  // A thin far cloud: these rows are where they are.
  for (let i = 0; i < 60 * DIMENSION; i++) vectors[i] = 400 + 40 * (vectors[i] as number);
  const report = await repairSegments(subjectOf(observed(vectors)));
  t.deepEqual(
    report.findingsAfter.map(({ name }) => name),
    ['sparse-region'],
  );
  t.is(report.outcome, 'not-helped');
});
