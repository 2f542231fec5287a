// Rows by index: embeddings, and the samples of a batch.

import { int, text } from './attributes.ts';
import { toReal } from './elementwise.ts';
import type { Graph, Tensor } from './graph.ts';

/** Rows of `table` [rows × …] at `indices` of any shape: [indices… × …]. */
export function takeRows(graph: Graph, table: Tensor, indices: Tensor): Tensor {
  const shape = [...indices.shape, ...table.shape.slice(1)];
  const y = graph.node('Gather', [table, indices], { type: table.type, shape }, { axis: int(0) });
  return graph.differentiable([table], y, (dy) => [
    { addedTo: (base) => scatterAdd(graph, base ?? zerosLike(graph, table), indices, dy) },
  ]);
}

/** `base` with `rows` added at `indices`; rows that occur twice are added twice. */
function scatterAdd(graph: Graph, base: Tensor, indices: Tensor, rows: Tensor): Tensor {
  const wide = graph.node(
    'Cast',
    [indices],
    { type: 'int64', shape: indices.shape },
    { to: int(7) },
  );
  const at = graph.node('Unsqueeze', [wide, graph.integers([-1])], {
    type: 'int64',
    shape: [...indices.shape, 1],
  });
  return graph.node('ScatterND', [base, at, rows], base, { reduction: text('add') });
}

function zerosLike(graph: Graph, x: Tensor): Tensor {
  const size = graph.node('Shape', [x], { type: 'int64', shape: [x.shape.length] });
  return graph.node('Expand', [graph.scalar(0), size], x);
}

/** Labels as rows with a single 1 among `classes`. */
export function oneHot(graph: Graph, labels: Tensor, classes: number): Tensor {
  const isDirect = graph.real === 'float32';
  const values = isDirect ? graph.constant([0, 1]) : graph.integers([0, 1]);
  const output = { type: values.type, shape: [...labels.shape, classes] };
  const inputs = [labels, graph.integers([classes]), values];
  return toReal(graph, graph.node('OneHot', inputs, output, { axis: int(-1) }));
}
