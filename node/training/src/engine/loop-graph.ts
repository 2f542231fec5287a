// What the graphs of all programs share: the inputs that hold a data set and its order, and the Loop
// over its steps.

import assert from 'node:assert/strict';
import { body as bodyOf, int } from '../graph/attributes.ts';
import type { Graph, OutputType, Tensor } from '../graph/graph.ts';
import type { Loss, LossScalar } from '../losses/loss.ts';
import type { ProgramModel } from './program.ts';
import { INPUT, parameterName } from './program-names.ts';

export interface DataParts {
  readonly model: ProgramModel;
  readonly loss: Pick<Loss, 'target' | 'masksEqualPairs'>;
  /** Of one sample's target. */
  readonly targetShape: readonly number[];
  readonly batch: number;
  readonly lossScalars: readonly LossScalar[];
}

export interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly pairIds: { readonly x: Tensor; readonly y: Tensor } | undefined;
  readonly sampleWeights: Tensor;
  /** Gathered where it is asked for: most programs draw nothing. */
  readonly seed: () => Tensor;
  readonly scalars: ReadonlyMap<LossScalar, Tensor>;
}

/** Inputs that hold the data and its order, and what they give at a step. */
export function dataInputs(graph: Graph, parts: DataParts) {
  const { model, loss, batch, lossScalars, targetShape } = parts;
  const inputType = model.takes === 'ids' ? 'int32' : 'float32';
  const x = graph.input(INPUT.x, inputType, ['samples', ...model.input]);
  const targetType = loss.target === 'labels' ? 'int64' : 'float32';
  const y = graph.input(INPUT.y, loss.target === 'pairs' ? inputType : targetType, [
    'samples',
    ...targetShape,
  ]);
  const ids = loss.masksEqualPairs
    ? [INPUT.xIds, INPUT.yIds].map((name) => graph.input(name, 'int64', ['samples']))
    : [];
  const order = graph.input(INPUT.order, 'int64', ['steps', batch]);
  const weights = graph.input(INPUT.sampleWeights, 'float32', ['steps', batch]);
  const seeds = graph.input(INPUT.stepSeeds, 'int64', ['steps']);
  const scalars = lossScalars.map(
    (name) => [name, graph.input(name, 'float32', ['steps'])] as const,
  );
  const at = (step: Tensor): Batch => {
    const rows = atStep(graph, order, step);
    const [xIds, yIds] = ids.map((one) => atStep(graph, one, rows));
    return {
      x: atStep(graph, x, rows),
      y: atStep(graph, y, rows),
      pairIds: xIds && yIds && { x: xIds, y: yIds },
      sampleWeights: atStep(graph, weights, step),
      seed: once(() => atStep(graph, seeds, step)),
      scalars: new Map(scalars.map(([name, values]) => [name, atStep(graph, values, step)])),
    };
  };
  return { order, at };
}

export function parameterInputs(graph: Graph, model: ProgramModel): Tensor[] {
  return model.parameters.map(({ shape }, i) => graph.input(parameterName(i), 'float32', shape));
}

type LoopStep = (
  step: Tensor,
  carried: Tensor[],
) => { readonly carried: readonly Tensor[]; readonly scanned: Tensor };

/** A Loop over the rows of `order`; `scanned` of every step is gathered. */
export function loop(graph: Graph, order: Tensor, carried: readonly Tensor[], perStep: LoopStep) {
  const size = graph.node('Shape', [order], { type: 'int64', shape: [2] });
  const count = graph.node('Gather', [size, graph.integers([0], [])], { type: 'int64', shape: [] });
  const scalarTypes: OutputType[] = [
    { type: 'int64', shape: [] },
    { type: 'bool', shape: [] },
  ];
  const body = graph.body('step', [...scalarTypes, ...carried], ([step, goesOn, ...values]) => {
    assert(step !== undefined && goesOn !== undefined);
    const result = perStep(step, values);
    return [goesOn, ...result.carried, result.scanned];
  });
  const outputs = graph.nodes(
    'Loop',
    [count, undefined, ...carried],
    [...carried, { type: 'float32', shape: ['steps'] }],
    { body: bodyOf(body) },
  );
  return { carried: outputs.slice(0, -1), scanned: outputs.at(-1) as Tensor };
}

/** Rows of `x` at `index` ([] or [batch]). */
export function atStep(graph: Graph, x: Tensor, index: Tensor): Tensor {
  const shape = [...index.shape, ...x.shape.slice(1)];
  return graph.node('Gather', [x, index], { type: x.type, shape }, { axis: int(0) });
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
