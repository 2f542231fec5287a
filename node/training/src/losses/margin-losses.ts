// Losses that are content once negatives are far enough.

import { relu } from '../graph/activations.ts';
import { add, detach, divide, multiply, square, subtract } from '../graph/elementwise.ts';
import { takeRows } from '../graph/indexing.ts';
import { sum } from '../graph/reductions.ts';
import { rooted, squaredDistances, squaredDistanceTable } from './distances.ts';
import { type ContrastiveOptions, hasAny, inBatch } from './in-batch.ts';
import type { Loss } from './loss.ts';
import { type Mining, minedNegatives } from './mining.ts';
import { weighted } from './pointwise.ts';

export interface TripletOptions extends ContrastiveOptions {
  readonly margin: number;
  readonly mining: Mining;
}

/**
 * max(0, |a − p|² − |a − n|² + margin) with one negative of the batch per pair (Schroff, Kalenichenko
 * and Philbin 2015, formula 3). A pair whose batch has no negative costs nothing.
 */
export function triplet({ margin, mining, masksEqualPairs }: TripletOptions): Loss {
  return {
    name: 'triplet',
    target: 'pairs',
    scalars: { margin },
    masksEqualPairs,
    build: (pass) => {
      const { graph, output, target, sampleWeights } = pass;
      const { isNegative } = inBatch(pass);
      const positive = squaredDistances(graph, output, target);
      const [anchors, others] = [detach(graph, output), detach(graph, target)];
      const chosen = minedNegatives(graph, mining, {
        squared: squaredDistanceTable(graph, anchors, others),
        positive: sum(graph, square(graph, subtract(graph, anchors, others)), [1], true),
        isNegative,
        margin: pass.scalar('margin'),
        stepSeed: pass.stepSeed,
        width: Number(output.shape[1]),
      });
      const negative = squaredDistances(graph, output, takeRows(graph, target, chosen));
      const excess = add(graph, subtract(graph, positive, negative), pass.scalar('margin'));
      const losses = multiply(graph, relu(graph, excess), hasAny(graph, isNegative));
      return weighted(graph, losses, sampleWeights);
    },
  };
}

export interface LocalContrastiveOptions extends ContrastiveOptions {
  readonly margin: number;
}

/**
 * d(a, p)² + mean over the batch's negatives of max(0, margin − d(a, n))² (Hadsell, Chopra and LeCun
 * 2006, formula 4, without its halves): neighbours stay near, all others a margin away.
 */
export function localContrastive(options: LocalContrastiveOptions): Loss {
  const { margin, masksEqualPairs } = options;
  return {
    name: 'localContrastive',
    target: 'pairs',
    scalars: { margin },
    masksEqualPairs,
    build: (pass) => {
      const { graph, output, target, sampleWeights } = pass;
      const { isNegative } = inBatch(pass);
      const distances = rooted(graph, squaredDistanceTable(graph, output, target));
      const lack = relu(graph, subtract(graph, pass.scalar('margin'), distances));
      const pushes = sum(graph, multiply(graph, square(graph, lack), isNegative), [1]);
      const counts = sum(graph, isNegative, [1]);
      const atLeastOne = graph.node('Max', [counts, graph.scalar(1)], counts);
      const pulls = squaredDistances(graph, output, target);
      const losses = add(graph, pulls, divide(graph, pushes, atLeastOne));
      return weighted(graph, losses, sampleWeights);
    },
  };
}
