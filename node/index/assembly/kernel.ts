// AssemblyScript: the hot loops of the index over flat memory, compiled to WebAssembly SIMD.
// Everything is addressed by hand; nothing is allocated here.

export { poolFound, poolSlots, poolTargets, rankRows } from './candidate-pool';
export { leastRank, rankCentroids } from './rank-centroids';
export { rankCodes, rankSlots } from './rank-codes';
export { scanPq4Blocks } from './rank-pq4-blocks';
export { configure } from './regions';
export { descend, searchLayer } from './search-layer';
export { selectNeighbours } from './select-neighbours';
