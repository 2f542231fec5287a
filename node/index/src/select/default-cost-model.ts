import type { CostModel } from './cost-model.ts';

/**
 * Fitted by `fitCostModel` to the grid of `test/benchmarks/index/selector-grid.ts` over MNIST under a
 * random projection to 128 dimensions (the images once more, shifted, past 60,000), euclidean,
 * seed 1: seven sizes from 100 to 100,000, M = 16, efConstruction = 100, twice √N lists.
 */
export const DEFAULT_COST_MODEL: CostModel = Object.freeze({
  rowsMax: 100000,
  efSearch: [
    -0.920574, 0.249548, 1.03903, 0.129815, -0.313125, -0.0151908, -0.00450072, -0.00283377,
    0.0368535, -0.0495424, 0.0374373,
  ],
  hnswDistances: [1.11786, -0.0869133, 0.79409, -0.000729148, 0.0721783, -0.0502289],
  probes: [
    0.821346, 0.276277, -0.365969, 0.167312, 0.0478176, -0.0489723, -0.0857964, 0.160766, 0.0520619,
    -0.0565275, -0.0362,
  ],
  efSearchMargin: 1.23,
  probesMargin: 2.51164,
});
