import test from 'ava';
import { IndexError } from '../index-error.ts';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { FINDING_NAMES } from './finding.ts';
import { formatInspection } from './format-inspection.ts';
import { ObservedIndex } from './graph-view-fixture.ts';
import { IndexObserver, type ObserverOptions } from './index-observer.ts';
import type { InspectionMeter } from './publish-inspection.ts';

const DIMENSION = 8;

/** A meter that can be read. */
class ReadableMeter implements InspectionMeter {
  readonly values = new Map<string, number>();

  count(name: string, amount = 1, labels = {}): void {
    const key = `${name} ${Object.values(labels)}`.trim();
    this.values.set(key, (this.values.get(key) ?? 0) + amount);
  }

  gauge(name: string, value: number, labels = {}): void {
    this.values.set(`${name} ${Object.values(labels)}`.trim(), value);
  }
}

function observedWith(searches: number, meter?: InspectionMeter) {
  const observed = new ObservedIndex({ dimension: DIMENSION, metric: 'euclidean' });
  observed.insert(numberedIds(300), gaussianRows(1, 300, DIMENSION));
  const observer = new IndexObserver({}, meter);
  const queries = gaussianRows(2, searches, DIMENSION);
  for (let row = 0; row < searches; row++) {
    const query = rowOf(queries, DIMENSION, row);
    observer.record(query, observed.index.search(query, { k: 4 }), { k: 4 });
  }
  return { observed, observer };
}

test('metrics tell rows, findings by name and what the audit found', async (t) => {
  const meter = new ReadableMeter();
  const { observed, observer } = observedWith(50, meter);
  for (let row = 0; row < 200; row++) observed.delete(`doc-${row}`);
  await observer.inspect({ ...observed.subject, memoryBytes: 4_096 });
  await observer.inspect(observed.subject);
  const { values } = meter;
  t.is(values.get('starling_index_rows_total live'), 100);
  t.is(values.get('starling_index_rows_total dead'), 200);
  t.is(values.get('starling_index_findings_total tombstone-share'), 1);
  t.is(values.get('starling_index_findings_total unreachable'), 0);
  t.is(values.get('starling_index_searches_total'), 50);
  t.is(values.get('starling_index_memory_bytes'), 4_096);
  const found = values.get('starling_index_audited_hits_total found') ?? 0;
  t.is(found + (values.get('starling_index_audited_hits_total missed') ?? 0), 2 * 50 * 4);
  for (const name of values.keys()) t.regex(name, /^starling_index_[a-z_]+_(total|bytes)( |$)/);
  t.is([...values.keys()].filter((key) => key.includes('findings')).length, FINDING_NAMES.length);
});

test('an inspection prints its findings with evidence and advice, then the numbers', async (t) => {
  const { observed, observer } = observedWith(40);
  const sound = formatInspection(await observer.inspect(observed.subject));
  t.is(sound[0], 'no findings');
  t.true(sound.some((line) => /^recall +(1|0\.9\d*) \(.* at 95 %, 40 queries\)$/.test(line)));
  for (let row = 0; row < 240; row++) observed.delete(`doc-${row}`);
  const lines = formatInspection(await observer.inspect(observed.subject));
  t.is(lines[0], 'critical: tombstone-share');
  t.regex(lines[1] ?? '', /deadRows 240, deadShare 0\.8,/);
  t.regex(lines[2] ?? '', /compact the index/);
  t.true(lines.includes('rows       60 live, 240 dead, 0 unreachable'));
});

test('the gravest finding comes first', async (t) => {
  const { observed, observer } = observedWith(0);
  for (let row = 0; row < 100; row++) observed.delete(`doc-${row}`);
  const { subject } = observed;
  const orphan = 250;
  const view = {
    ...subject.view,
    targets: (level: number, slot: number) =>
      subject.view.targets(level, slot).filter((to) => to !== orphan),
  };
  const { findings } = await observer.inspect({ ...subject, view });
  t.deepEqual(
    findings.map(({ severity }) => severity),
    ['critical', 'notice'],
  );
  t.deepEqual(findings[0]?.sampleIds, ['doc-250']);
});

test('an aborted inspection stops with the reason of the signal', async (t) => {
  const { observed, observer } = observedWith(10);
  const signal = AbortSignal.abort(new Error('enough'));
  await t.throwsAsync(observer.inspect(observed.subject, signal), { message: 'enough' });
});

const badOptions: [string, Partial<ObserverOptions>, RegExp][] = [
  ['a recall target above 1', { recallTarget: 95 }, /recallTarget = 95 violates/],
  ['a recall target that is no number', { recallTarget: Number.NaN }, /recallTarget = NaN/],
  ['an empty window', { windowQueries: 0 }, /windowQueries >= 1/],
  ['a sample larger than the window', { windowQueries: 8, sampleQueries: 9 }, /sampleQueries <= 8/],
  ['a negative seed', { seed: -1 }, /seed >= 0/],
];

for (const [what, options, message] of badOptions) {
  test(`an observer with ${what} is refused with the violated inequality`, (t) => {
    t.throws(() => new IndexObserver(options), { instanceOf: IndexError, message });
  });
}
