// Fed-Heart-Disease (FLamby, Ogier du Terrail et al. 2022): logistic regression over four hospitals.
// Settings are FLamby's: 15 rounds of 100 local steps (cyclic: 60 visits), batches of 4, its published
// learning rates, its own split; pooled and local training by Adam for 50 epochs. `ours` starts from
// zeros, `randomStart` from PyTorch's random weights, as FLamby does: after so few steps they still show.
// Both are on the pooled test rows, normalised as the paper's; `ownScale` and the sites are `ours` on the
// same people, each normalised by the site.

import { SeededRandom } from '@starling/index';
import {
  FedAdagrad,
  FedAdam,
  FedAvg,
  FedProx,
  FedYogi,
  Scaffold,
  type Strategy,
} from '@starling/rules';
import { adam, compile, dense, modelClient, sequential, sgd, Trainer } from '@starling/training';
import type { BenchmarkContext, Figure, Row } from '../benchmark.ts';
import { cyclicTransfer } from './cyclic-transfer.ts';
import {
  HEART_FEATURES,
  HEART_FOLDER,
  type HeartSamples,
  type HeartSplit,
  joined,
  PUBLISHED_SPLIT,
  readHospitals,
  splitHospitals,
} from './heart-hospitals.ts';
import {
  comparison,
  deviationOf,
  meanOf,
  type PublishedTable,
  seedsFrom,
} from './published-table.ts';
import { runRounds } from './run-rounds.ts';

const TABLE = 'Fed-Heart-Disease: accuracy on the pooled test rows, and site by site';
const ROUNDS = 15;
const LOCAL_STEPS = 100;
const BATCH = 4;
const ALONE = { epochs: 50, learningRate: 0.001 };
const HERE = { engine: 'native', isolate: 'none' } as const;
const MODEL = sequential([dense(1)], { input: [HEART_FEATURES] });
const OPTIONS = { loss: 'binaryCrossEntropy', batch: BATCH } as const;

interface FederatedCase {
  /** Given the sites, the largest last. */
  readonly strategy: (sites: readonly string[]) => Strategy;
  readonly paper: number;
  readonly learningRate: number;
  readonly rounds?: number;
}

/** FLamby's server optimisers; its β₁ of FedAdagrad is 0.9, the paper's 0. */
const SERVER = { tau: 1e-8, beta1: 0.9, beta2: 0.999 };
const FEDERATED: Readonly<Record<string, FederatedCase>> = {
  FedAvg: { strategy: () => new FedAvg(), paper: 0.752, learningRate: 0.001 },
  FedProx: {
    strategy: () => new FedProx({ proximalMu: 0.01 }),
    paper: 0.752,
    learningRate: 0.001,
  },
  SCAFFOLD: {
    strategy: () => new Scaffold({ weighted: true }),
    paper: 0.752,
    learningRate: 0.001,
  },
  FedAdam: {
    strategy: () => new FedAdam({ ...SERVER, eta: 0.01, etaL: 0.01, biasCorrection: false }),
    paper: 0.776,
    learningRate: 0.01,
  },
  FedYogi: {
    strategy: () => new FedYogi({ ...SERVER, eta: 0.01, etaL: 0.003162 }),
    paper: 0.783,
    learningRate: 0.003162,
  },
  FedAdagrad: {
    strategy: () => new FedAdagrad({ tau: SERVER.tau, eta: 0.316228, etaL: 0.003162 }),
    paper: 0.783,
    learningRate: 0.003162,
  },
  cyclic: { strategy: cyclicTransfer, paper: 0.776, learningRate: 0.03, rounds: 4 * ROUNDS },
};
/** What training at one site alone gives, from the worst site to the best. */
const LOCAL_BAND = [0.52, 0.78];
const POOLED = 0.791;

export const HEART: PublishedTable = {
  cases: ['local', 'pooled', ...Object.keys(FEDERATED)],
  async *measure(context) {
    const hospitals = await readHospitals().catch(() => undefined);
    if (hospitals === undefined) {
      context.progress(`heart is skipped: ${HEART_FOLDER} is not there`);
      return;
    }
    const seeds = seedsFrom(context, context.isQuick ? 3 : 10);
    const split = splitHospitals(hospitals, PUBLISHED_SPLIT);
    for (const name of context.cases) {
      context.progress(`heart: ${name}`);
      yield* rowsOf(name, { context, seeds, split });
    }
  },
};

interface Trial {
  readonly context: BenchmarkContext;
  readonly seeds: readonly number[];
  readonly split: HeartSplit;
}

async function* rowsOf(name: string, trial: Trial): AsyncIterable<Row> {
  const { context, split } = trial;
  const federated = FEDERATED[name];
  if (federated !== undefined) {
    yield await rowOf(name, federated.paper, trial, (first, seed) =>
      trainFederated(federated, split, { first, seed, signal: context.signal }),
    );
    return;
  }
  await using trainer = await Trainer.create(
    compile(MODEL, { ...OPTIONS, optimizer: adam() }),
    HERE,
  );
  const alone = async ({ x, y }: HeartSamples, weights: Float32Array, seed: number) =>
    (await trainer.fit({ ...ALONE, x, y, weights, seed })).weights;
  if (name === 'pooled') {
    yield await rowOf(name, POOLED, trial, (first, seed) => alone(split.pooled.train, first, seed));
    return;
  }
  for (const { site, train } of split.sites) {
    yield await rowOf(`local ${site}`, LOCAL_BAND, trial, (first, seed) =>
      alone(train, first, seed),
    );
  }
}

async function rowOf(
  name: string,
  paper: Figure,
  { seeds, split }: Trial,
  train: (first: Float32Array, seed: number) => Promise<Float32Array>,
): Promise<Row> {
  const models: Float32Array[] = [];
  for (const seed of seeds) {
    models.push(await train(new Float32Array(MODEL.parameterCount), seed));
  }
  const scores = (test: HeartSamples) => models.map((weights) => accuracyOf(weights, test));
  const overall = scores(split.pooled.test);
  const fromRandom: number[] = [];
  for (const seed of seeds) {
    fromRandom.push(accuracyOf(await train(randomWeights(seed), seed), split.pooled.test));
  }
  const more = {
    stdDev: deviationOf(overall),
    randomStart: meanOf(fromRandom),
    randomStdDev: deviationOf(fromRandom),
    ownScale: meanOf(scores(joined(split.sites.map(({ test }) => test)))),
    ...Object.fromEntries(split.sites.map(({ site, test }) => [site, meanOf(scores(test))])),
  };
  return comparison({ table: TABLE, case: name, paper, ours: meanOf(overall), seeds, more });
}

async function trainFederated(
  { strategy, learningRate, rounds = ROUNDS }: FederatedCase,
  { sites }: HeartSplit,
  run: { readonly first: Float32Array; readonly seed: number; readonly signal: AbortSignal },
): Promise<Float32Array> {
  await using own = modelClient({
    ...OPTIONS,
    model: MODEL,
    optimizer: sgd(),
    trainer: HERE,
    samples: ({ node }) => {
      const found = sites.find(({ site }) => site === node);
      return found?.train ?? { x: new Float32Array(), y: new Float32Array() };
    },
  });
  const bySize = sites.toSorted((a, b) => a.train.y.length - b.train.y.length);
  const nodes = bySize.map(({ site }) => site);
  return runRounds({
    strategy: strategy(nodes),
    train: own.train,
    nodes,
    rounds,
    initial: run.first,
    runConfig: { 'local-steps': LOCAL_STEPS, 'learning-rate': learningRate },
    seed: run.seed,
    signal: run.signal,
  });
}

/** As PyTorch's Linear starts: uniform within ±1/√inputs, the bias too. */
function randomWeights(seed: number): Float32Array {
  const random = new SeededRandom(seed);
  const bound = 1 / Math.sqrt(HEART_FEATURES);
  return Float32Array.from(
    { length: MODEL.parameterCount },
    () => (2 * random.nextOpenUnit() - 1) * bound,
  );
}

function accuracyOf(weights: Float32Array, { x, y }: HeartSamples): number {
  const hits = y.filter((label, row) => {
    let logit = weights[HEART_FEATURES] ?? 0;
    for (let k = 0; k < HEART_FEATURES; k++) {
      logit += (weights[k] ?? 0) * (x[row * HEART_FEATURES + k] ?? 0);
    }
    return logit > 0 === (label === 1);
  });
  return hits.length / y.length;
}
