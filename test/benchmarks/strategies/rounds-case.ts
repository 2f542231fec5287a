// What compression costs in rounds: the 2NN of McMahan et al. 2017 on MNIST, a hundred clients with
// 600 digits each at random, ten a round, E = 1, B = 10, until 97 % of the test digits are right.

import { FedAvg } from '@starling/rules';
import {
  type CompressUpdatesOptions,
  clientApp,
  compile,
  compressUpdates,
  initialWeights,
  modelClient,
  partitionIid,
  sgd,
  Trainer,
} from '@starling/training';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { twoLayerPerceptron } from '../fl/digit-models.ts';
import { dealDigits, MNIST_FOLDER, readDigits, samplesOf } from '../fl/mnist-digits.ts';
import { runRounds } from '../fl/run-rounds.ts';
import { summarise } from '../measure.ts';

const CLIENTS = 100;
const TARGET = 0.97;
const ROUNDS_MAX = 150;
const PROGRAM = { loss: 'softmaxCrossEntropy', batch: 10, optimizer: sgd() } as const;
const HERE = { engine: 'native', isolate: 'none' } as const;

const CASES: Readonly<Record<string, CompressUpdatesOptions | undefined>> = {
  float32: undefined,
  fp16: { method: 'fp16' },
  int8: { method: 'int8' },
  'int8, drawn': { method: 'int8', rounding: 'stochastic' },
  int4: { method: 'int4' },
  'int4, drawn': { method: 'int4', rounding: 'stochastic' },
  'top 10 %': { method: 'top-k', density: 0.1 },
  'top 1 %': { method: 'top-k', density: 0.01 },
  'top 1 %, no feedback': { method: 'top-k', density: 0.01, errorFeedback: false },
};

export async function* measureRounds(context: BenchmarkContext): AsyncIterable<Row> {
  const digits = await readDigits();
  if (digits === undefined) {
    context.progress(`rounds are skipped: ${MNIST_FOLDER} is not there`);
    return;
  }
  const names = context.isQuick ? ['float32', 'fp16', 'int8'] : Object.keys(CASES);
  const seeds = context.isQuick ? [context.seed] : [0, 1, 2].map((i) => context.seed + i);
  const found = new Map(names.map((name) => [name, [] as number[]]));
  for (const seed of seeds) {
    for (const [name, rounds] of found) {
      rounds.push(await roundsToTarget(CASES[name], { context, digits, seed }));
      context.progress(`${name}, seed ${seed}: ${rounds.at(-1)?.toFixed(1)} rounds`);
    }
  }
  const table = `rounds to 97 %, ${ROUNDS_MAX} at most`;
  for (const [contender, rounds] of found) {
    yield { table, contender, case: '2NN', figures: { rounds: summarise(rounds) } };
  }
}

interface Run {
  readonly context: BenchmarkContext;
  readonly digits: NonNullable<Awaited<ReturnType<typeof readDigits>>>;
  readonly seed: number;
}

async function roundsToTarget(
  compression: CompressUpdatesOptions | undefined,
  { context, digits, seed }: Run,
): Promise<number> {
  const model = twoLayerPerceptron();
  const partition = partitionIid(digits.train.y.length, { clients: CLIENTS, seed });
  const dealt = dealDigits(digits.train, partition);
  await using judge = await Trainer.create(compile(model, PROGRAM), HERE);
  await using own = modelClient({
    ...PROGRAM,
    model,
    trainer: HERE,
    samples: ({ node }) => samplesOf(dealt, node),
  });
  const mods = compression === undefined ? [] : [compressUpdates(compression)];
  const client = clientApp({ train: own.train, mods });
  let best = 0;
  let reached = ROUNDS_MAX;
  await runRounds({
    strategy: new FedAvg({ fractionTrain: 0.1 }),
    train: (message, own) => client.handle(message, own),
    nodes: [...dealt.keys()],
    rounds: ROUNDS_MAX,
    initial: initialWeights(model, seed),
    runConfig: { 'local-epochs': 1, 'learning-rate': 0.1 },
    seed,
    signal: context.signal,
    onRound: async (round, weights) => {
      const scores = await judge.evaluate({ weights, ...digits.test });
      const accuracy = 'accuracy' in scores ? scores.accuracy : 0;
      if (accuracy >= TARGET) reached = round - (accuracy - TARGET) / (accuracy - best);
      best = Math.max(best, accuracy);
      return accuracy >= TARGET;
    },
  });
  return reached;
}
