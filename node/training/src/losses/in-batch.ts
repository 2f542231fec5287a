// What contrastive losses share: every row's partner is a negative of all other rows, except rows that
// only fill up the batch.

import assert from 'node:assert/strict';
import { binary, indicator, toReal, unary } from '../graph/elementwise.ts';
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

export interface ContrastiveOptions {
  /**
   * Pairs with equal inputs or equal targets are no negatives of each other: those whose `ids` are
   * equal, or where no ids are given, whose contents are.
   */
  readonly masksEqualPairs?: boolean;
}

export function inBatch({ graph, output, target, sampleWeights, pairIds }: LossPass): InBatch {
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
  const candidates = pairIds
    ? binary(graph, 'Mul', others, differing(graph, batch, pairIds))
    : others;
  return { batch, identity, isRow, isNegative: binary(graph, 'Mul', candidates, isRow) };
}

/** [batch × batch], 0 where two pairs share an input or a target. */
function differing(graph: Graph, batch: number, ids: NonNullable<LossPass['pairIds']>): Tensor {
  const table = { type: 'bool', shape: [batch, batch] } as const;
  const [asRows, asColumns] = [graph.integers([1]), graph.integers([0])];
  const equal = (one: Tensor): Tensor => {
    const rows = graph.node('Unsqueeze', [one, asRows], { type: one.type, shape: [batch, 1] });
    const columns = graph.node('Unsqueeze', [one, asColumns], {
      type: one.type,
      shape: [1, batch],
    });
    return graph.node('Equal', [rows, columns], table);
  };
  const shares = graph.node('Or', [equal(ids.x), equal(ids.y)], table);
  return toReal(graph, graph.node('Not', [shares], table));
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
