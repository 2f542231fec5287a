import { Mt19937 } from '@starling/consensus';
import test from 'ava';
import { numpyPermutation } from './numpy-permutation.ts';

test('seed 42 permutes ten numbers as NumPy documents it', (t) => {
  t.deepEqual([...numpyPermutation(new Mt19937(42), 10)], [8, 1, 5, 0, 7, 2, 9, 4, 3, 6]);
});
