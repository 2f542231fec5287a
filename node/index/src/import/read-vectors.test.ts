import { tmpdir } from 'node:os';
import test from 'ava';
import { IndexError, type IndexErrorCode } from '../index-error.ts';
import { collect, fixturePath, ScratchFile } from './import-fixture.ts';
import { readVectors } from './read-vectors.ts';
import { IMPORT_LIMITS, type ImportProgress } from './vector-batch.ts';

const F4 = fixturePath('f4.npy');
const files: [string, Uint8Array | string][] = [
  ['a.FVECS', Uint8Array.of(1, 0, 0, 0, 0, 0, 0x80, 0x3f)],
  ['a.bvecs', Uint8Array.of(1, 0, 0, 0, 1)],
  ['a.ivecs', Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0)],
  ['a.jsonl', '{"id":0,"vector":[1]}'],
  ['a.ndjson', '{"id":0,"vector":[1]}'],
];

for (const [name, content] of files) {
  test(`the extension of ${name} decides how it is read`, async (t) => {
    await using file = await ScratchFile.write(name, content);
    const rows = await collect(readVectors(file.path));
    t.deepEqual([rows.ids, rows.components], [['0'], [1]]);
  });
}

test('a given format goes before the extension', async (t) => {
  const rows = await collect(readVectors(fixturePath('hnswlib-live.bin'), { format: 'hnswlib' }));
  t.is(rows.ids.length, 300);
});

test('an unknown extension and an unknown format are refused with what is known', (t) => {
  for (const name of ['x.parquet', 'x', 'x.bin']) {
    const error = t.throws(() => readVectors(name), { message: /set format to one of npy, fvecs/ });
    t.is((error as IndexError).code, 'invalid-option');
  }
});

const absent: [string, IndexErrorCode, string][] = [
  ['that is not there', 'missing-file', fixturePath('no.npy')],
  ['that is a folder', 'unsupported-format', tmpdir()],
  ['below a file', 'storage-failed', `${F4}/x.npy`],
];

for (const [what, code, path] of absent) {
  test(`a path ${what} is refused as ${code}`, async (t) => {
    const reading = collect(readVectors(path, { format: 'npy' }));
    t.is((await t.throwsAsync(reading, { instanceOf: IndexError }))?.code, code);
  });
}

test('progress counts up to every row and every byte', async (t) => {
  for (const name of ['f4.npy', 'hnswlib-deleted.bin']) {
    const seen: ImportProgress[] = [];
    const format = name.endsWith('.bin') ? 'hnswlib' : 'npy';
    const onProgress = (progress: ImportProgress) => seen.push(progress);
    const options = { format, batchRows: 2, onProgress } as const;
    const rows = await collect(readVectors(fixturePath(name), options));
    t.is(seen.length, rows.batchRows.length);
    t.is(seen.at(-1)?.rows, rows.ids.length);
    t.is(seen.at(-1)?.bytes, seen.at(-1)?.totalBytes);
    t.deepEqual(
      seen.map(({ rows }) => rows).sort((a, b) => a - b),
      seen.map(({ rows }) => rows),
    );
  }
});

test('an aborted import stops between two batches with the reason of the signal', async (t) => {
  const abort = new AbortController();
  const batches = readVectors(F4, { batchRows: 1, signal: abort.signal });
  t.deepEqual((await batches.next()).value?.ids, ['0']);
  abort.abort(new Error('enough'));
  await t.throwsAsync(batches.next(), { message: 'enough' });
  t.true((await batches.next()).done);
  await t.throwsAsync(readVectors(F4, { signal: abort.signal }).next(), { message: 'enough' });
});

test('a batch size outside its limits is refused', async (t) => {
  for (const batchRows of [0, -1, 0.5, IMPORT_LIMITS.batchRowsMax + 1]) {
    await t.throwsAsync(collect(readVectors(F4, { batchRows })), { message: /batchRows/ });
  }
});

test('a consumer that leaves early closes the file', async (t) => {
  const batches = readVectors(F4, { batchRows: 1 });
  for await (const { ids } of batches) {
    t.deepEqual(ids, ['0']);
    break;
  }
  t.true((await batches.next()).done);
});
