// AssemblyScript: the entry of the second module, which inverted lists and k-means run on.

export { nearestCentroids, squaresToNearest } from './nearest-centroid';
export { nearestShort } from './nearest-short';
export { rankCodes, rankListed } from './rank-codes';
export { configure } from './regions';
