// The index commands on folders that are sound, in use, and damaged, as a script sees them.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Collection, SeededRandom } from '@starling/index';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { run } from '../process/launched.ts';

const DIMENSION = 8;
const ROWS = 300;
const ids = Array.from({ length: ROWS }, (_, row) => `doc-${row}`);

function vectors(): Float32Array {
  const random = new SeededRandom(3);
  return Float32Array.from({ length: ROWS * DIMENSION }, () => random.nextOpenUnit() - 0.5);
}

/** A checkpointed collection with one more record in its log. */
async function collectionIn(folder: string): Promise<void> {
  await using collection = await Collection.open(folder, { dimension: DIMENSION });
  await collection.upsert({ ids, vectors: vectors() });
  await collection.checkpoint();
  await collection.upsert([{ id: 'late', vector: vectors().slice(0, DIMENSION) }]);
}

async function json(t: ExecutionContext, code: number, ...line: readonly string[]) {
  const ended = await run(t, 'index', ...line, '--format', 'json');
  t.is(ended.code, code, ended.stdout + ended.stderr);
  return JSON.parse(ended.stdout);
}

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

test('a script learns from the exit code: sound, in use, damaged, refused, repaired', async (t) => {
  const folder = temporaryFolder(t);
  await collectionIn(folder);
  const sound = await run(t, 'index', 'verify', folder);
  t.is(sound.code, 0, sound.stderr);
  t.regex(sound.stdout, /sound: 301 rows/);
  {
    await using _ = await Collection.open(folder);
    const { code, error } = await json(t, 3, 'inspect', folder);
    t.is(code, 'collection-locked');
    t.true(error.includes(`process ${process.pid} `));
  }
  flip(join(folder, 'wal-000002.log'), 150);
  const { damages } = await json(t, 5, 'verify', folder);
  t.is(damages[0].file, 'wal-000002.log');
  t.is((await json(t, 5, 'repair', folder)).outcome, 'refused');
  const forced = await run(t, 'index', 'repair', folder, '--force');
  t.is(forced.code, 0, forced.stderr);
  t.regex(forced.stdout, /1 records from there on are lost; kept as wal-000002\.log\.damaged/);
});
