// SCAFFOLD at a node (Karimireddy et al. 2020, algorithm 1, option II), for SGD with or without
// momentum: the local steps go along g − c_i + c, and c_i becomes the mean gradient that they followed.

import type { RecordDict } from '@starling/shared';
import { TrainingError } from '../training-error.ts';

export interface ControlVariates {
  /** c_i, `[parameterCount]`: zeros in a node's first round. */
  readonly own: Float32Array;
  /** c − c_i: what every gradient gets. */
  readonly correction: Float32Array;
}

/**
 * What a message and a node's state say; `undefined` when the strategy sends no `control`.
 *
 * @throws TrainingError `shape-mismatch` when node and server know different models
 */
export function controlVariates(
  content: RecordDict,
  state: RecordDict,
): ControlVariates | undefined {
  const server = content.arrays['control'];
  if (server === undefined) return undefined;
  const own = state.arrays['control'] ?? new Float32Array(server.length);
  if (own.length !== server.length) {
    throw new TrainingError(
      'shape-mismatch',
      `control has ${server.length} elements, this node's own ${own.length}`,
    );
  }
  return { own, correction: server.map((value, i) => value - (own[i] ?? 0)) };
}

/**
 * c_i⁺ − c_i = −c + (x − y)/scale, where y is what x was trained to and the scale is η·K for plain SGD
 * and η·‖a‖₁ with momentum.
 */
export function nextControl(
  { own, correction }: ControlVariates,
  weights: Float32Array,
  trained: Float32Array,
  scale: number,
): Float32Array {
  return weights.map((x, i) => {
    const server = (correction[i] ?? 0) + (own[i] ?? 0);
    return (x - (trained[i] ?? 0)) / scale - server;
  });
}
