// Li et al. 2022 as Flower's niid_bench runs it: MNIST dealt by Dirichlet(0.5) to 10 clients, all of
// them in every round, 10 local epochs in batches of 64 by SGD with momentum 0.9 at 0.01, 50 rounds; the
// best test accuracy of the rounds. FedProx: μ = 0.01.

import { FedAvg, FedProx, Scaffold, type Strategy } from '@starling/rules';
import { initialWeights, momentum, partitionDirichlet } from '@starling/training';
import { smallNetwork } from './digit-models.ts';
import { dealDigits, MNIST_FOLDER, readDigits } from './mnist-digits.ts';
import {
  comparison,
  deviationOf,
  meanOf,
  type PublishedTable,
  seedsFrom,
} from './published-table.ts';
import { type DigitTrial, trainOnDigits } from './train-on-digits.ts';

const TABLE =
  'Dirichlet(0.5) MNIST, 10 clients: best test accuracy of the rounds in %, mean of seeds';
const CLIENTS = 10;
const ROUNDS = 50;
const QUICK_ROUNDS = 1;
const PROGRAM = {
  loss: 'softmaxCrossEntropy',
  batch: 64,
  optimizer: momentum({ momentum: 0.9 }),
} as const;
const LOCAL = { 'local-epochs': 10, 'learning-rate': 0.01 };

const STRATEGIES: Readonly<Record<string, { paper: number; strategy: () => Strategy }>> = {
  FedAvg: { paper: 98.89, strategy: () => new FedAvg() },
  SCAFFOLD: { paper: 99.07, strategy: () => new Scaffold() },
  FedProx: { paper: 99.02, strategy: () => new FedProx({ proximalMu: 0.01 }) },
};

export const NIID: PublishedTable = {
  cases: Object.keys(STRATEGIES),
  async *measure(context) {
    const digits = await readDigits();
    if (digits === undefined) {
      context.progress(`niid is skipped: ${MNIST_FOLDER} is not there`);
      return;
    }
    const seeds = seedsFrom(context, context.isQuick ? 1 : 3);
    for (const name of context.cases) {
      const { paper, strategy } = STRATEGIES[name] ?? {};
      if (paper === undefined || strategy === undefined) continue;
      const best: number[] = [];
      for (const seed of seeds) {
        best.push(await bestAccuracy(name, strategy(), { context, digits, seed }));
        context.progress(`niid ${name}, seed ${seed}: ${best.at(-1)?.toFixed(2)} %`);
      }
      const more = { each: best, stdDev: deviationOf(best) };
      yield comparison({ table: TABLE, case: name, paper, ours: meanOf(best), seeds, more });
    }
  },
};

async function bestAccuracy(name: string, strategy: Strategy, run: DigitTrial): Promise<number> {
  const { context, digits, seed } = run;
  const model = smallNetwork();
  const dealing = { clients: CLIENTS, alpha: 0.5, selfBalancing: true, seed };
  const dealt = dealDigits(digits.train, partitionDirichlet(digits.train.y, dealing));
  let best = 0;
  await trainOnDigits({
    model,
    program: PROGRAM,
    dealt,
    test: digits.test,
    strategy,
    rounds: context.isQuick ? QUICK_ROUNDS : ROUNDS,
    initial: initialWeights(model, seed),
    runConfig: LOCAL,
    seed,
    signal: context.signal,
    onAccuracy: (share, { round }) => {
      const accuracy = 100 * share;
      best = Math.max(best, accuracy);
      const text = `${accuracy.toFixed(2)} %, best ${best.toFixed(2)} %`;
      context.progress(`niid ${name}, seed ${seed}, round ${round}: ${text}`);
      return false;
    },
  });
  return best;
}
