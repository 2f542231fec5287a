// Stochastic gradient descent, plain and with momentum (Sutskever et al. 2013; PyTorch's form).

import assert from 'node:assert/strict';
import { binary } from '../graph/elementwise.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import type { Optimizer, ParameterStep } from './optimizer.ts';

export interface SgdOptions {
  /** λ of L2 regularisation: the gradient gets + λ·w. */
  readonly weightDecay?: number;
}

/** w ← w − η·(g + λ·w): one operator per dense weight. */
export function sgd({ weightDecay = 0 }: SgdOptions = {}): Optimizer {
  assert(weightDecay >= 0, `weightDecay >= 0, but weightDecay = ${weightDecay}`);
  return {
    name: 'sgd',
    seed: 'minusLearningRate',
    slots: 0,
    scalarNames: [],
    scalarsAt: () => ({}),
    accumulation: (steps) => steps,
    step: ({ graph, learningRate }, { parameter, decays, gradient }) => ({
      parameter: gradient.addedTo(
        decays ? shrunk(graph, parameter, learningRate, weightDecay) : parameter,
      ),
      slots: [],
    }),
  };
}

export interface MomentumOptions extends SgdOptions {
  /** μ */
  readonly momentum?: number;
  /** Nesterov's form: the step looks ahead along the velocity. */
  readonly nesterov?: boolean;
}

/** v ← μ·v + g; w ← w − η·v. */
export function momentum(options: MomentumOptions = {}): Optimizer {
  const { momentum: mu = 0.9, nesterov = false, weightDecay = 0 } = options;
  assert(mu >= 0 && mu < 1, `0 <= momentum < 1, but momentum = ${mu}`);
  assert(weightDecay >= 0, `weightDecay >= 0, but weightDecay = ${weightDecay}`);
  return {
    name: nesterov ? 'nesterov' : 'momentum',
    seed: 'one',
    slots: 1,
    scalarNames: [],
    scalarsAt: () => ({}),
    accumulation: (steps) => accumulated(steps, mu, nesterov),
    step: ({ graph, learningRate }, parameterStep) => {
      const { parameter, slots, gradient } = parameterStep;
      const kept = binary(graph, 'Mul', velocityOf(slots), graph.scalar(mu));
      const base = withDecay(graph, parameterStep, weightDecay, kept);
      const velocity = gradient.addedTo(base);
      const ahead = nesterov
        ? lookAhead(graph, parameterStep, velocity, mu, weightDecay)
        : velocity;
      const move = binary(graph, 'Mul', ahead, learningRate);
      return { parameter: binary(graph, 'Sub', parameter, move), slots: [velocity] };
    },
  };
}

/** What the weights move by under gradients of 1, in learning rates. */
function accumulated(steps: number, mu: number, nesterov: boolean): number {
  let [velocity, moved] = [0, 0];
  for (let step = 0; step < steps; step++) {
    velocity = mu * velocity + 1;
    moved += nesterov ? mu * velocity + 1 : velocity;
  }
  return moved;
}

/** w·(1 − η·λ) */
export function shrunk(graph: Graph, w: Tensor, learningRate: Tensor, weightDecay: number): Tensor {
  if (weightDecay === 0) return w;
  const loss = binary(graph, 'Mul', learningRate, graph.scalar(weightDecay));
  return binary(graph, 'Mul', w, binary(graph, 'Sub', graph.scalar(1), loss));
}

/** `base` + λ·w, where the parameter decays. */
function withDecay(
  graph: Graph,
  { parameter, decays }: Pick<ParameterStep, 'parameter' | 'decays'>,
  weightDecay: number,
  base: Tensor,
): Tensor {
  if (!decays || weightDecay === 0) return base;
  return binary(graph, 'Add', base, binary(graph, 'Mul', parameter, graph.scalar(weightDecay)));
}

function lookAhead(
  graph: Graph,
  parameterStep: ParameterStep,
  velocity: Tensor,
  mu: number,
  weightDecay: number,
): Tensor {
  const coming = binary(graph, 'Mul', velocity, graph.scalar(mu));
  return parameterStep.gradient.addedTo(withDecay(graph, parameterStep, weightDecay, coming));
}

function velocityOf([velocity]: readonly Tensor[]): Tensor {
  assert(velocity !== undefined, 'momentum has one slot');
  return velocity;
}
