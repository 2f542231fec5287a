import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { IndexError } from '../index-error.ts';
import { lockFolder } from './folder-lock.ts';

async function newFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'starling-lock-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The lock file of this process with some facts replaced. */
async function plantLock(folder: string, facts: Record<string, unknown>): Promise<void> {
  const lock = await lockFolder(folder);
  const holder = JSON.parse(await readFile(join(folder, 'LOCK'), 'utf8'));
  await lock.release();
  await writeFile(join(folder, 'LOCK'), JSON.stringify({ ...holder, ...facts }));
}

async function refusal(t: ExecutionContext, folder: string): Promise<string> {
  const error = await t.throwsAsync(lockFolder(folder), { instanceOf: IndexError });
  t.is(error.code, 'collection-locked');
  return error.message;
}

test('a second lock is refused with the number of the holder until the first is released', async (t) => {
  const folder = await newFolder(t);
  const lock = await lockFolder(folder);
  t.true((await refusal(t, folder)).includes(`process ${process.pid} `));
  await lock.release();
  await (await lockFolder(folder)).release();
  t.deepEqual(await readdir(folder), []);
});

test('a dead holder is taken over, also when its number belongs to another process now', async (t) => {
  const folder = await newFolder(t);
  const planted: Record<string, unknown>[] = [{ pid: 2 ** 22 + 1 }];
  if (process.platform === 'linux') planted.push({ startedAt: 'another-boot/1' });
  for (const facts of planted) {
    await plantLock(folder, { token: 'ab'.repeat(16), ...facts });
    const lock = await lockFolder(folder);
    await refusal(t, folder);
    await lock.release();
    t.deepEqual(await readdir(folder), []);
  }
});

test('of many who find the same dead holder one gets the lock', async (t) => {
  const folder = await newFolder(t);
  for (let round = 0; round < 10; round++) {
    await plantLock(folder, { token: 'cd'.repeat(16), pid: 2 ** 22 + 1 });
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => lockFolder(folder)));
    const locks = results.filter((result) => result.status === 'fulfilled');
    t.is(locks.length, 1);
    for (const result of results) {
      if (result.status === 'rejected') t.is(result.reason.code, 'collection-locked');
      else await result.value.release();
    }
  }
});

test('a process that died while taking over is taken over itself', async (t) => {
  const folder = await newFolder(t);
  await plantLock(folder, { token: 'ef'.repeat(16), pid: 2 ** 22 + 1 });
  const dead = await readFile(join(folder, 'LOCK'), 'utf8');
  const claim = dead.replace('ef'.repeat(16), '01'.repeat(16));
  await writeFile(join(folder, `LOCK.${'ef'.repeat(16)}`), claim);
  const lock = await lockFolder(folder);
  t.deepEqual(await readdir(folder), ['LOCK']);
  await lock.release();
});

test('a holder on another machine and a lock that names nobody are left alone', async (t) => {
  const folder = await newFolder(t);
  await plantLock(folder, { host: 'another-machine' });
  t.regex(await refusal(t, folder), /another-machine/);
  await writeFile(join(folder, 'LOCK'), 'not mine');
  t.regex(await refusal(t, folder), /names no process/);
  t.is(await readFile(join(folder, 'LOCK'), 'utf8'), 'not mine');
});
