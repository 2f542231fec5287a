import test from 'ava';
import { IndexError } from './index-error.ts';
import { readKernel } from './kernel.ts';

test('a kernel that was not built is named together with the command that builds it', (t) => {
  const read = () => readKernel(new URL('./no-such-kernel.wasm', import.meta.url));
  const error = t.throws(read, { instanceOf: IndexError });
  t.is(error.code, 'missing-kernel');
  t.regex(error.message, /no-such-kernel\.wasm.+pnpm@12\.21\.0 --filter @starling\/index build/);
});
