import test from 'ava';
import fc from 'fast-check';
import { federatedAverage, type WeightedUpdate } from './federated-average.ts';

const value = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });

/** A base and some updates of the same length. */
const sums = fc.integer({ min: 1, max: 12 }).chain((elements) => {
  const tensor = fc
    .array(value, { minLength: elements, maxLength: elements })
    .map((values) => Float32Array.from(values));
  const update = fc.record({ delta: tensor, examples: fc.integer({ min: 1, max: 1 << 30 }) });
  return fc.record({ base: tensor, updates: fc.array(update, { minLength: 1, maxLength: 9 }) });
});

function naiveMean(base: Float32Array, updates: readonly WeightedUpdate[], i: number): number {
  const total = updates.reduce((sum, { examples }) => sum + examples, 0);
  return updates.reduce(
    (sum, { delta, examples }) => sum + (delta[i] ?? 0) * (examples / total),
    base[i] ?? 0,
  );
}

test('the next model is the base plus the example-weighted mean of the updates', async (t) => {
  await fc.assert(
    fc.asyncProperty(sums, async ({ base, updates }) => {
      const next = await federatedAverage(base, updates);
      t.is(next.length, base.length);
      for (const [i, got] of next.entries()) {
        const wanted = naiveMean(base, updates, i);
        t.true(Math.abs(got - wanted) <= 1e-6 * (1 + Math.abs(wanted) + 1e6));
      }
    }),
  );
});

test('the same updates in the same order give the same bits', async (t) => {
  await fc.assert(
    fc.asyncProperty(sums, async ({ base, updates }) => {
      const copies = updates.map((update) => ({ ...update, delta: update.delta.slice() }));
      const first = Buffer.from((await federatedAverage(base, updates)).buffer);
      const second = await federatedAverage(base.slice(), copies);
      t.true(first.equals(Buffer.from(second.buffer)));
    }),
  );
});

test('finite updates never make a NaN', async (t) => {
  await fc.assert(
    fc.asyncProperty(sums, async ({ base, updates }) => {
      t.true((await federatedAverage(base, updates)).every(Number.isFinite));
    }),
  );
});

test('one update alone is taken whole, whatever its weight', async (t) => {
  const next = await federatedAverage(Float32Array.of(1, 2), [
    { delta: Float32Array.of(0.5, -1), examples: 1 << 30 },
  ]);
  t.deepEqual([...next], [1.5, 1]);
});

test('nothing to average, unlike lengths and weights that are no counts are refused', async (t) => {
  const base = new Float32Array(2);
  await t.throwsAsync(federatedAverage(base, []), { code: 'no-updates' });
  const short = { delta: new Float32Array(1), examples: 1 };
  await t.throwsAsync(federatedAverage(base, [short]), { code: 'invalid-options' });
  for (const examples of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    const update = { delta: new Float32Array(2), examples };
    await t.throwsAsync(federatedAverage(base, [update]), { code: 'invalid-options' });
  }
});

test('an update is summed before the next one is asked for, to the same bits', async (t) => {
  await fc.assert(
    fc.asyncProperty(sums, async ({ base, updates }) => {
      // The one buffer there is: whoever keeps an update finds another one in it.
      const delta = new Float32Array(base.length);
      const oneByOne = async function* (): AsyncGenerator<WeightedUpdate> {
        for (const update of updates) {
          delta.set(update.delta);
          yield { delta, examples: update.examples };
        }
      };
      const whole = Buffer.from((await federatedAverage(base, updates)).buffer);
      t.true(whole.equals(Buffer.from((await federatedAverage(base, oneByOne())).buffer)));
    }),
  );
});
