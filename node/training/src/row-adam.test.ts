import test from 'ava';
import { RowAdam } from './row-adam.ts';

const gradient = Float64Array.from([3, -0.001, 0, 100, 0, 0, 0, 1]);

test('the first step of a row moves every parameter by the learning rate against its gradient', (t) => {
  const parameters = new Float32Array(16);
  new RowAdam(2, 8).step(parameters, 1, gradient, 0.1);
  t.true(parameters.subarray(0, 8).every((x) => x === 0));
  const moved = [...parameters.subarray(8)].map((x) => Math.round(x * 1e4) / 1e4);
  t.deepEqual(moved, [-0.1, 0.1, 0, -0.1, 0, 0, 0, -0.1]);
});

test('a row first met late takes a first step of the usual size', (t) => {
  const parameters = new Float32Array(16);
  const adam = new RowAdam(2, 8);
  for (let step = 0; step < 50; step++) adam.step(parameters, 0, gradient, 0.1);
  adam.step(parameters, 1, gradient, 0.1);
  t.true(Math.abs((parameters[8] ?? 0) + 0.1) < 1e-4);
});
