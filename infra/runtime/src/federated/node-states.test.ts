import { recordDict } from '@starling/shared';
import test from 'ava';
import { NodeStates } from './node-states.ts';

const state = (value: number) =>
  recordDict({ arrays: { control: new Float32Array(100).fill(value) } });

test('states come back as they were set, from memory and from the disk', (t) => {
  const states = new NodeStates({ memoryBytesMax: 2000 });
  t.teardown(() => states.stop());
  for (let i = 0; i < 20; i++) states.set(`node-${i}`, state(i));
  const { nodes, onDisk } = states.count;
  t.is(nodes, 20);
  t.true(onDisk > 10 && onDisk < 20, `${onDisk} on disk`);
  for (let i = 0; i < 20; i++) t.deepEqual(states.get(`node-${i}`), state(i));
  states.set('node-0', state(99));
  t.deepEqual(states.get('node-0'), state(99));
  t.is(states.count.nodes, 20);
});

test('nodes that keep nothing take no room', (t) => {
  const states = new NodeStates();
  states.set('a', recordDict());
  t.deepEqual(states.count, { nodes: 0, onDisk: 0 });
  t.deepEqual(states.get('never seen'), recordDict());
  states.set('a', state(1));
  states.set('a', recordDict());
  t.deepEqual(states.count, { nodes: 0, onDisk: 0 });
});
