// A training step that somebody exported becomes a program: the same Loop over the same data inputs,
// its body the foreign step. Foreign names get a prefix of their own, so that none meets one of ours.

import { atStep, dataInputs, loop, parameterInputs } from '../engine/loop-graph.ts';
import type { Program, ProgramModel } from '../engine/program.ts';
import { INPUT, updatedName } from '../engine/program-names.ts';
import { int } from '../graph/attributes.ts';
import { elementsOf, Graph, isSameShape, shapeText, type Tensor } from '../graph/graph.ts';
import { MODEL_PARAMETERS_MAX } from '../layers/sequential.ts';
import type { OnnxVersions } from '../onnx/onnx-model.ts';
import { sgd } from '../optimizers/sgd.ts';
import { TrainingError } from '../training-error.ts';
import { type ForeignGraph, type ForeignValue, readForeignGraph } from './foreign-graph.ts';
import { checkedManifest, type StepManifest } from './manifest.ts';
import { encodedNode, encodedTensor, foreignName } from './renamed.ts';

/** Operator sets up to 22 stand in models of this version. */
const IR_VERSION = 10;

/**
 * The program of an exported step. Parameters are those of the manifest, in its order.
 *
 * @param step - ONNX model (parameters…, x, y, sampleWeights?, learningRate) → (parameters′…, loss)
 * @param manifest - parsed JSON
 * @param prediction - ONNX model (parameters…, x) → outputs, on batches
 * @throws TrainingError `corrupt-file`, `unsupported-format`, `limit-exceeded`, `invalid-options`,
 *   `shape-mismatch`, before any runtime sees the bytes
 */
export function programFromOnnx(
  step: Uint8Array,
  manifest: unknown,
  prediction?: Uint8Array,
): Program {
  const names = checkedManifest(manifest);
  const graph = readForeignGraph(step, 'the step');
  const model = modelOf(names);
  checkStep(graph, names);
  const isLabels = names.y.type === 'int64';
  const loss = { name: names.loss, target: isLabels ? 'labels' : 'values', scalars: {} } as const;
  const { batch } = names;
  const parts = { model, loss, targetShape: names.y.shape, batch, lossScalars: [] };
  return {
    ...parts,
    takesPartialBatches: names.sampleWeights !== undefined,
    optimizer: sgd(),
    corrections: [],
    training: trainingOf(graph, names, parts),
    evaluation: evaluationOf(graph, names, parts),
    prediction: prediction && predictionOf(prediction, names, parts),
    predicts: 'batches',
  };
}

type Parts = Pick<Program, 'model' | 'loss' | 'targetShape' | 'batch' | 'lossScalars'>;

function modelOf({ parameters, x, prediction }: StepManifest): ProgramModel {
  let offset = 0;
  const placed = parameters.map(({ name, shape }) => {
    const elements = elementsOf(shape);
    offset += elements;
    const initial = { kind: 'constant', value: 0 } as const;
    return { name, shape, elements, offset: offset - elements, initial, decays: true };
  });
  if (offset > MODEL_PARAMETERS_MAX) {
    const limit = `MODEL_PARAMETERS_MAX = ${MODEL_PARAMETERS_MAX}`;
    throw new TrainingError('limit-exceeded', `${offset} parameters, more than ${limit}`);
  }
  return {
    input: x.shape,
    output: prediction?.shape ?? [Number.MAX_SAFE_INTEGER],
    takes: x.type === 'int64' ? 'ids' : 'reals',
    idLimit: x.ids,
    parameters: placed,
    parameterCount: offset,
  };
}

/** Every input and output is one of the manifest, of its type and shape. */
function checkStep(graph: ForeignGraph, names: StepManifest): void {
  const { batch, parameters, x, y, sampleWeights, learningRate, loss } = names;
  const float32 = (name: string, shape: readonly number[]) => ({ name, shape, type: 'float32' });
  checkValues('input', graph.inputs, [
    ...parameters.map(({ input, shape }) => float32(input, shape)),
    { name: x.input, type: x.type, shape: [batch, ...x.shape] },
    { name: y.input, type: y.type, shape: [batch, ...y.shape] },
    ...(sampleWeights === undefined ? [] : [float32(sampleWeights, [batch])]),
    float32(learningRate, []),
  ]);
  checkValues('output', graph.outputs, [
    ...parameters.map(({ output, shape }) => float32(output, shape)),
    float32(loss, []),
  ]);
}

function checkValues(
  what: 'input' | 'output',
  found: readonly ForeignValue[],
  expected: readonly ForeignValue[],
): void {
  const byName = new Map(found.map((value) => [value.name, value]));
  for (const { name, type, shape } of expected) {
    const value = byName.get(name);
    const described = `${what} "${name}" of the manifest is ${type} ${shapeText(shape)}`;
    if (value === undefined) {
      throw new TrainingError('shape-mismatch', `${described}; the graph has none of that name`);
    }
    if (value.type !== type || !isSameShape(value.shape, shape)) {
      const other = `${value.type} ${shapeText(value.shape)}`;
      throw new TrainingError('shape-mismatch', `${described}, in the graph it is ${other}`);
    }
    byName.delete(name);
  }
  const [left] = byName.keys();
  if (left !== undefined || found.length !== expected.length) {
    const which = left ?? 'one that stands twice';
    throw new TrainingError(
      'shape-mismatch',
      `${what} "${which}" of the graph is not in the manifest`,
    );
  }
}

function trainingOf(foreign: ForeignGraph, names: StepManifest, parts: Parts): Uint8Array {
  const graph = new Graph();
  const data = dataInputs(graph, parts);
  const parameters = parameterInputs(graph, parts.model);
  const rates = graph.input(INPUT.learningRate, 'float32', ['steps']);
  const results = loop(graph, data.order, parameters, (step, current) => {
    bindBatch(graph, names, data.at(step), atStep(graph, rates, step));
    return addStep(graph, foreign, names, current);
  });
  addConstants(graph, foreign);
  for (const [i, { name }] of parameters.entries()) {
    graph.output(updatedName(name), results.carried[i] as Tensor);
  }
  graph.output(INPUT.losses, results.scanned);
  return graph.encode('local-run', versionsOf(foreign));
}

/** The step without a learning rate: its loss, and parameters that nobody reads. */
function evaluationOf(foreign: ForeignGraph, names: StepManifest, parts: Parts): Uint8Array {
  const graph = new Graph();
  const data = dataInputs(graph, parts);
  const parameters = parameterInputs(graph, parts.model);
  const results = loop(graph, data.order, [], (step) => {
    bindBatch(graph, names, data.at(step), graph.scalar(0));
    return { ...addStep(graph, foreign, names, parameters), carried: [] };
  });
  addConstants(graph, foreign);
  graph.output(INPUT.losses, results.scanned);
  return graph.encode('evaluation', versionsOf(foreign));
}

function predictionOf(bytes: Uint8Array, names: StepManifest, parts: Parts): Uint8Array {
  const { prediction, parameters: listed, x, batch } = names;
  if (prediction === undefined) {
    throw new TrainingError(
      'invalid-options',
      'manifest.prediction says nothing of the prediction',
    );
  }
  const foreign = readForeignGraph(bytes, 'the prediction');
  const shape = [batch, ...prediction.shape];
  checkValues('input', foreign.inputs, [
    ...listed.map((one) => ({ name: one.input, type: 'float32', shape: one.shape })),
    { name: x.input, type: x.type, shape: [batch, ...x.shape] },
  ]);
  checkValues('output', foreign.outputs, [{ name: prediction.output, type: 'float32', shape }]);
  const graph = new Graph();
  const type = parts.model.takes === 'ids' ? 'int32' : 'float32';
  const all = graph.input(INPUT.x, type, ['samples', ...x.shape]);
  const order = graph.input(INPUT.order, 'int64', ['steps', batch]);
  const parameters = parameterInputs(graph, parts.model);
  const results = loop(graph, order, [], (step) => {
    bindInputs(graph, names, atStep(graph, all, atStep(graph, order, step)));
    addNodes(graph, foreign, names, parameters);
    const scanned = { name: foreignName(prediction.output), type: 'float32', shape } as const;
    return { carried: [], scanned };
  });
  addConstants(graph, foreign);
  graph.output(INPUT.outputs, results.scanned);
  return graph.encode('prediction', versionsOf(foreign));
}

/** The batch under the names that the step knows. */
function bindBatch(
  graph: Graph,
  names: StepManifest,
  batch: { readonly x: Tensor; readonly y: Tensor; readonly sampleWeights: Tensor },
  learningRate: Tensor,
): void {
  bindInputs(graph, names, batch.x);
  graph.named(foreignName(names.y.input), batch.y);
  if (names.sampleWeights !== undefined) {
    graph.named(foreignName(names.sampleWeights), batch.sampleWeights);
  }
  graph.named(foreignName(names.learningRate), learningRate);
}

function bindInputs(graph: Graph, { x }: StepManifest, rows: Tensor): void {
  const isIds = x.type === 'int64';
  const wide = { type: 'int64', shape: rows.shape } as const;
  const inputs = isIds ? graph.node('Cast', [rows], wide, { to: int(INT64) }) : rows;
  graph.named(foreignName(x.input), inputs);
}

/** TensorProto.DataType.INT64 */
const INT64 = 7;

function addStep(
  graph: Graph,
  foreign: ForeignGraph,
  names: StepManifest,
  parameters: readonly Tensor[],
) {
  addNodes(graph, foreign, names, parameters);
  const carried = names.parameters.map(({ output, shape }): Tensor => {
    return { name: foreignName(output), type: 'float32', shape };
  });
  const scanned: Tensor = { name: foreignName(names.loss), type: 'float32', shape: [] };
  return { carried, scanned };
}

function addNodes(
  graph: Graph,
  foreign: ForeignGraph,
  { parameters }: StepManifest,
  current: readonly Tensor[],
): void {
  for (const [i, { input }] of parameters.entries()) {
    graph.named(foreignName(input), current[i] as Tensor);
  }
  graph.addEncodedNodes(foreign.nodes.map(encodedNode));
}

/** Foreign constants stand outside the Loop, so that they are made once. */
function addConstants(graph: Graph, { initializers }: ForeignGraph): void {
  graph.addEncodedConstants(initializers.map(encodedTensor));
}

function versionsOf({ operatorSet }: ForeignGraph): OnnxVersions {
  return { ir: IR_VERSION, operatorSet };
}
