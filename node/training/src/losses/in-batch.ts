// What contrastive losses share: every row's partner is a negative of all other rows, except rows that
// only fill up the batch.

import assert from 'node:assert/strict';
import { binary, indicator, unary } from '../graph/elementwise.ts';
import { type Graph, shapeText, type Tensor } from '../graph/graph.ts';
import type { LossPass } from './loss.ts';

/** Far below every score, and finite: an infinity times 0 would be NaN. */
const EXCLUDED = -1e9;

export interface InBatch {
  readonly batch: number;
  /** [batch × batch], 1 where column j is a negative of row i. */
  readonly isNegative: Tensor;
  /** [batch × batch], 1 on the diagonal. */
  readonly identity: Tensor;
  /** [1 × batch], 1 where a row is real. */
  readonly isRow: Tensor;
}

export function inBatch({ graph, output, target, sampleWeights }: LossPass): InBatch {
  const [batch] = output.shape;
  assert(
    output.shape.length === 2 && target.shape.length === 2 && typeof batch === 'number',
    `a contrastive loss takes vectors [batch × width], not ${shapeText(output.shape)}`,
  );
  const diagonal = Array.from({ length: batch * batch }, (_, i) => (i % (batch + 1) === 0 ? 1 : 0));
  const identity = graph.constant(diagonal, [batch, batch]);
  const weights = graph.node('Unsqueeze', [sampleWeights, graph.integers([0])], {
    type: graph.real,
    shape: [1, batch],
  });
  const isRow = unary(graph, 'Sign', weights);
  const others = binary(graph, 'Sub', graph.scalar(1), identity);
  return { batch, identity, isRow, isNegative: binary(graph, 'Mul', others, isRow) };
}

/** `scores` where `mask` is 1, far below them where it is 0; a constant for gradients. */
export function exclusion(graph: Graph, mask: Tensor): Tensor {
  const isOut = binary(graph, 'Sub', graph.scalar(1), mask);
  return binary(graph, 'Mul', isOut, graph.scalar(EXCLUDED));
}

/** 1 for every row that has a negative at all: [batch]. */
export function hasAny(graph: Graph, mask: Tensor): Tensor {
  const [batch] = mask.shape;
  const counts = graph.node(
    'ReduceSum',
    [mask, graph.integers([1])],
    {
      type: graph.real,
      shape: [batch ?? 1],
    },
    { keepdims: { kind: 'int', value: 0 } },
  );
  return indicator(graph, 'Greater', counts, graph.scalar(0));
}
