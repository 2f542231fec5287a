// Which index is meant: that of a folder, or the active generation of a site.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlitePeerStore } from '@starling/adapters';
import { Collection, HnswIndex } from '@starling/index';
import { encodeCanonical } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { compactIndex, inspectSiteIndex, repairIndex, verifyIndex } from './index-care.ts';
import { RuntimeError } from './runtime-error.ts';
import { createSiteFolder } from './site-folder.ts';

async function newSite(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'starling-care-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const home = join(folder, 'north');
  await createSiteFolder(home, {
    version: 1,
    role: 'peer',
    site: 'north',
    listen: ['/ip4/127.0.0.1/tcp/0'],
  });
  return home;
}

async function addGeneration(home: string, name: string): Promise<string> {
  const folder = join(home, 'index', name);
  await using collection = await Collection.open(folder, { dimension: 2 });
  await collection.upsert([{ id: 'a', vector: [1, 2] }]);
  return folder;
}

test('the active generation of a site is the one that its store names', async (t) => {
  const home = await newSite(t);
  const refusal = await t.throwsAsync(verifyIndex({ home }), { instanceOf: RuntimeError });
  t.is(refusal?.code, 'not-an-index');
  const active = await addGeneration(home, 'generation-1-aa');
  await addGeneration(home, 'generation-2-bb');
  const store = openSqlitePeerStore(home);
  const value = encodeCanonical({ folder: 'generation-1-aa', version: 1 });
  await store.write([{ table: 'state', key: 'generation', value }]);
  await store.stop();
  const { folder, isSound, lines } = await verifyIndex({ home });
  t.deepEqual([folder, isSound], [active, true]);
  t.regex(lines[0] ?? '', /^sound: 1 rows/);
  t.true((await inspectSiteIndex({ home })).isSound);
});

test('the index of a running site is left alone, whatever the command', async (t) => {
  const home = await newSite(t);
  const control = { pid: process.pid, port: 4_600, role: 'peer', token: 'x' };
  await writeFile(join(home, 'control.json'), JSON.stringify(control));
  const refusal = await t.throwsAsync(inspectSiteIndex({ home }), { instanceOf: RuntimeError });
  t.is(refusal?.code, 'already-running');
  t.true(refusal?.message.includes(`process ${process.pid}:`));
});

const REPAIR = { dryRun: false, force: false };

test('a single saved index is looked at, repaired and compacted without becoming a collection', async (t) => {
  const home = await newSite(t);
  const folder = join(home, 'index', 'single');
  const index = new HnswIndex({ dimension: 2, metric: 'euclidean' });
  index.insertBatch(['a', 'b', 'c'], Float32Array.of(0, 1, 2, 3, 4, 5));
  index.delete('b');
  await index.save(folder);
  const path = join(folder, 'vectors.index');
  const before = await readFile(path);
  t.true((await inspectSiteIndex({ folder, home })).isSound);
  t.true((await verifyIndex({ folder, home })).isSound);
  t.deepEqual(await readFile(path), before);
  const damaged = Buffer.from(before);
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
  await writeFile(path, damaged);
  t.false((await verifyIndex({ folder, home })).isSound);
  const refusal = await t.throwsAsync(inspectSiteIndex({ folder, home }));
  t.true(refusal instanceof RuntimeError && refusal.code === 'damaged-index');
  const planned = await repairIndex({ folder, home }, { ...REPAIR, dryRun: true });
  t.deepEqual([planned.isSound, planned.lines[0]], [false, 'planned']);
  const { isSound, lines } = await repairIndex({ folder, home }, REPAIR);
  t.deepEqual([isSound, lines[0]], [true, 'repaired']);
  t.regex(lines[1] ?? '', /kept as vectors\.index\.damaged/);
  t.like((await compactIndex({ folder, home })).data, { rows: 2, slotsAfter: 2 });
});

test('rows that are damaged are refused with what to do', async (t) => {
  const home = await newSite(t);
  const folder = await addGeneration(home, 'rows');
  const path = join(folder, 'MANIFEST');
  await writeFile(path, (await readFile(path, 'utf8')).replace('"dimension": 2', '"dimension": 3'));
  const { isSound, lines } = await repairIndex({ folder, home }, REPAIR);
  t.deepEqual([isSound, lines[0]], [false, 'refused']);
  t.regex(lines[1] ?? '', /^refused: MANIFEST .*; restore the folder from a snapshot or a copy$/);
});
