// Whole units of weight for peers, from three distributions. A poll draws units, so a heavy peer is
// drawn more often and its answer then counts as often.

import type { Xoshiro128 } from './xoshiro.ts';

export const WEIGHT_KINDS = ['uniform', 'pareto', 'exponential'] as const;
export type WeightKind = (typeof WEIGHT_KINDS)[number];

/** Units that a peer has on average when weights differ. */
const MEAN_UNITS = 16;
/** Where four fifths of the weight belong to one fifth of the peers. */
const PARETO_SHAPE = 1.16;

/** Units by peer [n]: all 1, or at least 1 and 16 on average, none with a third of the whole. */
export function drawWeights(kind: WeightKind, n: number, random: Xoshiro128): Uint32Array {
  if (kind === 'uniform') return new Uint32Array(n).fill(1);
  const raw = Float64Array.from({ length: n }, () => {
    const open = 1 - random.nextUnit();
    return kind === 'pareto' ? open ** (-1 / PARETO_SHAPE) : -Math.log(open);
  });
  let sum = 0;
  for (const weight of raw) sum += weight;
  const most = Math.max(1, Math.floor((MEAN_UNITS * n - 1) / 3));
  return Uint32Array.from(raw, (weight) =>
    Math.min(most, Math.max(1, Math.round((weight / sum) * MEAN_UNITS * n))),
  );
}
