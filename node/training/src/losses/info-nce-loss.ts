// Symmetric InfoNCE over a batch of pairs (van den Oord et al. 2018, formula 4; both directions as in
// Radford et al. 2021).

import { add, binary, divide, scale } from '../graph/elementwise.ts';
import type { Tensor } from '../graph/graph.ts';
import { productWithTransposed } from '../graph/linear.ts';
import { transpose } from '../graph/shaping.ts';
import { labelLosses } from '../graph/softmax.ts';
import { type ContrastiveOptions, exclusion, inBatch } from './in-batch.ts';
import type { Loss } from './loss.ts';
import { weighted } from './pointwise.ts';

export interface InfoNceOptions extends ContrastiveOptions {
  /** τ; a fit may anneal it. Scores are dot products: normalise the model's outputs. */
  readonly temperature?: number;
}

export function infoNce(options: InfoNceOptions = {}): Loss {
  const { temperature = 0.05, masksEqualPairs } = options;
  return {
    name: 'infoNce',
    target: 'pairs',
    scalars: { temperature },
    masksEqualPairs,
    build: (pass) => {
      const { graph, output, target, sampleWeights } = pass;
      const { identity, isRow, isNegative } = inBatch(pass);
      const products = productWithTransposed(graph, output, target);
      const scores = divide(graph, products, pass.scalar('temperature'));
      const own = masksEqualPairs ? binary(graph, 'Add', identity, isNegative) : isRow;
      const away = exclusion(graph, own);
      const losses = (logits: Tensor) => labelLosses(graph, add(graph, logits, away), identity);
      const both = add(graph, losses(scores), losses(transpose(graph, scores, [1, 0])));
      return scale(graph, weighted(graph, both, sampleWeights), 0.5);
    },
  };
}
