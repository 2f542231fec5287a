import test from 'ava';
import { systemRandom } from './random-source.ts';

test('the system gives so many bytes, others each time', (t) => {
  t.is(systemRandom(0).byteLength, 0);
  t.is(systemRandom(70_000).byteLength, 70_000);
  t.notDeepEqual(systemRandom(32), systemRandom(32));
});
