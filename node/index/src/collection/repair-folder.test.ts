// Damaged folders: what can be built anew is, what cannot is refused by name and nothing changes.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import test from 'ava';
import { openHnswIndex } from '../file/open-index.ts';
import { writeSectionFile } from '../file/section-file.ts';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { IndexError } from '../index-error.ts';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { Collection } from './collection.ts';
import type { CollectionSettings } from './collection-options.ts';
import { NODE_STORAGE } from './node-storage.ts';
import { repairFolder } from './repair-folder.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { surveyIndexFile } from './survey-index-file.ts';
import { verifyFolder } from './verify-collection.ts';

const FOLDER = '/collection';
const INDEX = `${FOLDER}/segment-000001/vectors.index`;
const DIMENSION = 6;
const ROWS = 120;
const SETTINGS: CollectionSettings = {
  dimension: DIMENSION,
  metric: 'euclidean',
  m: 6,
  checkpointLogBytes: 0,
};
const vectors = gaussianRows(1, ROWS, DIMENSION);

/** A segment with metadata and a deleted row, sampled queries, and a log of four records. */
async function filled(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk();
  const collection = await Collection.open(FOLDER, SETTINGS, { storage: disk });
  const ids = numberedIds(ROWS);
  await collection.upsert({ ids, vectors, metadata: ids.map((name) => ({ name })) });
  await collection.checkpoint();
  await collection.delete(['doc-3']);
  await collection.checkpoint();
  for (let row = 0; row < 4; row++) {
    const vector = rowOf(vectors, DIMENSION, row);
    await collection.upsert([{ id: `late-${row}`, vector }]);
  }
  await collection.search(rowOf(vectors, DIMENSION, 8), { k: 3 });
  await collection.close();
  return disk;
}

function flip(disk: SimulatedDisk, path: string, offset: number): void {
  const bytes = Buffer.from(disk.files().get(path) ?? []);
  bytes[offset] = (bytes[offset] ?? 0) ^ 0x10;
  disk.setFile(path, bytes);
}

function logPath(disk: SimulatedDisk): string {
  return [...disk.files().keys()].find((path) => path.endsWith('.log')) ?? '';
}

function namesOf(disk: SimulatedDisk): string[] {
  return [...disk.files().keys()].map((path) => relative(FOLDER, path)).sort();
}

async function sectionAt(disk: SimulatedDisk, name: string): Promise<number> {
  const file = await disk.openToRead(INDEX);
  if (file === undefined) throw new Error('no index');
  const { sections } = await surveyIndexFile(INDEX, file);
  return sections.find((section) => section.name === name)?.offsetBytes ?? -1;
}

async function rowsOf(disk: SimulatedDisk): Promise<number> {
  await using collection = await Collection.open(FOLDER, {}, { storage: disk });
  return collection.size;
}

test('a sound folder is left as it is, byte by byte', async (t) => {
  using disk = await filled();
  const { outcome, steps } = await repairFolder(FOLDER, { storage: disk, dryRun: true });
  const before = disk.files();
  t.deepEqual([outcome, steps], ['sound', []]);
  t.is((await repairFolder(FOLDER, { storage: disk })).outcome, 'sound');
  t.deepEqual(disk.files(), before);
});

for (const section of [
  ...['links', 'degrees', 'diverse-degrees', 'layer-counts', 'parents', 'upper-offsets', 'upper'],
]) {
  test(`damaged ${section} are built anew from the rows, and the damaged file is kept`, async (t) => {
    using disk = await filled();
    const offset = await sectionAt(disk, section);
    flip(disk, INDEX, offset);
    const damaged = disk.files().get(INDEX);
    const before = disk.files();
    const plan = await repairFolder(FOLDER, { storage: disk, dryRun: true });
    t.is(plan.outcome, 'planned');
    t.deepEqual(disk.files(), before);
    const report = await repairFolder(FOLDER, { storage: disk });
    t.deepEqual([report.outcome, report.damagesBefore[0]?.section], ['repaired', section]);
    const [step] = report.steps;
    t.is(step?.action, 'rebuild-graph');
    t.deepEqual(disk.files().get(`${FOLDER}/${step?.keptAs[0]}`), damaged);
    t.deepEqual((await verifyFolder(FOLDER, { storage: disk })).damages, []);
    await using collection = await Collection.open(FOLDER, {}, { storage: disk });
    t.is(collection.size, ROWS - 1 + 4);
    const { metadata, vector } = (await collection.get('doc-50')) ?? {};
    t.deepEqual([metadata, vector], [{ name: 'doc-50' }, rowOf(vectors, DIMENSION, 50).slice()]);
    t.is(await collection.get('doc-3'), undefined);
  });
}

for (const [name, path, section] of [
  ['rows', INDEX, 'rows'],
  ['ids', INDEX, 'ids'],
  ['header', INDEX, undefined],
  ['metadata', `${FOLDER}/segment-000001/metadata.rows`, undefined],
  ['list of deleted rows', `${FOLDER}/segment-000001/deleted-000002.rows`, undefined],
  ['manifest', `${FOLDER}/MANIFEST`, undefined],
] as const) {
  test(`damaged ${name}: refused by name with what to do, and nothing changes`, async (t) => {
    using disk = await filled();
    flip(disk, path, section === undefined ? 60 : await sectionAt(disk, section));
    const before = disk.files();
    for (const force of [false, true]) {
      const { outcome, refused, steps } = await repairFolder(FOLDER, { storage: disk, force });
      t.deepEqual([outcome, steps], ['refused', []]);
      t.is(refused[0]?.file, relative(FOLDER, path));
      t.regex(refused[0]?.remedy ?? '', /restore the folder from a snapshot/);
    }
    t.deepEqual(disk.files(), before);
  });
}

test('links that were written wrong, under checksums that hold, are built anew', async (t) => {
  using disk = await filled();
  const folder = await mkdtemp(join(tmpdir(), 'starling-repair-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const bytes = disk.files().get(INDEX) ?? Buffer.alloc(0);
  const { head, sections: entries } = JSON.parse(
    bytes.toString('utf8', 52, 52 + bytes.readUInt32LE(12)),
  );
  let at = 52 + bytes.readUInt32LE(12);
  const sections = entries.map(({ name, lengthBytes }: { name: string; lengthBytes: number }) => {
    at += lengthBytes;
    return { name, bytes: Buffer.from(bytes.subarray(at - lengthBytes, at)) };
  });
  sections.find(({ name }: { name: string }) => name === 'links').bytes.writeInt32LE(999, 0);
  await writeSectionFile(folder, head, sections);
  disk.setFile(INDEX, await readFile(join(folder, 'vectors.index')));
  const [damage] = (await verifyFolder(FOLDER, { storage: disk })).damages;
  t.deepEqual(
    [damage?.kind, damage?.file, damage?.mending],
    ['contradiction', 'segment-000001/vectors.index', 'possible'],
  );
  t.is((await repairFolder(FOLDER, { storage: disk })).outcome, 'repaired');
  t.is(await rowsOf(disk), ROWS - 1 + 4);
});

test('rows whose components lie in another order are the same after a repair', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'starling-repair-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const dimension = 784;
  const index = new HnswIndex({ dimension, metric: 'euclidean', m: 4, efConstruction: 10 });
  const wide = gaussianRows(1, 300, dimension).map((value, at) => value / (1 + (at % dimension)));
  index.insertBatch(numberedIds(300), wide);
  await index.save(folder);
  const path = join(folder, 'vectors.index');
  const bytes = await readFile(path);
  const file = await NODE_STORAGE.openToRead(path);
  if (file === undefined) return t.fail('no index');
  const { sections } = await surveyIndexFile(path, file);
  await file.close();
  t.true(sections.some(({ name }) => name === 'components'));
  const links = sections.find(({ name }) => name === 'links');
  bytes[links?.offsetBytes ?? 0] = (bytes[links?.offsetBytes ?? 0] ?? 0) ^ 1;
  await writeFile(path, bytes);
  t.is((await repairFolder(folder)).outcome, 'repaired');
  const opened = await openHnswIndex(folder);
  for (const id of opened.ids()) t.deepEqual(opened.vectorOf(id), index.vectorOf(id));
  return undefined;
});

test('a missing segment file is refused', async (t) => {
  using disk = await filled();
  await disk.remove(INDEX);
  const { outcome, refused } = await repairFolder(FOLDER, { storage: disk, force: true });
  t.deepEqual([outcome, refused[0]?.kind], ['refused', 'missing']);
});

test('a damaged record is given up by force only, with all after it, and a copy is kept', async (t) => {
  using disk = await filled();
  const path = logPath(disk);
  flip(disk, path, 128 + 20);
  const damaged = disk.files().get(path);
  const before = disk.files();
  const refused = await repairFolder(FOLDER, { storage: disk });
  t.is(refused.outcome, 'refused');
  t.regex(refused.refused[0]?.detail ?? '', /4 records from there on cannot be read/);
  t.deepEqual(disk.files(), before);
  const plan = await repairFolder(FOLDER, { storage: disk, force: true, dryRun: true });
  t.deepEqual([plan.outcome, plan.steps[0]?.action], ['planned', 'cut-log']);
  t.deepEqual(disk.files(), before);
  const report = await repairFolder(FOLDER, { storage: disk, force: true });
  t.regex(report.steps[0]?.detail ?? '', /cut at byte 128; 4 records from there on are lost/);
  t.deepEqual(disk.files().get(`${FOLDER}/${report.steps[0]?.keptAs[0]}`), damaged);
  t.is(await rowsOf(disk), ROWS - 1);
});

test('the head of a log is written anew without loss', async (t) => {
  using disk = await filled();
  const path = logPath(disk);
  const sound = disk.files().get(path);
  flip(disk, path, 50);
  const report = await repairFolder(FOLDER, { storage: disk });
  t.deepEqual([report.outcome, report.steps[0]?.action], ['repaired', 'rewrite-log-head']);
  t.deepEqual(disk.files().get(path), sound);
  t.is(await rowsOf(disk), ROWS - 1 + 4);
});

test('behind a damaged head a damaged record is still asked about', async (t) => {
  using disk = await filled();
  flip(disk, logPath(disk), 50);
  flip(disk, logPath(disk), 128 + 20);
  t.is((await repairFolder(FOLDER, { storage: disk })).outcome, 'refused');
  await t.throwsAsync(rowsOf(disk), { instanceOf: IndexError });
  t.is((await repairFolder(FOLDER, { storage: disk, force: true })).outcome, 'repaired');
  t.is(await rowsOf(disk), ROWS - 1);
});

test('a log that is not there is replaced by an empty one by force only', async (t) => {
  using disk = await filled();
  await disk.remove(logPath(disk));
  t.is((await repairFolder(FOLDER, { storage: disk })).outcome, 'refused');
  t.is((await repairFolder(FOLDER, { storage: disk, force: true })).outcome, 'repaired');
  t.is(await rowsOf(disk), ROWS - 1);
});

test('a log cut in its last record loses only that, and opening needs no repair', async (t) => {
  using disk = await filled();
  const path = logPath(disk);
  const bytes = disk.files().get(path) ?? Buffer.alloc(0);
  disk.setFile(path, bytes.subarray(0, bytes.length - 50));
  t.is((await repairFolder(FOLDER, { storage: disk })).outcome, 'sound');
  t.is(await rowsOf(disk), ROWS - 1 + 3);
});

test('a damaged sample of queries is removed', async (t) => {
  using disk = await filled();
  flip(disk, `${FOLDER}/workload.rows`, 100);
  const report = await repairFolder(FOLDER, { storage: disk });
  t.deepEqual([report.outcome, report.steps[0]?.action], ['repaired', 'remove-queries']);
  t.false(namesOf(disk).includes('workload.rows'));
});

test('a single saved index is repaired in its place and stays one', async (t) => {
  using disk = await filled();
  const single = '/single/vectors.index';
  disk.setFile(single, disk.files().get(INDEX) ?? Buffer.alloc(0));
  flip(disk, single, await sectionAt(disk, 'links'));
  const report = await repairFolder('/single', { storage: disk });
  t.deepEqual([report.outcome, report.steps[0]?.keptAs], ['repaired', ['vectors.index.damaged']]);
  const { damages, rows } = await verifyFolder('/single', { storage: disk });
  t.deepEqual([damages, rows], [[], ROWS]);
  t.false([...disk.files().keys()].includes('/single/MANIFEST'));
});
