// A model compiled with its loss and its optimiser into ONNX graphs: the whole local run as one Loop,
// the losses of a data set, and the outputs.

import assert from 'node:assert/strict';
import type { Model } from '../layers/sequential.ts';
import { infoNce } from '../losses/info-nce-loss.ts';
import type { Loss, LossScalar } from '../losses/loss.ts';
import { binaryCrossEntropy, meanSquaredError, softmaxCrossEntropy } from '../losses/pointwise.ts';
import type { SpectralOptions } from '../losses/spectral.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { buildEvaluation, buildPrediction, buildTraining } from './program-graphs.ts';

export const PROGRAM_BATCH_MAX = 4096;

/** Losses that need no options, by name. */
const NAMED_LOSSES = {
  softmaxCrossEntropy,
  binaryCrossEntropy,
  meanSquaredError,
  infoNce: () => infoNce(),
} as const;

export type LossName = keyof typeof NAMED_LOSSES;

export interface CompileOptions {
  readonly loss: LossName | Loss;
  /** Samples of a step; the last step of an epoch may have fewer. */
  readonly batch: number;
  readonly optimizer: Optimizer;
  /** Adds graph-Laplacian regularisation over each batch. */
  readonly spectral?: SpectralOptions;
  /**
   * Terms that federated strategies add to every gradient: `proximal` μ·(w − anchor) (FedProx,
   * Li et al. 2020), `control` a constant vector (SCAFFOLD, Karimireddy et al. 2020).
   */
  readonly corrections?: readonly Correction[];
}

export type Correction = 'proximal' | 'control';

/** A model as its samples and flat weights show it. */
export interface ProgramModel extends Omit<Model, 'forward'> {
  /** Ids lie below it; the rows of the first parameter when left out. */
  readonly idLimit?: number | undefined;
}

export interface Program {
  readonly model: ProgramModel;
  readonly loss: Omit<Loss, 'build'>;
  /** Of one sample's target. */
  readonly targetShape: readonly number[];
  readonly batch: number;
  /** Whether the last batch of an epoch may have fewer samples. */
  readonly takesPartialBatches: boolean;
  readonly optimizer: Omit<Optimizer, 'step'>;
  readonly corrections: readonly Correction[];
  readonly lossScalars: readonly LossScalar[];
  /** ONNX models; the same compilation gives the same bytes. */
  readonly training: Uint8Array;
  readonly evaluation: Uint8Array;
  readonly prediction: Uint8Array | undefined;
  /** What a step of the prediction graph takes. */
  readonly predicts: 'rows' | 'batches';
}

/** Compiles a model; asserts that loss, targets and shapes fit together, naming them. */
export function compile(model: Model, options: CompileOptions): Program {
  const { batch, optimizer, spectral, corrections = [] } = options;
  assert(
    Number.isInteger(batch) && batch >= 1 && batch <= PROGRAM_BATCH_MAX,
    `batch is ${batch}: a whole number 1 … ${PROGRAM_BATCH_MAX}`,
  );
  const loss = typeof options.loss === 'string' ? NAMED_LOSSES[options.loss]() : options.loss;
  const lossScalars = Object.keys(loss.scalars) as LossScalar[];
  const targetShape = { labels: [], values: model.output, pairs: model.input }[loss.target];
  const parts = { model, loss, targetShape, batch, optimizer, spectral, corrections, lossScalars };
  return {
    model,
    loss,
    targetShape,
    batch,
    takesPartialBatches: true,
    optimizer,
    corrections,
    lossScalars,
    training: buildTraining(parts),
    evaluation: buildEvaluation(parts),
    prediction: buildPrediction(model),
    predicts: 'rows',
  };
}
