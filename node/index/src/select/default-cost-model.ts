import type { CostModel } from './cost-model.ts';

/**
 * Fitted by `fitCostModel` to the grid of `test/benchmarks/index/selector-grid.ts` over deformed MNIST
 * projected to 128 dimensions, euclidean, seed 1: eight sizes from 100 to 30,000, M = 16,
 * efConstruction = 100, twice √N lists.
 */
export const DEFAULT_COST_MODEL: CostModel = Object.freeze({
  rowsMax: 30_000,
  walk: [1.67328, 0.723196, 0.18951],
  efSearch: [
    -1.68305, 0.684162, -0.754795, 0.0729286, 0.997859, -0.0555645, 0.0245073, 0.0690629, 0.0522891,
    -0.0710851, -0.0420429,
  ],
  probes: [
    17.8729, -3.38283, -0.684667, -0.146645, 0.163833, 0.143296, -0.0892688, 0.211739, 0.0896424,
    -0.0622619, -0.0632597,
  ],
  efSearchMargin: 1.4,
  probesMargin: 2.43808,
});
