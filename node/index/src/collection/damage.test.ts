// A changed byte in any file is an error that names the file, or changes nothing.

import { basename } from 'node:path';
import test from 'ava';
import { sha256 } from '../file/section-file.ts';
import { IndexError } from '../index-error.ts';
import { Collection } from './collection.ts';
import type { CollectionSettings } from './collection-options.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const FOLDER = '/collection';
const SETTINGS: CollectionSettings = {
  dimension: 2,
  metric: 'euclidean',
  m: 2,
  efConstruction: 4,
  segmentRowsMax: 3,
  checkpointLogBytes: 0,
};
/** Offsets tried in each file, spread over it. */
const OFFSETS = 60;

async function fill(disk: SimulatedDisk): Promise<void> {
  const collection = await Collection.open(FOLDER, SETTINGS, { storage: disk });
  await collection.upsert(
    ['a', 'b', 'c', 'd'].map((id, i) => ({ id, vector: [i, 1], metadata: { year: i, name: id } })),
  );
  await collection.checkpoint();
  await collection.delete(['b']);
  await collection.checkpoint();
  await collection.upsert([{ id: 'e', vector: [5, 5], metadata: { name: 'e' } }]);
  await collection.delete(['a']);
  await collection.upsert([{ id: 'f', vector: [6, 6] }]);
  await collection.close();
}

async function contentOf(collection: Collection): Promise<string> {
  const rows = [];
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) rows.push((await collection.get(id)) ?? null);
  return JSON.stringify([collection.size, rows]);
}

/** What an open says about a folder: its content, or the error. */
async function opened(disk: SimulatedDisk): Promise<unknown> {
  try {
    await using collection = await Collection.open(FOLDER, {}, { storage: disk });
    return await contentOf(collection);
  } catch (error) {
    if (error instanceof IndexError) return error;
    throw error;
  }
}

test('a flipped bit in any file is named, or changes nothing', async (t) => {
  using disk = new SimulatedDisk();
  await fill(disk);
  const files = disk.files();
  const intact = await opened(disk);
  t.is(typeof intact, 'string');
  let named = 0;
  for (const [path, bytes] of files) {
    const step = Math.max(1, Math.floor(bytes.length / OFFSETS));
    for (let offset = 0; offset < bytes.length; offset += step) {
      const flipped = Buffer.from(bytes);
      flipped[offset] = (flipped[offset] ?? 0) ^ (1 << (offset % 8));
      // Opening cuts what it takes for a torn end, so every file starts anew.
      for (const [each, content] of files) disk.setFile(each, content);
      disk.setFile(path, flipped);
      const outcome = await opened(disk);
      if (outcome instanceof IndexError) {
        named++;
        t.is(outcome.code, 'corrupt-file', `${path} at ${offset}: ${outcome.message}`);
        t.true(outcome.message.includes(basename(path)), `${path}: ${outcome.message}`);
      } else {
        t.deepEqual(outcome, intact, `${path} at ${offset}`);
      }
    }
  }
  t.true(named > 200);
});

test('a manifest of a newer format is refused as such', async (t) => {
  using disk = new SimulatedDisk();
  await fill(disk);
  const path = `${FOLDER}/MANIFEST`;
  const { manifest } = JSON.parse(String(disk.files().get(path)));
  const digest = sha256(Buffer.from(JSON.stringify([2, manifest])));
  const newer = JSON.stringify({ format: 2, sha256: digest, manifest }, undefined, 1);
  disk.setFile(path, Buffer.from(`${newer}\n`));
  const outcome = await opened(disk);
  t.true(outcome instanceof IndexError && outcome.code === 'newer-format');
});

test('a missing file is an error, never an empty collection', async (t) => {
  using disk = new SimulatedDisk();
  await fill(disk);
  const files = disk.files();
  for (const path of files.keys()) {
    for (const [each, content] of files) disk.setFile(each, content);
    await disk.remove(path);
    const outcome = await opened(disk);
    t.true(outcome instanceof IndexError, path);
    if (outcome instanceof IndexError) t.is(outcome.code, 'missing-file', path);
  }
});

test('a record cut at any byte is left out, and the log goes on before it', async (t) => {
  using disk = new SimulatedDisk();
  const collection = await Collection.open(FOLDER, SETTINGS, { storage: disk });
  await collection.upsert([{ id: 'a', vector: [1, 1] }]);
  const [path, before] = logOf(disk);
  await collection.upsert([{ id: 'b', vector: [2, 2] }]);
  const [, after] = logOf(disk);
  for (let length = before.length; length < after.length - 32; length += 5) {
    disk.setFile(path, after.subarray(0, length));
    await using opened = await Collection.open(FOLDER, {}, { storage: disk });
    t.is(opened.size, 1);
    await opened.upsert([{ id: 'c', vector: [3, 3] }]);
    t.is(opened.size, 2);
  }
});

function logOf(disk: SimulatedDisk): [string, Buffer] {
  const found = [...disk.files()].find(([path]) => path.endsWith('.log'));
  if (found === undefined) throw new Error('there is no log');
  return found;
}
