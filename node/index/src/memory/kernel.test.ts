import { readdirSync, statSync } from 'node:fs';
import test from 'ava';
import { IndexError } from '../index-error.ts';
import { readKernel } from './kernel.ts';

test('a kernel that was not built is named together with the command that builds it', (t) => {
  const read = () => readKernel(new URL('./no-such-kernel.wasm', import.meta.url));
  const error = t.throws(read, { instanceOf: IndexError });
  t.is(error.code, 'missing-kernel');
  t.regex(error.message, /no-such-kernel\.wasm.+pnpm@12\.21\.0 --filter @starling\/index build/);
});

test('the kernel is not older than its sources', (t) => {
  const changedMs = (path: string) => statSync(new URL(path, import.meta.url)).mtimeMs;
  const sources = readdirSync(new URL('../../assembly/', import.meta.url));
  const stale = sources.filter(
    (file) => changedMs(`../../assembly/${file}`) > changedMs('kernel.wasm'),
  );
  t.deepEqual(stale, [], 'run `npx -y pnpm@12.21.0 --filter @starling/index build`');
});
