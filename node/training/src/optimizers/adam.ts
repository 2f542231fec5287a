// Adam (Kingma and Ba 2015, algorithm 1) and AdamW (Loshchilov and Hutter 2019, algorithm 2). The bias
// corrections are powers of the betas, computed outside the graph.

import assert from 'node:assert/strict';
import { binary, unary } from '../graph/elementwise.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import type { Optimizer, ParameterStep, StepContext } from './optimizer.ts';
import { shrunk } from './sgd.ts';

export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Adam: λ of L2 regularisation. AdamW: the share of η that a weight loses at each step. */
  readonly weightDecay?: number;
}

/** m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w − η·m̂/(√v̂ + ε). */
export function adam(options: AdamOptions = {}): Optimizer {
  return adamLike('adam', { weightDecay: 0, ...options }, false);
}

/** Adam whose weight decay does not pass through the moments. */
export function adamW(options: AdamOptions = {}): Optimizer {
  return adamLike('adamW', { weightDecay: 0.01, ...options }, true);
}

function adamLike(name: string, options: AdamOptions, isDecoupled: boolean): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  for (const beta of [beta1, beta2]) assert(beta >= 0 && beta < 1, `0 <= beta < 1, but ${beta}`);
  assert(epsilon > 0 && weightDecay >= 0, 'epsilon > 0 and weightDecay >= 0');
  return {
    name,
    seed: 'one',
    slots: 2,
    scalarNames: ['stepSize', 'inverseRoot'],
    scalarsAt: (step, learningRate) => ({
      stepSize: learningRate / (1 - power(beta1, step)),
      inverseRoot: 1 / Math.sqrt(1 - power(beta2, step)),
    }),
    step: (context, parameterStep) => {
      const { graph, learningRate } = context;
      const { parameter, slots, gradient } = parameterStep;
      const [first, second] = slots;
      assert(first !== undefined && second !== undefined, 'Adam has two slots');
      const l2 = isDecoupled ? undefined : decayTerm(graph, parameterStep, weightDecay);
      const g = gradient.addedTo(l2);
      const m = averaged(graph, first, g, beta1);
      const v = averaged(graph, second, binary(graph, 'Mul', g, g), beta2);
      const base =
        isDecoupled && parameterStep.decays
          ? shrunk(graph, parameter, learningRate, weightDecay)
          : parameter;
      return { parameter: moved(context, base, m, v, epsilon), slots: [m, v] };
    },
  };
}

function moved(
  { graph, scalars }: StepContext,
  base: Tensor,
  m: Tensor,
  v: Tensor,
  epsilon: number,
): Tensor {
  const { stepSize, inverseRoot } = scalars;
  assert(stepSize !== undefined && inverseRoot !== undefined, 'Adam is given its scalars');
  const root = binary(graph, 'Mul', unary(graph, 'Sqrt', v), inverseRoot);
  const scaled = binary(graph, 'Div', m, binary(graph, 'Add', root, graph.scalar(epsilon)));
  return binary(graph, 'Sub', base, binary(graph, 'Mul', scaled, stepSize));
}

function decayTerm(graph: Graph, step: ParameterStep, weightDecay: number): Tensor | undefined {
  if (!step.decays || weightDecay === 0) return undefined;
  return binary(graph, 'Mul', step.parameter, graph.scalar(weightDecay));
}

/** β·old + (1 − β)·fresh */
function averaged(graph: Graph, old: Tensor, fresh: Tensor, beta: number): Tensor {
  const kept = binary(graph, 'Mul', old, graph.scalar(beta));
  return binary(graph, 'Add', kept, binary(graph, 'Mul', fresh, graph.scalar(1 - beta)));
}

/** betaᵉ by squaring: exactly rounded operations only, so that every platform agrees. */
function power(beta: number, exponent: number): number {
  let result = 1;
  let square = beta;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
