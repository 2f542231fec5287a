import test from 'ava';
import fc from 'fast-check';
import { FedAvg } from './fed-avg.ts';
import { FedBuff } from './fed-buff.ts';
import {
  drawnModels,
  isNear,
  modelIn,
  nextModel,
  repliesOf,
  replyOf,
  roundOf,
} from './strategy-fixture.ts';

const at = (value: number) => ({ model: Float32Array.of(value) });

test('K updates make a model, each weighted by its staleness', (t) => {
  const strategy = new FedBuff({ bufferSize: 2, serverLearningRate: 0.5 });
  const first = { staleness: 0, base: at(1), current: at(10) };
  t.is(strategy.receive(replyOf('a', [5], { 'train-loss': 1 }), first), undefined);
  const late = { staleness: 3, base: at(0), current: at(10) };
  const next = strategy.receive(replyOf('b', [8], { 'train-loss': 3 }), late);
  // 10 + 0.5/2 · (4 + 8/√4)
  t.deepEqual(next?.arrays, at(12));
  t.is(next?.metrics['train-loss'], 2);
  t.is(strategy.receive(replyOf('a', [5]), first), undefined);
});

test('a fast node may fill the buffer alone, and what is malformed does not count', (t) => {
  const strategy = new FedBuff({ bufferSize: 2 });
  const arrival = { staleness: 0, base: at(0), current: at(0) };
  t.is(strategy.receive(replyOf('a', [2]), arrival), undefined);
  t.is(strategy.receive(replyOf('b', [Number.NaN]), arrival), undefined);
  const next = strategy.receive(replyOf('a', [4]), arrival);
  t.deepEqual(next?.arrays, at(3));
  t.deepEqual(next?.refused, [{ node: 'b', reason: 'model[0] is NaN' }]);
  t.is(next?.metrics['refusedReplies'], 1);
});

test('a round with a buffer of its size is the plain mean', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const { base, models } = drawnModels(seed);
      const found = await nextModel(new FedBuff({ bufferSize: models.length }), base, models);
      t.true(isNear(found, await nextModel(new FedAvg({ weightedByKey: '' }), base, models)));
    }),
    { numRuns: 30 },
  );
});

test('a round of more replies than the buffer holds makes later ones stale, and keeps the rest', async (t) => {
  const strategy = new FedBuff({ bufferSize: 1 });
  const aggregate = await strategy.aggregateTrain(roundOf([0]), repliesOf([[1], [2], [3]]));
  const wanted = 1 + 2 / Math.sqrt(2) + 3 / Math.sqrt(3);
  t.true(Math.abs((modelIn(aggregate)[0] as number) - wanted) < 1e-6);
  const holding = new FedBuff({ bufferSize: 4 });
  t.deepEqual(await nextModel(holding, [0], [[1], [2], [3]]), [0]);
  t.deepEqual(await nextModel(holding, [0], [[6]]), [3]);
});

test('a resumed buffer goes on with the same bits', (t) => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 3 }), (seed, before) => {
      const { base, models } = drawnModels(seed, [4, 4]);
      const arrays = { model: base };
      const whole = new FedBuff({ bufferSize: 4 });
      const [first, ...rest] = [whole, new FedBuff({ bufferSize: 4 })] as const;
      const send = (strategy: FedBuff, i: number) =>
        strategy.receive(replyOf(`n${i}`, models[i] as Float32Array), {
          staleness: i,
          base: arrays,
          current: arrays,
        });
      for (let i = 0; i < before; i++) send(first, i);
      const resumed = rest[0] as FedBuff;
      resumed.restore(first.state());
      t.deepEqual(resumed.state(), first.state());
      for (let i = before; i < 3; i++) {
        send(first, i);
        send(resumed, i);
      }
      t.deepEqual(send(resumed, 3)?.arrays, send(first, 3)?.arrays);
    }),
    { numRuns: 30 },
  );
});

test('a staleness that is no count and a base of another size are the caller’s error', (t) => {
  const strategy = new FedBuff();
  for (const staleness of [-1, 0.5, Number.NaN]) {
    const arrival = { staleness, base: at(0), current: at(0) };
    t.throws(() => strategy.receive(replyOf('a', [1]), arrival), { code: 'invalid-options' });
  }
  const base = { model: new Float32Array(2) };
  t.throws(() => strategy.receive(replyOf('a', [1]), { staleness: 0, base, current: at(0) }), {
    message: 'FedBuff: the base has 2 elements, the model 1',
  });
});

test('a model beyond float32 is an error and empties the buffer', (t) => {
  const strategy = new FedBuff({ bufferSize: 1, serverLearningRate: 1e10 });
  const arrival = { staleness: 0, base: at(0), current: at(0) };
  t.throws(() => strategy.receive(replyOf('a', [3e38]), arrival), { code: 'diverged' });
  t.deepEqual(strategy.state(), {});
  t.throws(() => new FedBuff({ bufferSize: 0 }), { message: /bufferSize is 0; expected/ });
});
