// Rounds of a strategy on dealt digits, with every model judged on the test digits.

import type { RoundRecord } from '@starling/runtime';
import {
  type CompileOptions,
  compile,
  type Model,
  modelClient,
  type Samples,
  Trainer,
} from '@starling/training';
import type { BenchmarkContext } from '../benchmark.ts';
import { type AllDigits, type Digits, samplesOf } from './mnist-digits.ts';
import { type Rounds, runRounds } from './run-rounds.ts';

const HERE = { engine: 'native', isolate: 'none' } as const;

/** What one seed of a table starts from. */
export interface DigitTrial {
  readonly context: BenchmarkContext;
  readonly digits: AllDigits;
  readonly seed: number;
}

export interface DigitRounds extends Omit<Rounds, 'train' | 'nodes' | 'onRound'> {
  readonly model: Model;
  readonly program: Omit<CompileOptions, 'corrections'>;
  /** By node. */
  readonly dealt: ReadonlyMap<string, Samples>;
  readonly test: Digits;
  /** Told of every model's share of right test digits; true ends the run. Else only the last counts. */
  readonly onAccuracy?: (accuracy: number, record: RoundRecord) => boolean;
}

/** The share of the test digits that the last model gets right. */
export async function trainOnDigits(run: DigitRounds): Promise<number> {
  const { dealt, model, onAccuracy, program, test, ...rounds } = run;
  await using judge = await Trainer.create(compile(model, program), HERE);
  await using own = modelClient({
    ...program,
    model,
    trainer: HERE,
    samples: ({ node }) => samplesOf(dealt, node),
  });
  const accuracyOf = async (weights: Float32Array): Promise<number> => {
    const scores = await judge.evaluate({ weights, ...test });
    return 'accuracy' in scores ? scores.accuracy : Number.NaN;
  };
  const last = await runRounds({
    ...rounds,
    train: own.train,
    nodes: [...dealt.keys()],
    ...(onAccuracy && {
      onRound: async (_round: number, weights: Float32Array, record: RoundRecord) =>
        onAccuracy(await accuracyOf(weights), record),
    }),
  });
  return await accuracyOf(last);
}
