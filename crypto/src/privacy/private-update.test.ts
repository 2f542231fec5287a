import test, { type ExecutionContext } from 'ava';
import { seededSource } from '../seeded-source.ts';
import { type DistributedNoise, noiseShape } from './distributed-noise.ts';
import { decodePrivateSum, encodePrivateUpdate } from './private-update.ts';

const MECHANISMS = ['skellam', 'discrete-gaussian'] as const;

const SETTINGS: DistributedNoise = {
  mechanism: 'skellam',
  elements: 6000,
  clippingNorm: 1,
  noiseMultiplier: 1.2,
  survivorsMin: 4,
  participants: 6,
  rotationSeed: Uint8Array.from({ length: 32 }, (_, i) => i),
};

/** Updates of norm 0.7: nothing is clipped. */
function updateOf(site: number, elements: number): Float32Array {
  const raw = Float32Array.from({ length: elements }, (_, i) => Math.sin(i * (site + 2)) + 0.3);
  const norm = Math.hypot(...raw);
  return raw.map((value) => (value * 0.7) / norm);
}

/** What the ring adds up: modulo 2^32, centred around zero. */
async function ringSum(settings: DistributedNoise, updates: readonly Float32Array[], seed: number) {
  const sum = new Int32Array(noiseShape(settings).paddedElements);
  for (const [site, update] of updates.entries()) {
    const source = seededSource(seed + site / 100);
    const coordinates = await encodePrivateUpdate(update, settings, source);
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (coordinates[i] ?? 0);
  }
  return sum;
}

function errorsOf(mean: Float64Array, updates: readonly Float32Array[]): Float64Array {
  return mean.map((value, i) => {
    const truth = updates.reduce((sum, update) => sum + (update[i] ?? 0), 0) / updates.length;
    return value - truth;
  });
}

/** Whether errors have this deviation and no mean, within five deviations of chance. */
function assertNoise(t: ExecutionContext, errors: Float64Array, stdDev: number): void {
  const n = errors.length;
  const squares = errors.reduce((sum, error) => sum + (error / stdDev) ** 2, 0);
  const sum = errors.reduce((total, error) => total + error / stdDev, 0);
  t.true(Math.abs(squares - n) < 5 * Math.sqrt(2 * n), `variance ${squares / n} of its target`);
  t.true(Math.abs(sum) < 5 * Math.sqrt(n), `bias ${sum / n}`);
}

for (const mechanism of MECHANISMS) {
  test(`${mechanism}: the fewest survivors already make the noise that was asked for`, async (t) => {
    const settings = { ...SETTINGS, mechanism };
    const updates = [1, 2, 3, 4].map((site) => updateOf(site, settings.elements));
    const sum = await ringSum(settings, updates, 11);
    const errors = errorsOf(await decodePrivateSum(sum, settings, 4), updates);
    assertNoise(t, errors, (settings.noiseMultiplier * settings.clippingNorm) / 4);
    // The noise that is there is not less than the target, apart from chance: it is rounded up.
    const { scale, shareVariance } = noiseShape(settings);
    t.true(4 * shareVariance >= (settings.noiseMultiplier * scale) ** 2);
  });

  test(`${mechanism}: with everyone the noise is larger, in proportion`, async (t) => {
    const settings = { ...SETTINGS, mechanism };
    const updates = [1, 2, 3, 4, 5, 6].map((site) => updateOf(site, settings.elements));
    const sum = await ringSum(settings, updates, 12);
    const errors = errorsOf(await decodePrivateSum(sum, settings, 6), updates);
    assertNoise(t, errors, (settings.noiseMultiplier * Math.sqrt(6 / 4)) / 6);
  });
}

test('a longer update is clipped to the norm, a shorter one is left as it is', async (t) => {
  const quiet = { ...SETTINGS, noiseMultiplier: 1e-3, survivorsMin: 1, participants: 1 };
  for (const [factor, norm] of [
    [10, 1],
    [0.5, 0.35],
  ] as const) {
    const update = updateOf(3, quiet.elements).map((value) => value * factor);
    const sum = await ringSum(quiet, [update], 13);
    const decoded = await decodePrivateSum(sum, quiet, 1);
    const direction = updateOf(3, quiet.elements);
    const length = decoded.reduce(
      (total, value, i) => total + (value * (direction[i] ?? 0)) / 0.7,
      0,
    );
    t.true(Math.abs(length - norm) < 0.01, `${length}`);
  }
});

test('the same sum decodes to the same bits, and a mean repeats over many draws', async (t) => {
  const settings = { ...SETTINGS, elements: 40 };
  const updates = [1, 2, 3, 4].map((site) => updateOf(site, settings.elements));
  const total = new Float64Array(settings.elements);
  const repeats = 300;
  for (let seed = 0; seed < repeats; seed++) {
    const sum = await ringSum(settings, updates, seed);
    const mean = await decodePrivateSum(sum, settings, 4);
    t.deepEqual(await decodePrivateSum(Array.from(sum), settings, 4), mean);
    errorsOf(mean, updates).forEach((error, i) => {
      total[i] = (total[i] ?? 0) + error;
    });
  }
  const bound = (5 * (settings.noiseMultiplier / 4)) / Math.sqrt(repeats);
  t.true(total.every((sum) => Math.abs(sum / repeats) < bound));
});

test('an update or a sum of another length, or not finite, is refused', async (t) => {
  const source = seededSource(1);
  const refusedBy = (action: Promise<unknown>) => t.throwsAsync(action, { instanceOf: RangeError });
  await refusedBy(encodePrivateUpdate(new Float32Array(5), SETTINGS, source));
  await refusedBy(encodePrivateUpdate(new Float32Array(6000).fill(Number.NaN), SETTINGS, source));
  await refusedBy(decodePrivateSum(new Int32Array(6000), SETTINGS, 4));
  await refusedBy(decodePrivateSum(new Int32Array(8192), SETTINGS, 0));
});
