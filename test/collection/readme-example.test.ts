// The first example of the index's page, as a reader would run it.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const PAGE = join(import.meta.dirname, '../..', 'node/index/README.md');
const PACKAGE = import.meta.resolve('@starling/index');

test('the example on the page of the index prints what it says', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'starling-example-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const page = await readFile(PAGE, 'utf8');
  const example = /```ts\n(.*?)```/s.exec(page)?.[1] ?? '';
  const promised = [...example.matchAll(/console\.log\(.*\); \/\/ (.*)\n/g)].map((line) => line[1]);
  t.true(promised.length >= 4);
  const script = join(folder, 'example.mjs');
  await writeFile(script, example.replace('@starling/index', PACKAGE));
  const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: folder });
  t.deepEqual(stdout.trim().split('\n'), promised);
});
