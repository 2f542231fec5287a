// What a loss is: a scalar made of the model's outputs on a batch, whose rows have weights that sum to
// 1. Rows of weight 0 fill up a partial batch and count for nothing, as negatives neither.

import type { Graph, Tensor } from '../graph/graph.ts';

/**
 * What stands beside each sample: a class number, real values, the other half of a pair (which the
 * same model encodes), or nothing.
 */
export type Target = 'labels' | 'values' | 'pairs';

/** Numbers that may change from step to step, given to the graph. */
export type LossScalar = 'temperature' | 'margin';

export interface LossPass {
  readonly graph: Graph;
  /** The model's output on the batch: [batch × …]. */
  readonly output: Tensor;
  /** The batch's targets: labels [batch], values like the output, or the encoded other halves. */
  readonly target: Tensor;
  /** [batch], summing to 1. */
  readonly sampleWeights: Tensor;
  /** Ids of inputs and targets, int64 [batch], for a loss that masks equal ones. */
  readonly pairIds?: { readonly x: Tensor; readonly y: Tensor } | undefined;
  /** int64 [], another one at every step. */
  stepSeed(): Tensor;
  scalar(name: LossScalar): Tensor;
}

export interface Loss {
  readonly name: string;
  readonly target: Target;
  /** Scalars and their values where a fit gives no schedule. */
  readonly scalars: Readonly<Partial<Record<LossScalar, number>>>;
  /** Whether pairs that share an input or a target are no negatives of each other. */
  readonly masksEqualPairs?: boolean | undefined;
  /** [] */
  build(pass: LossPass): Tensor;
}
