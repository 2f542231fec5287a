// A real disk that is really full: a small file system in memory, where the machine lets us mount one.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Collection, IndexError } from '@starling/index';
import test, { type ExecutionContext } from 'ava';

const DISK_BYTES = 300_000;
const DIMENSION = 32;
const BATCH_ROWS = 20;

/** A folder on a disk of its own, or why there is none. */
function smallDisk(t: ExecutionContext): string | Error {
  const folder = mkdtempSync(join(tmpdir(), 'starling-disk-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder], {
      stdio: 'pipe',
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
  t.teardown(() => execFileSync('umount', [folder]));
  return folder;
}

function batch(number: number) {
  const ids = Array.from({ length: BATCH_ROWS }, (_, row) => `row-${number}-${row}`);
  return { ids, vectors: new Float32Array(BATCH_ROWS * DIMENSION).fill(number) };
}

test('a full disk fails the write, keeps the rows readable, and takes writes again when there is space', async (t) => {
  const disk = smallDisk(t);
  if (disk instanceof Error) {
    t.log(`skipped: no tmpfs can be mounted here (${disk.message.split('\n')[0]})`);
    t.pass();
    return;
  }
  const folder = join(disk, 'collection');
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, new Uint8Array(100_000));
  const settings = { dimension: DIMENSION, metric: 'euclidean', checkpointLogBytes: 0 } as const;
  {
    await using collection = await Collection.open(folder, settings);
    let taken = 0;
    let refused: unknown;
    while (refused === undefined) {
      try {
        await collection.upsert(batch(taken));
        taken++;
      } catch (error) {
        refused = error;
      }
    }
    t.true(refused instanceof IndexError && refused.code === 'storage-failed');
    t.true(taken > 10);
    t.is(collection.size, taken * BATCH_ROWS);
    t.is((await collection.get(`row-${taken - 1}-0`))?.vector[0], taken - 1);
    t.is((await collection.get(`row-${taken}-0`))?.vector[0], undefined);
    const error = await t.throwsAsync(collection.checkpoint(), { instanceOf: IndexError });
    t.is(error?.code, 'storage-failed');
    t.regex(error?.message ?? '', /full|space/);

    rmSync(ballast);
    await collection.insert(batch(taken));
    t.is(collection.size, (taken + 1) * BATCH_ROWS);
  }
  await using again = await Collection.open(folder, settings);
  const { sequence } = again.stats();
  t.is(again.size, sequence * BATCH_ROWS);
  t.is((await again.get(`row-${sequence - 1}-0`))?.vector[0], sequence - 1);
});
