import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Collection, IndexError } from '@starling/index';
import test from 'ava';

test('a second process is refused by the number of the first, until that one is killed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'starling-lock-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const script = fileURLToPath(new URL('hold-collection-worker.ts', import.meta.url));
  const child = spawn(process.execPath, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');

  const error = await t.throwsAsync(Collection.open(folder), { instanceOf: IndexError });
  t.is(error?.code, 'collection-locked');
  t.true(error?.message.includes(`process ${child.pid} `));

  child.kill('SIGKILL');
  await once(child, 'exit');
  await using collection = await Collection.open(folder);
  t.is(collection.size, 1);
});
