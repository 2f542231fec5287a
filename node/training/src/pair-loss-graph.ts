// The dense part of a batch as an ONNX graph: from the sums z = x·E of both sides to the loss and its
// gradient with respect to them. The sparse products stay outside: a table has no dense gradient.
import { add, multiply } from './graph/elementwise.ts';
import { gradientsOf } from './graph/gradients-of.ts';
import { Graph, type Tensor } from './graph/graph.ts';
import { productWithTransposed } from './graph/linear.ts';
import { unitLength } from './graph/normalization.ts';
import { sum } from './graph/reductions.ts';
import { transpose } from './graph/shaping.ts';
import { labelLosses } from './graph/softmax.ts';

/** |z|² below this is taken for it, so that a text without words encodes to zeros. */
const SQUARES_MIN = 1e-24;

/**
 * Inputs: `queries` and `answers` [size × dimension], `inverseTemperature`, `own` [size × size], 1
 * where a query meets its answer, `away` [size × size], very low where a cell is no negative,
 * `factor`, 1 / (2 · size). Outputs: `loss`, `queryGradient`, `answerGradient`.
 */
export function pairLossGraph(dimension: number): Uint8Array {
  const graph = new Graph();
  const queries = graph.input('queries', 'float32', ['size', dimension]);
  const answers = graph.input('answers', 'float32', ['size', dimension]);
  const scalar = (name: string) => graph.input(name, 'float32', []);
  const table = (name: string) => graph.input(name, 'float32', ['size', 'size']);
  const [inverseTemperature, factor] = [scalar('inverseTemperature'), scalar('factor')];
  const [own, away] = [table('own'), table('away')];
  const unit = (z: Tensor) => unitLength(graph, z, SQUARES_MIN);
  const cosines = productWithTransposed(graph, unit(queries), unit(answers));
  const scores = add(graph, multiply(graph, cosines, inverseTemperature), away);
  const losses = (logits: Tensor) => sum(graph, labelLosses(graph, logits, own));
  const both = add(graph, losses(scores), losses(transpose(graph, scores, [1, 0])));
  const loss = multiply(graph, both, factor);
  const gradients = gradientsOf(graph, loss, graph.scalar(1), [queries, answers]);
  graph.output('loss', loss);
  for (const [i, name] of ['queryGradient', 'answerGradient'].entries()) {
    graph.output(name, gradients[i]?.addedTo(undefined) ?? graph.scalar(0));
  }
  return graph.encode('pair-loss');
}
