import test from 'ava';
import fc from 'fast-check';
import { seededSource } from '../seeded-source.ts';
import { poissonBatch, privatiseGradients } from './dp-sgd.ts';

const settings = { clippingNorm: 1, noiseMultiplier: 1.5, expectedBatch: 10 };

test('one example more moves the sum by no more than the clipping norm', (t) => {
  const rows = fc.array(
    fc.array(fc.double({ min: -99, max: 99, noNaN: true }), {
      minLength: 3,
      maxLength: 3,
    }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(rows, fc.nat(), (batch, seed) => {
      // The same seed gives both the same noise, so what is left is the example.
      const without = batch.slice(1).flat();
      const sums = [batch.flat(), without].map((values) =>
        privatiseGradients(Float64Array.from(values), 3, settings, seededSource(seed)),
      );
      const [all, fewer] = sums;
      const moved = Math.hypot(...(all ?? []).map((value, i) => (value - (fewer?.[i] ?? 0)) * 10));
      t.true(moved <= 1 + 1e-8, `${moved}`);
    }),
  );
});

test('short gradients are kept, and the noise has its deviation over the expected batch', (t) => {
  const parameters = 5000;
  const gradients = new Float32Array(4 * parameters);
  for (let i = 0; i < parameters; i++) gradients[i] = i % 2 === 0 ? 0.01 : -0.01;
  const noisy = privatiseGradients(gradients, parameters, settings, seededSource(1));
  const errors = noisy.map((value, i) => (value * 10 - (gradients[i] ?? 0)) / 1.5);
  const squares = errors.reduce((sum, error) => sum + error * error, 0);
  t.true(Math.abs(squares - parameters) < 5 * Math.sqrt(2 * parameters));
  t.true(Math.abs(errors.reduce((sum, error) => sum + error, 0)) < 5 * Math.sqrt(parameters));
});

test('an empty batch gives noise alone', (t) => {
  const noisy = privatiseGradients(new Float32Array(0), 3, settings, seededSource(2));
  t.is(noisy.length, 3);
  t.true(noisy.every((value) => value !== 0 && Number.isFinite(value)));
});

test('every example is in a batch independently, with the rate', (t) => {
  const source = seededSource(3);
  const counts = new Float64Array(50);
  const sizes: number[] = [];
  for (let draw = 0; draw < 4000; draw++) {
    const batch = poissonBatch(50, 0.2, source);
    sizes.push(batch.length);
    for (const example of batch) counts[example] = (counts[example] ?? 0) + 1;
  }
  t.true(counts.every((count) => Math.abs(count - 800) < 5 * Math.sqrt(4000 * 0.2 * 0.8)));
  const variance = sizes.reduce((sum, size) => sum + (size - 10) ** 2, 0) / sizes.length;
  t.true(Math.abs(variance - 50 * 0.2 * 0.8) < 1);
  t.is(poissonBatch(50, 0, source).length, 0);
  t.is(poissonBatch(50, 1, source).length, 50);
});

test('incomplete rows, values that are not finite and rates that are none are refused', (t) => {
  const source = seededSource(4);
  const refusedBy = (action: () => unknown) => t.throws(action, { instanceOf: RangeError });
  refusedBy(() => privatiseGradients(new Float32Array(4), 3, settings, source));
  refusedBy(() => privatiseGradients(Float32Array.of(Number.NaN), 1, settings, source));
  const nobody = { ...settings, expectedBatch: 0 };
  refusedBy(() => privatiseGradients(new Float32Array(3), 3, nobody, source));
  refusedBy(() => poissonBatch(5, 1.5, source));
});
