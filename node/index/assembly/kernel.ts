// AssemblyScript: the graph and its searches over flat memory, compiled to WebAssembly SIMD.
// Everything is addressed by hand; nothing is allocated here.

export { insert } from './insert';
export { leastRank, rankCentroids } from './rank-centroids';
export { rankCodes, rankListed } from './rank-codes';
export { scanPq4Blocks } from './rank-pq4-blocks';
export { attach, viewRows } from './regions';
export { remove } from './remove';
export { relink, sweep } from './repair';
export { rerank } from './rerank';
export { rankRows, rankRowsWithin, rankSlots, scan } from './scan';
export { search } from './search-layer';
