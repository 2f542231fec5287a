// AssemblyScript: the graph and its searches over flat memory, compiled to WebAssembly SIMD.
// Everything is addressed by hand; nothing is allocated here.

export { insert } from './insert';
export { attach } from './regions';
export { remove } from './remove';
export { relink, sweep } from './repair';
export { rankRows, rankRowsWithin, rankSlots, scan } from './scan';
export { search } from './search-layer';
