import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openIndex } from '../file/open-index.ts';
import { readSectionFile } from '../file/read-section-file.ts';
import { type Section, writeSectionFile } from '../file/section-file.ts';
import { copiedSection } from '../file/table-sections.ts';
import { IndexError } from '../index-error.ts';
import { IdTable } from '../memory/id-table.ts';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { IvfIndex } from './ivf-index.ts';

const DIMENSION = 3;
const HEAD = {
  kind: 'ivf',
  dimension: DIMENSION,
  metric: 'euclidean',
  wantedLists: 2,
  probes: 0,
  maxElements: 10,
  seed: 1,
  slotCount: 4,
  trainedRows: 3,
};

async function newFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'starling-ivf-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

/** Three rows under slots 0, 2 and 3 in two lists. */
function sections(changed: Readonly<Record<string, Float32Array | Int32Array>> = {}): Section[] {
  const sound = {
    vectors: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9),
    'free-slots': Int32Array.of(1),
    centroids: Float32Array.of(2, 3, 4, 7, 8, 9),
    'list-sizes': Int32Array.of(2, 1),
    'list-slots': Int32Array.of(2, 0, 3),
  };
  const table = new IdTable(4);
  for (const [slot, id] of [
    [0, 'a'],
    [2, 'b'],
    [3, 'c'],
  ] as const) {
    table.set(slot, id);
  }
  const values = Object.entries({ ...sound, ...changed });
  return [
    { name: 'ids', bytes: table.records(4) },
    ...values.map(([name, of]) => copiedSection(name, of)),
  ];
}

test('lists that fit together are opened', async (t) => {
  const folder = await newFolder(t);
  await writeSectionFile(folder, HEAD, sections());
  const index = (await openIndex(folder)) as IvfIndex;
  const { hits } = index.search(Float32Array.of(1, 2, 3), { k: 3 });
  t.deepEqual(
    hits.map((hit) => hit.id),
    ['b', 'a', 'c'],
  );
  t.is(index.lists, 2);
});

test('lists that do not fit together are refused, whatever their checksums say', async (t) => {
  const folder = await newFolder(t);
  const refused = async (
    message: RegExp,
    head: object,
    changed?: Parameters<typeof sections>[0],
  ) => {
    await writeSectionFile(folder, { ...HEAD, ...head }, sections(changed));
    const error = await t.throwsAsync(openIndex(folder), { instanceOf: IndexError, message });
    t.is(error.code, 'corrupt-file');
  };
  await refused(/a row is in two lists/, {}, { 'list-slots': Int32Array.of(2, 0, 2) });
  await refused(/a list holds a free slot/, {}, { 'list-slots': Int32Array.of(2, 0, 1) });
  await refused(/outside \[0, 3\]/, {}, { 'list-slots': Int32Array.of(2, 0, 4) });
  await refused(/outside \[0, 3\]/, {}, { 'list-sizes': Int32Array.of(4, -1) });
  await refused(/differ in number/, {}, { 'list-sizes': Int32Array.of(2, 2) });
  await refused(/lists and centroids/, {}, { 'list-sizes': Int32Array.of(1, 1, 1) });
  await refused(/differ in number/, {}, { vectors: new Float32Array(6) });
  await refused(/component is not finite/, {}, { vectors: new Float32Array(9).fill(Number.NaN) });
  await refused(/centroid is not finite/, {}, { centroids: new Float32Array(6).fill(Infinity) });
  await refused(/a centroid is cut/, {}, { centroids: new Float32Array(5) });
  await refused(/ids and free slots/, {}, { 'free-slots': Int32Array.of(0) });
  await refused(/trainedRows is too small/, { trainedRows: 0 });
  await refused(/ids and free slots/, { slotCount: 3 });
  await refused(/more rows than maxElements/, { maxElements: 2 });
  await refused(/does not fit together/, { metric: 'euclid' });
  await refused(/does not fit together/, { wantedLists: -1 });
});

test('an opened index goes on as the saved one would have, retraining included', async (t) => {
  const folder = await newFolder(t);
  const index = new IvfIndex({ dimension: DIMENSION, metric: 'cosine', lists: 6, probes: 3 });
  index.insertBatch(numberedIds(100), gaussianRows(1, 100, DIMENSION));
  for (const id of numberedIds(30)) index.delete(id);
  await index.save(folder);
  const opened = (await openIndex(folder)) as IvfIndex;
  t.deepEqual(opened.options, index.options);
  for (const each of [index, opened]) {
    each.insertBatch(numberedIds(500), gaussianRows(2, 500, DIMENSION));
    each.delete('doc-77');
  }
  const answers = [index, opened].map((each) =>
    numberedIds(20).map((_, row) => {
      return each.search(rowOf(gaussianRows(3, 20, DIMENSION), DIMENSION, row), { k: 9 });
    }),
  );
  t.deepEqual(answers[0], answers[1]);
  const folders = [await newFolder(t), await newFolder(t)] as const;
  await index.save(folders[0]);
  await opened.save(folders[1]);
  const files = await Promise.all(folders.map((each) => readSectionFile(each)));
  t.deepEqual(files[0]?.float32Section('vectors'), files[1]?.float32Section('vectors'));
});
