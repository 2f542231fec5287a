// What privacy costs: accuracy against ε on four hospitals, noise against the number of sites, and
// the time that noise takes.

import {
  type DistributedNoise,
  decodePrivateSum,
  encodePrivateUpdate,
  gaussianRdp,
  seededSource,
} from '@starling/crypto';
import type { Benchmark, BenchmarkContext, Row } from './benchmark.ts';
import { summarise } from './measure.ts';
import {
  concatenated,
  type Examples,
  HEART_FOLDER,
  pick,
  readHospitals,
} from './privacy/heart-disease.ts';
import { accuracyOf, areaUnderCurve } from './privacy/logistic-regression.ts';
import {
  DELTA,
  trainAlone,
  trainOpenly,
  trainWithGradientNoise,
  trainWithSumNoise,
} from './privacy/train-hospitals.ts';

const CASES = ['heart-disease', 'sites', 'speed'];
const EPSILONS = [0.5, 1, 2, 4, 8];
const HELD_OUT = 0.2;

export const benchmark: Benchmark = {
  name: 'privacy',
  summary: 'accuracy against ε on four hospitals; what noise is worth by number of sites; its time',
  baseline: undefined,
  cases: CASES,
  async *run(context) {
    const names = context.cases.length > 0 ? context.cases : CASES;
    if (names.includes('heart-disease')) yield* measureHospitals(context);
    if (names.includes('sites')) yield* countSites();
    if (names.includes('speed')) yield* measureSpeed(context);
  },
};

interface Split {
  readonly train: readonly Examples[];
  readonly test: Examples;
}

type Trained = (split: Split, seed: number) => Promise<readonly Float64Array[]>;

async function* measureHospitals(context: BenchmarkContext): AsyncIterable<Row> {
  const hospitals = readHospitals();
  if (hospitals === undefined) {
    context.progress(`heart-disease is skipped: ${HEART_FOLDER} is not there`);
    return;
  }
  const seeds = Array.from({ length: context.isQuick ? 3 : 10 }, (_, i) => context.seed + i);
  const measure = async (contender: string, name: string, train: Trained): Promise<Row> => {
    context.progress(`${contender}, ${name}`);
    const accuracy: number[] = [];
    const auc: number[] = [];
    for (const seed of seeds) {
      context.signal.throwIfAborted();
      const split = splitOf(hospitals, seed);
      const models = await train(split, seed);
      accuracy.push(mean(models.map((weights) => accuracyOf(weights, split.test))));
      auc.push(mean(models.map((weights) => areaUnderCurve(weights, split.test))));
    }
    const figures = { heldOutAccuracy: summarise(accuracy), heldOutAuc: summarise(auc) };
    const table = `Four hospitals, 920 people, δ ${DELTA}, ${seeds.length} splits`;
    return { table, contender, case: name, figures };
  };
  yield await measure('together, no noise', 'ε ∞', async ({ train }) => [trainOpenly(train)]);
  yield await measure('each alone, no noise', 'ε ∞', async ({ train }) => train.map(trainAlone));
  for (const epsilon of EPSILONS) {
    yield await measure(
      'noise in gradients',
      `ε ${epsilon} per person`,
      async ({ train }, seed) => [trainWithGradientNoise(train, epsilon, seededSource(seed))],
    );
  }
  for (const epsilon of EPSILONS) {
    yield await measure(
      'noise in the sum',
      `ε ${epsilon} per hospital`,
      async ({ train }, seed) => [await trainWithSumNoise(train, epsilon, seededSource(seed))],
    );
  }
}

/** What a sum over all sites costs, and how much noise reaches the mean, in clipping norms. */
function* countSites(): Iterable<Row> {
  for (const noiseMultiplier of [1, 5]) {
    for (const rounds of [20, 100]) {
      const cost = gaussianRdp(noiseMultiplier, { kind: 'all' }).times(rounds);
      const epsilon = cost.epsilon(DELTA, 'tight').epsilon;
      for (const sites of [5, 50, 500, 5000]) {
        const noise = (elements: number) => (noiseMultiplier * Math.sqrt(elements)) / sites;
        yield {
          table: `Noise in the sum, all sites in every round, δ ${DELTA}: length of the mean's noise in clipping norms`,
          contender: `σ ${noiseMultiplier}, ${rounds} rounds`,
          case: `${sites} sites`,
          figures: { epsilon, noise1000Parameters: noise(1000), noise1MParameters: noise(1e6) },
        };
      }
    }
  }
}

async function* measureSpeed(context: BenchmarkContext): AsyncIterable<Row> {
  for (const elements of [100_000, 1_000_000]) {
    for (const mechanism of ['skellam', 'discrete-gaussian'] as const) {
      context.progress(`${mechanism}, ${elements} parameters`);
      const settings: DistributedNoise = {
        mechanism,
        elements,
        clippingNorm: 1,
        noiseMultiplier: 1,
        survivorsMin: 7,
        participants: 10,
        rotationSeed: new Uint8Array(32),
      };
      const update = new Float32Array(elements).fill(1e-4);
      const source = seededSource(context.seed);
      const repeats = context.isQuick ? 3 : 7;
      const encoded = await encodePrivateUpdate(update, settings, source);
      const encodeSeconds = await context.measure(repeats, () =>
        encodePrivateUpdate(update, settings, source),
      );
      const decodeSeconds = await context.measure(repeats, () =>
        decodePrivateSum(encoded, settings, 7),
      );
      const figures = { encodeSeconds, decodeSeconds };
      const table = 'Time of one site to make its update private, and to read the sum';
      yield { table, contender: mechanism, case: `${elements} parameters`, figures };
    }
  }
}

/** A fifth of every hospital is held out. */
function splitOf(hospitals: readonly Examples[], seed: number): Split {
  const words = new DataView(seededSource(seed)(4 * 1024).buffer);
  const parts = hospitals.map((hospital, h) => {
    const order = Array.from({ length: hospital.rows }, (_, row) => row);
    const keyOf = (row: number) => words.getUint32(((h * 331 + row * 7) % 1024) * 4) + row / 1e6;
    order.sort((a, b) => keyOf(a) - keyOf(b));
    const held = Math.round(hospital.rows * HELD_OUT);
    return { test: pick(hospital, order.slice(0, held)), train: pick(hospital, order.slice(held)) };
  });
  return {
    train: parts.map(({ train }) => train),
    test: concatenated(parts.map(({ test }) => test)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
