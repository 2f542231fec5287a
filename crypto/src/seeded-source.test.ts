import test from 'ava';
import { seededSource } from './seeded-source.ts';

test('a seed names its bytes, however they are fetched', (t) => {
  const whole = seededSource(7)(40);
  const source = seededSource(7);
  t.deepEqual(Buffer.concat([source(1), source(31), source(8)]), Buffer.from(whole));
  t.notDeepEqual(seededSource(8)(40), whole);
});
