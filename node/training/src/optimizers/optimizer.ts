// What an optimiser is: how a parameter and its slots follow from a gradient, inside the graph, and
// which numbers it wants at every step.

import type { Addend, Graph, Tensor } from '../graph/graph.ts';

export interface StepContext {
  readonly graph: Graph;
  readonly learningRate: Tensor;
  /** The optimiser's own numbers of this step, by name. */
  readonly scalars: Readonly<Record<string, Tensor>>;
}

export interface ParameterStep {
  readonly parameter: Tensor;
  /** Biases and norms do not decay. */
  readonly decays: boolean;
  readonly slots: readonly Tensor[];
  /** The gradient, already times −learningRate when `seed` says so. */
  readonly gradient: Addend;
}

export interface Optimizer {
  readonly name: string;
  /** What the gradient is multiplied with: then W + gradient is one fused operator. */
  readonly seed: 'one' | 'minusLearningRate';
  /** Tensors like the parameter, that start at zero and live through a fit. */
  readonly slots: number;
  /** Names of the numbers that `scalarsAt` gives. */
  readonly scalarNames: readonly string[];
  /** The optimiser's numbers at step `step`, counted from 1. */
  scalarsAt(step: number, learningRate: number): Readonly<Record<string, number>>;
  /**
   * ‖a‖₁ of Wang et al. 2020 (FedNova): how often all gradients of some steps together went into the
   * weights, times the learning rate. Absent where a step is not linear in its gradient.
   */
  readonly accumulation?: (steps: number) => number;
  /** The new parameter and the new slots. */
  step(context: StepContext, step: ParameterStep): { parameter: Tensor; slots: readonly Tensor[] };
}
