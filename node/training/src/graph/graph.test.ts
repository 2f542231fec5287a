import test from 'ava';
import { openSession } from '../engine/session.ts';
import { body } from './attributes.ts';
import { add } from './elementwise.ts';
import { Graph } from './graph.ts';
import { affine } from './linear.ts';

test('a Loop carries a value and reads what stands outside', async (t) => {
  const graph = new Graph();
  const steps = graph.input('steps', 'int64', []);
  const [start, rate] = [graph.input('x', 'float32', []), graph.input('rate', 'float32', [])];
  const types = [
    { type: 'int64', shape: [] },
    { type: 'bool', shape: [] },
  ] as const;
  const step = graph.body('step', [...types, start], ([, goesOn, x]) =>
    goesOn === undefined || x === undefined ? [] : [goesOn, add(graph, x, rate)],
  );
  const [end] = graph.nodes('Loop', [steps, undefined, start], [start], { body: body(step) });
  t.true(end !== undefined && end.shape.length === 0);
  if (end !== undefined) graph.output('end', end);
  const session = await openSession(graph.encode('loop'), { engine: 'native' });
  const real = (value: number) =>
    ({ type: 'float32', dims: [], data: Float32Array.of(value) }) as const;
  const count = { type: 'int64', dims: [], data: BigInt64Array.of(5n) } as const;
  const results = await session.run({ steps: count, x: real(2), rate: real(0.5) });
  await session.close();
  t.deepEqual(results['end'], Float32Array.of(4.5));
});

test('equal constants are one', (t) => {
  const graph = new Graph();
  t.is(graph.scalar(2).name, graph.scalar(2).name);
  t.not(graph.scalar(2).name, graph.constant([2]).name);
  t.not(graph.scalar(2).name, graph.integers([2], []).name);
});

test('shapes that do not fit are named while the graph is built', (t) => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['rows', 3]);
  const w = graph.input('w', 'float32', [4, 2]);
  t.throws(() => affine(graph, x, w), { message: '[rows × 3] times [4 × 2] do not fit' });
  t.throws(() => add(graph, x, w), { message: '[rows × 3] and [4 × 2] do not fit together' });
  t.throws(() => graph.input('x', 'float32', []), { message: 'input x exists' });
});
