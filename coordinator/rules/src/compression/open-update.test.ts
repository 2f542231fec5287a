import { carryBytes, compressUpdate, recordDict } from '@starling/shared';
import test from 'ava';
import { FedAvg } from '../strategies/fed-avg.ts';
import { FedBuff } from '../strategies/fed-buff.ts';
import { GroupMeans } from '../strategies/group-means.ts';
import { Krum } from '../strategies/krum.ts';
import type { ClientReply } from '../strategies/strategy.ts';
import { modelIn, replyOf, roundOf } from '../strategies/strategy-fixture.ts';

function compressed(node: string, update: readonly number[], arrays = {}): ClientReply {
  const bytes = compressUpdate(Float32Array.from(update), { method: 'int8' });
  const metrics = { 'num-examples': 1 };
  return {
    node,
    content: recordDict({ arrays: { 'model-update': carryBytes(bytes), ...arrays }, metrics }),
  };
}

test('a strategy takes compressed and plain replies alike', async (t) => {
  const replies = [compressed('a', [127, -127]), replyOf('b', [13, 12])];
  const aggregate = await new FedAvg().aggregateTrain(roundOf([10, 10]), replies);
  t.deepEqual(modelIn(aggregate), [75, -52.5]);
  t.deepEqual(aggregate.refused, []);
});

test('an asynchronous update is opened over what its node started from', (t) => {
  const strategy = new FedBuff({ bufferSize: 1 });
  const at = (value: number) => ({ model: Float32Array.of(value) });
  const arrival = { staleness: 0, base: at(5), current: at(100) };
  t.deepEqual(strategy.receive(compressed('a', [127]), arrival)?.arrays, at(227));
});

test('groups open compressed replies too', async (t) => {
  const nodes = Array.from({ length: 9 }, (_, i) => `n${i}`);
  const grouped = new GroupMeans(new Krum(), { groupSize: 3 });
  const replies = nodes.map((node) => compressed(node, [127]));
  t.deepEqual(modelIn(await grouped.aggregateTrain(roundOf([1], nodes), replies)), [128]);
});

test('bytes that decode to nothing lose the contribution, with the reason', async (t) => {
  const broken = (numbers: Float32Array) => ({
    node: `n${numbers.length}`,
    content: recordDict({
      arrays: { 'model-update': numbers },
      metrics: { 'num-examples': 1 },
    }),
  });
  const { refused } = await new FedAvg().aggregateTrain(roundOf([0]), [
    broken(Float32Array.of(1, 2, 3)),
    broken(carryBytes(new Uint8Array(40))),
    compressed('long', [1, 2]),
    compressed('both', [1], { model: Float32Array.of(1) }),
    replyOf('good', [1]),
  ]);
  t.deepEqual(
    refused?.map(({ reason }) => reason),
    [
      'wrong-shape: 3 numbers do not carry 131073 bytes',
      'wrong-type: is no compressed update',
      'wrong-dimension: a compressed update of 2 elements, not 1',
      'wrong-shape: both model and model-update in one reply',
    ],
  );
});
