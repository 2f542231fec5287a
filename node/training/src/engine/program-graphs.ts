// The graphs of a program. Weights are carried through the Loop; data, order and the numbers of each
// step are read from outside, so that one session serves every data set and every number of steps.

import assert from 'node:assert/strict';
import { add, binary, unary } from '../graph/elementwise.ts';
import { gradientsOf } from '../graph/gradients-of.ts';
import { type Addend, Graph, type Tensor } from '../graph/graph.ts';
import type { Model } from '../layers/sequential.ts';
import type { Loss, LossScalar } from '../losses/loss.ts';
import { type SpectralOptions, spectralPenalty } from '../losses/spectral.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { atStep, type Batch, dataInputs, loop, parameterInputs } from './loop-graph.ts';
import type { Correction } from './program.ts';
import { anchorName, controlName, INPUT, slotName, updatedName } from './program-names.ts';

export interface ProgramParts {
  readonly model: Model;
  readonly loss: Loss;
  readonly targetShape: readonly number[];
  readonly batch: number;
  readonly optimizer: Optimizer;
  readonly spectral: SpectralOptions | undefined;
  readonly corrections: readonly Correction[];
  readonly lossScalars: readonly LossScalar[];
}

/** Loop over the steps: weights and slots in, weights, slots and the loss of each step out. */
export function buildTraining(parts: ProgramParts): Uint8Array {
  const { model, optimizer } = parts;
  const graph = new Graph();
  const data = dataInputs(graph, parts);
  const parameters = parameterInputs(graph, model);
  const slots = model.parameters.map(({ shape }, i) =>
    Array.from({ length: optimizer.slots }, (_, k) =>
      graph.input(slotName(i, k), 'float32', shape),
    ),
  );
  const learningRates = graph.input(INPUT.learningRate, 'float32', ['steps']);
  const scalars = optimizer.scalarNames.map((name) => graph.input(name, 'float32', ['steps']));
  const extra = correctionInputs(graph, parts);
  const carried = [...parameters, ...slots.flat()];
  const results = loop(graph, data.order, carried, (step, values) => {
    const current = values.slice(0, parameters.length);
    const batch = data.at(step);
    const loss = lossOf(graph, parts, batch, current, batch.seed);
    const learningRate = atStep(graph, learningRates, step);
    const seed = optimizer.seed === 'one' ? graph.scalar(1) : unary(graph, 'Neg', learningRate);
    const named = optimizer.scalarNames.map((name, i) => [
      name,
      atStep(graph, scalars[i] as Tensor, step),
    ]);
    const context = { graph, learningRate, scalars: Object.fromEntries(named) };
    const gradients = gradientsOf(graph, loss, seed, current);
    const stepped = current.map((parameter, i) => {
      const from = parameters.length + i * optimizer.slots;
      const own = values.slice(from, from + optimizer.slots);
      const gradient = corrected(graph, gradients[i], extra.at(i, parameter), seed);
      if (gradient === undefined) return { parameter, slots: own };
      const decays = model.parameters[i]?.decays ?? false;
      return optimizer.step(context, { parameter, decays, slots: own, gradient });
    });
    return {
      carried: [...stepped.map(({ parameter }) => parameter), ...stepped.flatMap((s) => s.slots)],
      scanned: loss,
    };
  });
  for (const [i, { name }] of carried.entries()) {
    graph.output(updatedName(name), results.carried[i] as Tensor);
  }
  graph.output(INPUT.losses, results.scanned);
  return graph.encode('local-run');
}

/** Loop over the batches of a data set: the loss of each. */
export function buildEvaluation(parts: ProgramParts): Uint8Array {
  const graph = new Graph();
  const data = dataInputs(graph, parts);
  const parameters = parameterInputs(graph, parts.model);
  const results = loop(graph, data.order, [], (step) => {
    const batch = data.at(step);
    return { carried: [], scanned: lossOf(graph, parts, batch, parameters, undefined) };
  });
  graph.output(INPUT.losses, results.scanned);
  return graph.encode('evaluation');
}

/** The model's outputs for any number of rows. */
export function buildPrediction(model: Model): Uint8Array {
  const graph = new Graph();
  const x = graph.input(INPUT.x, model.takes === 'ids' ? 'int32' : 'float32', [
    'rows',
    ...model.input,
  ]);
  const parameters = parameterInputs(graph, model);
  graph.output(INPUT.outputs, model.forward({ graph, dropoutSeed: undefined }, x, parameters));
  return graph.encode('prediction');
}

function lossOf(
  graph: Graph,
  { model, loss, spectral }: ProgramParts,
  batch: Batch,
  parameters: readonly Tensor[],
  dropoutSeed: (() => Tensor) | undefined,
): Tensor {
  const encode = (x: Tensor) => model.forward({ graph, dropoutSeed }, x, parameters);
  const output = encode(batch.x);
  const target = loss.target === 'pairs' ? encode(batch.y) : batch.y;
  const { sampleWeights, seed, scalars, pairIds } = batch;
  const scalar = (name: LossScalar): Tensor => {
    const value = scalars.get(name);
    assert(value !== undefined, `${loss.name} does not list its scalar ${name}`);
    return value;
  };
  const value = loss.build({
    graph,
    output,
    target,
    sampleWeights,
    pairIds,
    stepSeed: seed,
    scalar,
  });
  if (spectral === undefined) return value;
  return add(graph, value, spectralPenalty({ graph, output, sampleWeights }, batch.x, spectral));
}

/** Inputs of the corrections, and their sum for one parameter. */
function correctionInputs(graph: Graph, { model, corrections }: ProgramParts) {
  const perParameter = (name: (i: number) => string) =>
    model.parameters.map(({ shape }, i) => graph.input(name(i), 'float32', shape));
  const isProximal = corrections.includes('proximal');
  const mu = isProximal ? graph.input(INPUT.proximal, 'float32', []) : undefined;
  const anchors = isProximal ? perParameter(anchorName) : [];
  const controls = corrections.includes('control') ? perParameter(controlName) : [];
  const at = (i: number, parameter: Tensor): Tensor | undefined => {
    const [anchor, control] = [anchors[i], controls[i]];
    if (mu === undefined || anchor === undefined) return control;
    const pull = binary(graph, 'Mul', binary(graph, 'Sub', parameter, anchor), mu);
    return control === undefined ? pull : binary(graph, 'Add', pull, control);
  };
  return { at };
}

/** The gradient with seed · `correction` added to it. */
function corrected(
  graph: Graph,
  gradient: Addend | undefined,
  correction: Tensor | undefined,
  seed: Tensor,
): Addend | undefined {
  if (correction === undefined) return gradient;
  const term = binary(graph, 'Mul', correction, seed);
  return {
    addedTo: (base) => {
      const sum = base === undefined ? term : binary(graph, 'Add', base, term);
      return gradient === undefined ? sum : gradient.addedTo(sum);
    },
  };
}
