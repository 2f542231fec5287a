// Losses on small batches, for this room's tests.

import { openSession } from '../engine/session.ts';
import type { GradientCase } from '../graph/gradient-check.ts';
import { gradientsOf } from '../graph/gradients-of.ts';
import { Graph, type Tensor } from '../graph/graph.ts';
import type { Loss, LossPass } from './loss.ts';

export interface LossSetting {
  readonly loss: Loss;
  /** Rows of outputs, all of one width. */
  readonly outputs: readonly (readonly number[])[];
  /** Class numbers, or rows like the outputs. */
  readonly targets: readonly number[] | readonly (readonly number[])[];
  /** Equal ones when left out. */
  readonly weights?: readonly number[];
  readonly stepSeed?: number;
  /** Ids of outputs and targets. */
  readonly ids?: { readonly x: readonly number[]; readonly y: readonly number[] };
}

/** The loss as a function of the outputs and, for pairs, of the other halves. */
export function gradientCaseOf(setting: LossSetting): GradientCase {
  const { outputs, targets, loss } = setting;
  const shape = [outputs.length, outputs[0]?.length ?? 0];
  const isPair = loss.target === 'pairs';
  return {
    shapes: isPair ? [shape, shape] : [shape],
    values: isPair ? [outputs.flat(), targets.flat()] : [outputs.flat()],
    build: (graph, inputs) => buildLoss(graph, setting, inputs),
  };
}

/** Value and gradients in single precision, as a fit computes them. */
export async function evaluateLoss(setting: LossSetting) {
  const { outputs, targets } = setting;
  const graph = new Graph();
  const shape = [outputs.length, outputs[0]?.length ?? 0];
  const names = setting.loss.target === 'pairs' ? ['output', 'target'] : ['output'];
  const inputs = names.map((name) => graph.input(name, 'float32', shape));
  const loss = buildLoss(graph, setting, inputs);
  graph.output('loss', loss);
  for (const [i, gradient] of gradientsOf(graph, loss, graph.scalar(1), inputs).entries()) {
    if (gradient !== undefined) graph.output(`d${names[i]}`, gradient.addedTo(undefined));
  }
  const session = await openSession(graph.encode('loss'), { engine: 'native' });
  const values = { output: outputs.flat(), target: targets.flat() };
  const feeds = names.map((name) => {
    const data = Float32Array.from(values[name as 'output' | 'target']);
    return [name, { type: 'float32', dims: shape, data }] as const;
  });
  const results = await session.run(Object.fromEntries(feeds));
  await session.close();
  const numbers = (name: string) => Array.from(results[name] ?? [], Number);
  return { loss: numbers('loss')[0], dOutput: numbers('doutput'), dTarget: numbers('dtarget') };
}

function buildLoss(graph: Graph, setting: LossSetting, inputs: readonly Tensor[]): Tensor {
  const { loss, outputs, targets, stepSeed = 1 } = setting;
  const rows = outputs.length;
  const weights = setting.weights ?? Array(rows).fill(1 / rows);
  const [output, other] = inputs;
  if (output === undefined) throw new RangeError('a loss has an input');
  const flat = targets.flat();
  const pass: LossPass = {
    graph,
    output,
    target:
      other ??
      (loss.target === 'labels'
        ? graph.integers(flat)
        : graph.constant(flat, [rows, flat.length / rows])),
    sampleWeights: graph.constant(weights),
    pairIds: setting.ids && { x: graph.integers(setting.ids.x), y: graph.integers(setting.ids.y) },
    stepSeed: () => graph.integers([stepSeed], []),
    scalar: (name) => graph.scalar(loss.scalars[name] ?? Number.NaN),
  };
  return loss.build(pass);
}
