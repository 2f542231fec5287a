// Spectral regularisation: outputs that vary little along the graph of the inputs (Belkin, Niyogi and
// Sindhwani 2006, section 4): tr(Hᵀ L H) for the Laplacian L of a kernel over the batch.

import assert from 'node:assert/strict';
import { binary, multiply, scale } from '../graph/elementwise.ts';
import { elementsOf, type Tensor } from '../graph/graph.ts';
import { sum } from '../graph/reductions.ts';
import { reshape } from '../graph/shaping.ts';
import { squaredDistanceTable } from './distances.ts';
import type { LossPass } from './loss.ts';

export interface SpectralOptions {
  /** λ */
  readonly weight: number;
  /** σ of the neighbourhood e^(−|xᵢ − xⱼ|² / 2σ²), in units of the inputs. */
  readonly bandwidth: number;
}

/** λ · ½ Σᵢⱼ wᵢ wⱼ e^(−|xᵢ − xⱼ|²/2σ²) · |hᵢ − hⱼ|² over the inputs x and outputs h of a batch: []. */
export function spectralPenalty(
  { graph, output, sampleWeights }: Pick<LossPass, 'graph' | 'output' | 'sampleWeights'>,
  input: Tensor,
  { weight, bandwidth }: SpectralOptions,
): Tensor {
  assert(bandwidth > 0, `bandwidth > 0, but bandwidth = ${bandwidth}`);
  const [rows = 1, ...sizes] = input.shape;
  const flat = reshape(graph, input, [rows, elementsOf(sizes.map(Number))]);
  const squared = squaredDistanceTable(graph, flat, flat);
  const kernel = graph.node(
    'Exp',
    [binary(graph, 'Mul', squared, graph.scalar(-1 / (2 * bandwidth ** 2)))],
    squared,
  );
  const column = reshape(graph, sampleWeights, [rows, 1]);
  const both = binary(graph, 'Mul', column, reshape(graph, sampleWeights, [1, rows]));
  const adjacency = binary(graph, 'Mul', kernel, both);
  const outputs = reshape(graph, output, [rows, elementsOf(output.shape.slice(1).map(Number))]);
  const differences = squaredDistanceTable(graph, outputs, outputs);
  return scale(graph, sum(graph, multiply(graph, differences, adjacency)), weight / 2);
}
