// Which negative of the batch a row learns from. The choice is a constant for gradients; what is
// random follows from the step's seed.

import { int } from '../graph/attributes.ts';
import { counterUniforms } from '../graph/counter-uniforms.ts';
import { binary, indicator, unary } from '../graph/elementwise.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import { exclusion, hasAny } from './in-batch.ts';

/**
 * - `hardest`: the nearest negative;
 * - `semiHard`: the nearest of those farther than the positive, within the margin; without one, the
 *   hardest (Schroff et al. 2015, section 3.2);
 * - `distanceWeighted`: drawn with weight 1/q(d), q the density of distances on a sphere, so that
 *   near and far ones come alike (Wu et al. 2017, section 4); for normalised outputs;
 * - `random`: any, alike.
 */
export type Mining = 'hardest' | 'semiHard' | 'distanceWeighted' | 'random';

export interface Candidates {
  /** Squared distances of rows to candidates: [batch × batch]. */
  readonly squared: Tensor;
  /** Squared distance of each row to its positive: [batch × 1]. */
  readonly positive: Tensor;
  readonly isNegative: Tensor;
  readonly margin: Tensor;
  stepSeed(): Tensor;
  /** Of the outputs; `distanceWeighted` needs it. */
  readonly width: number;
}

/** The column of every row's chosen negative: int64 [batch]. */
export function minedNegatives(graph: Graph, mining: Mining, candidates: Candidates): Tensor {
  const { squared, isNegative } = candidates;
  const scores = binary(
    graph,
    'Add',
    scoresOf(graph, mining, candidates),
    exclusion(graph, isNegative),
  );
  const shape = [squared.shape[0] ?? 1];
  return graph.node(
    'ArgMax',
    [scores],
    { type: 'int64', shape },
    { axis: int(1), keepdims: int(0) },
  );
}

function scoresOf(graph: Graph, mining: Mining, candidates: Candidates): Tensor {
  const nearness = unary(graph, 'Neg', candidates.squared);
  switch (mining) {
    case 'hardest':
      return nearness;
    case 'semiHard':
      return semiHardScores(graph, nearness, candidates);
    case 'distanceWeighted':
      return binary(graph, 'Add', logWeights(graph, candidates), gumbels(graph, candidates));
    case 'random':
      return gumbels(graph, candidates);
  }
}

/** Semi-hard ones first, then all others; nearest first in both. */
function semiHardScores(graph: Graph, nearness: Tensor, candidates: Candidates): Tensor {
  const { squared, positive, isNegative, margin } = candidates;
  const isFarther = indicator(graph, 'Greater', squared, positive);
  const reach = binary(graph, 'Add', positive, margin);
  const isWithin = indicator(graph, 'Less', squared, reach);
  const band = binary(graph, 'Mul', isFarther, isWithin);
  const isSemiHard = binary(graph, 'Mul', band, isNegative);
  const out = exclusion(graph, isSemiHard);
  const isAny = graph.node('Unsqueeze', [hasAny(graph, isSemiHard), graph.integers([1])], positive);
  return binary(graph, 'Add', nearness, binary(graph, 'Mul', out, isAny));
}

/** Nearer than this, weights stop growing (Wu et al. 2017, section 4). */
const DISTANCE_MIN = 0.5;
/** Beyond this the density is too thin to divide by. */
const SQUARED_MAX = 3.96;

/** −ln q(d) = (2 − n)·ln d − (n − 3)/2 · ln(1 − d²/4), for n-dimensional unit vectors. */
function logWeights(graph: Graph, { squared, width }: Candidates): Tensor {
  const limits = [graph.scalar(DISTANCE_MIN ** 2), graph.scalar(SQUARED_MAX)];
  const clipped = graph.node('Clip', [squared, ...limits], squared);
  const near = binary(graph, 'Mul', unary(graph, 'Log', clipped), graph.scalar((2 - width) / 2));
  const cap = binary(
    graph,
    'Sub',
    graph.scalar(1),
    binary(graph, 'Mul', clipped, graph.scalar(0.25)),
  );
  const far = binary(graph, 'Mul', unary(graph, 'Log', cap), graph.scalar((3 - width) / 2));
  return binary(graph, 'Add', near, far);
}

/** −ln(−ln u): the largest of scores plus these is a draw with weights e^score. */
function gumbels(graph: Graph, { stepSeed, squared }: Candidates): Tensor {
  const uniforms = counterUniforms(graph, stepSeed(), squared.shape.map(Number));
  const inside = graph.node(
    'Clip',
    [uniforms, graph.scalar(1e-6), graph.scalar(1 - 1e-6)],
    uniforms,
  );
  const inner = unary(graph, 'Neg', unary(graph, 'Log', inside));
  return unary(graph, 'Neg', unary(graph, 'Log', inner));
}
