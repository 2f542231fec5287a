// Each planted defect is found by its file and place; a sound folder yields nothing.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import test from 'ava';
import { IndexError } from '../index-error.ts';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { Collection } from './collection.ts';
import type { CollectionSettings } from './collection-options.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { surveyIndexFile } from './survey-index-file.ts';
import { verifyFolder } from './verify-collection.ts';

const FOLDER = '/collection';
const DIMENSION = 6;
const SETTINGS: CollectionSettings = {
  dimension: DIMENSION,
  metric: 'euclidean',
  m: 6,
  segmentRowsMax: 100,
  checkpointLogBytes: 0,
};

/** Two segments with metadata, deleted rows and a log of three records; no query was sampled. */
async function fill(disk: SimulatedDisk): Promise<void> {
  const collection = await Collection.open(FOLDER, SETTINGS, { storage: disk });
  const ids = numberedIds(160);
  const metadata = ids.map((name) => ({ name }));
  await collection.upsert({ ids, vectors: gaussianRows(1, 160, DIMENSION), metadata });
  await collection.checkpoint();
  await collection.delete(['doc-3']);
  await collection.checkpoint();
  for (const id of ['late-1', 'late-2', 'late-3']) {
    await collection.upsert([{ id, vector: rowOf(gaussianRows(7, 1, DIMENSION), DIMENSION, 0) }]);
  }
  await collection.close();
}

function flipped(bytes: Buffer, offset: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[offset] = (changed[offset] ?? 0) ^ 0x10;
  return changed;
}

async function damagesOf(disk: SimulatedDisk) {
  const { damages } = await verifyFolder(FOLDER, { storage: disk });
  return damages;
}

test('a sound collection yields nothing, open or closed, and is left as it is', async (t) => {
  using disk = new SimulatedDisk();
  await fill(disk);
  const before = disk.files();
  const report = await verifyFolder(FOLDER, { storage: disk });
  t.deepEqual(report.damages, []);
  t.deepEqual([report.rows, report.searchedRows, report.logRecords], [162, 162, 3]);
  t.deepEqual([report.files, report.segments.length], [before.size, 2]);
  t.deepEqual(disk.files(), before);
  await using collection = await Collection.open(FOLDER, {}, { storage: disk });
  await collection.upsert([{ id: 'new', vector: [1, 2, 3, 4, 5, 6] }]);
  const open = await collection.verify();
  t.deepEqual([open.damages, open.rows, open.logRecords], [[], 163, 4]);
});

test('a changed byte in any kind of file is found, open or closed, with file and place', async (t) => {
  using disk = new SimulatedDisk();
  await fill(disk);
  const files = disk.files();
  for (const [path, bytes] of files) {
    const offset = path.endsWith('.log') ? 200 : bytes.length >> 1;
    for (const [each, content] of files) disk.setFile(each, content);
    disk.setFile(path, flipped(bytes, offset));
    const [damage, ...others] = await damagesOf(disk);
    t.is(damage?.file, relative(FOLDER, path));
    t.deepEqual(others, [], path);
    const { kind, offsetBytes = -1 } = damage ?? {};
    t.true(kind === 'changed' && offsetBytes >= 0 && offsetBytes <= offset, path);
  }
  for (const [each, content] of files) disk.setFile(each, content);
  await using collection = await Collection.open(FOLDER, {}, { storage: disk });
  for (const [path, bytes] of files) {
    disk.setFile(path, flipped(bytes, path.endsWith('.log') ? 200 : bytes.length >> 1));
    const { damages } = await collection.verify();
    t.deepEqual([...new Set(damages.map(({ file }) => file))], [relative(FOLDER, path)]);
    disk.setFile(path, bytes);
  }
});

test('a changed byte in any section of an index file is found with its section', async (t) => {
  using disk = new SimulatedDisk();
  await fill(disk);
  const [path, bytes] = indexFile(disk);
  const { sections } = await sectionsOf(disk, path);
  t.true(sections.length >= 9);
  for (const { lengthBytes, name, offsetBytes } of sections) {
    if (lengthBytes === 0) continue;
    disk.setFile(path, flipped(bytes, offsetBytes + lengthBytes - 1));
    const [damage, ...others] = await damagesOf(disk);
    t.deepEqual([damage?.section, damage?.offsetBytes, others], [name, offsetBytes, []]);
    const isRow = name === 'rows' || name === 'ids';
    t.is(damage?.mending, isRow ? 'impossible' : 'possible', name);
  }
  disk.setFile(path, flipped(bytes, 60));
  t.regex((await damagesOf(disk))[0]?.detail ?? '', /its header changed/);
  disk.setFile(path, bytes.subarray(0, bytes.length - 3));
  t.true((await damagesOf(disk)).length > 0);
  disk.setFile(path, Buffer.concat([bytes, Buffer.alloc(5)]));
  t.regex((await damagesOf(disk))[0]?.detail ?? '', /5 bytes follow its end/);
});

test('every missing file is named', async (t) => {
  using disk = new SimulatedDisk();
  await fill(disk);
  const files = disk.files();
  for (const path of files.keys()) {
    for (const [each, content] of files) disk.setFile(each, content);
    await disk.remove(path);
    const damages = await damagesOf(disk);
    t.deepEqual(
      damages.map(({ file, kind }) => [file, kind]),
      [[relative(FOLDER, path), 'missing']],
    );
  }
  for (const [each, content] of files) disk.setFile(each, content);
  const [path] = indexFile(disk);
  await disk.remove(dirname(path));
  t.true((await damagesOf(disk)).every(({ kind }) => kind === 'missing'));
});

test('records that cannot be read are counted exactly, a write that a crash cut is no damage', async (t) => {
  using disk = new SimulatedDisk();
  await fill(disk);
  const [path, bytes] = logFile(disk);
  disk.setFile(path, flipped(bytes, 200));
  t.regex((await damagesOf(disk))[0]?.detail ?? '', /a record changed; 3 records/);
  disk.setFile(path, flipped(bytes, bytes.length - 40));
  const [last] = await damagesOf(disk);
  t.deepEqual([last?.mending, last?.detail.includes('; 1 records')], ['by-force', true]);
  disk.setFile(path, flipped(bytes, 10));
  const [head] = await damagesOf(disk);
  t.deepEqual([head?.mending, head?.detail], ['possible', 'its head changed']);
  disk.setFile(path, bytes.subarray(0, bytes.length - 50));
  const torn = await verifyFolder(FOLDER, { storage: disk });
  t.deepEqual([torn.damages, torn.logRecords], [[], 2]);
  t.true(torn.tornLogBytes > 0);
});

test('a single saved index is verified and left as it is; other folders are refused', async (t) => {
  using disk = new SimulatedDisk();
  await fill(disk);
  const [path, bytes] = indexFile(disk);
  disk.setFile('/single/vectors.index', bytes);
  const before = disk.files();
  const { damages, rows } = await verifyFolder('/single', { storage: disk });
  t.deepEqual([damages, rows], [[], 100]);
  t.deepEqual(disk.files(), before);
  const { sections } = await sectionsOf(disk, path);
  const links = sections.find(({ name }) => name === 'links');
  disk.setFile('/single/vectors.index', flipped(bytes, links?.offsetBytes ?? 0));
  const [damage] = (await verifyFolder('/single', { storage: disk })).damages;
  t.deepEqual([damage?.file, damage?.section], ['vectors.index', 'links']);
  const refusal = await t.throwsAsync(verifyFolder('/nothing', { storage: disk }), {
    instanceOf: IndexError,
  });
  t.is(refusal?.code, 'missing-file');
});

test('a folder that another has open is refused with the number of that process', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'starling-verify-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await using _ = await Collection.open(folder, SETTINGS);
  const refusal = await t.throwsAsync(verifyFolder(folder), { instanceOf: IndexError });
  t.is(refusal?.code, 'collection-locked');
  t.true(refusal?.message.includes(`process ${process.pid} `));
});

function indexFile(disk: SimulatedDisk): [string, Buffer] {
  return theFile(disk, 'vectors.index');
}

function logFile(disk: SimulatedDisk): [string, Buffer] {
  return theFile(disk, '.log');
}

function theFile(disk: SimulatedDisk, ending: string): [string, Buffer] {
  // Segments are saved at once; the order in which they came says nothing.
  const files = [...disk.files()].sort(([a], [b]) => (a < b ? -1 : 1));
  const found = files.find(([path]) => path.endsWith(ending));
  if (found === undefined) throw new Error(`no ${ending}`);
  return found;
}

async function sectionsOf(disk: SimulatedDisk, path: string) {
  const file = await disk.openToRead(join(path));
  if (file === undefined) throw new Error(`no file ${path}`);
  return surveyIndexFile(path, file);
}
