// McMahan et al. 2017, table 1, the cells C = 0.1, B = 10: rounds of FedAvg until the test accuracy has
// reached 97 % (2NN, E = 1) or 99 % (CNN, E = 5), on the best accuracy so far, interpolated. 100 clients
// with 600 digits each; non-IID is two of 200 shards of the digits sorted by label. One learning rate
// per cell, where the paper tunes it.

import { FedAvg } from '@starling/rules';
import { initialWeights, type Model, partitionIid, partitionShards, sgd } from '@starling/training';
import { medianOf } from '../table.ts';
import { convolutionalNetwork, twoLayerPerceptron } from './digit-models.ts';
import { dealDigits, MNIST_FOLDER, readDigits } from './mnist-digits.ts';
import { comparison, type PublishedTable, seedsFrom } from './published-table.ts';
import { type DigitTrial, trainOnDigits } from './train-on-digits.ts';

const TABLE = 'McMahan et al. 2017: rounds to the target, C = 0.1, B = 10, median of the seeds';
const CLIENTS = 100;
const BATCH = 10;
const LOSS = 'softmaxCrossEntropy';

interface Cell {
  readonly model: () => Model;
  readonly isIid: boolean;
  readonly epochs: number;
  readonly learningRate: number;
  /** Test accuracy. */
  readonly target: number;
  /** Rounds. */
  readonly paper: number;
}

const PERCEPTRON = { model: twoLayerPerceptron, epochs: 1, target: 0.97 };
const NETWORK = { model: convolutionalNetwork, epochs: 5, target: 0.99 };
const CELLS: Readonly<Record<string, Cell>> = {
  '2nn-iid': { ...PERCEPTRON, isIid: true, learningRate: 0.1, paper: 87 },
  '2nn-non-iid': { ...PERCEPTRON, isIid: false, learningRate: 0.1, paper: 664 },
  'cnn-iid': { ...NETWORK, isIid: true, learningRate: 0.2, paper: 18 },
  'cnn-non-iid': { ...NETWORK, isIid: false, learningRate: 0.05, paper: 206 },
};

export const MCMAHAN: PublishedTable = {
  cases: Object.keys(CELLS),
  byDefault: ['2nn-iid', '2nn-non-iid'],
  async *measure(context) {
    const digits = await readDigits();
    if (digits === undefined) {
      context.progress(`mcmahan is skipped: ${MNIST_FOLDER} is not there`);
      return;
    }
    const seeds = seedsFrom(context, context.isQuick ? 1 : 3);
    for (const name of context.cases) {
      const cell = CELLS[name];
      if (cell === undefined) continue;
      const rounds: number[] = [];
      for (const seed of seeds) {
        rounds.push(await roundsToTarget(name, cell, { context, digits, seed }));
        context.progress(`mcmahan ${name}, seed ${seed}: ${rounds.at(-1)?.toFixed(1)} rounds`);
      }
      const more = { each: rounds, learningRate: cell.learningRate };
      const ours = medianOf(rounds);
      yield comparison({ table: TABLE, case: name, paper: cell.paper, ours, seeds, more });
    }
  },
};

/** Twice the paper's rounds at most; NaN when the target is not reached by then. */
async function roundsToTarget(name: string, cell: Cell, run: DigitTrial): Promise<number> {
  const { context, digits, seed } = run;
  const { epochs, isIid, learningRate, paper, target } = cell;
  const model = cell.model();
  const options = { clients: CLIENTS, seed };
  const partition = isIid
    ? partitionIid(digits.train.y.length, options)
    : partitionShards(digits.train.y, options);
  const dealt = dealDigits(digits.train, partition);
  let best = 0;
  let reached = Number.NaN;
  await trainOnDigits({
    model,
    program: { loss: LOSS, batch: BATCH, optimizer: sgd() },
    dealt,
    test: digits.test,
    strategy: new FedAvg({ fractionTrain: 0.1 }),
    rounds: 2 * paper,
    initial: initialWeights(model, seed),
    runConfig: { 'local-epochs': epochs, 'learning-rate': learningRate },
    seed,
    signal: context.signal,
    onAccuracy: (accuracy, { round }) => {
      if (accuracy >= target) reached = round - (accuracy - target) / (accuracy - best);
      best = Math.max(best, accuracy);
      if (round % 10 === 0) {
        context.progress(`mcmahan ${name}, seed ${seed}: ${best.toFixed(4)} in ${round} rounds`);
      }
      return accuracy >= target;
    },
  });
  return reached;
}
