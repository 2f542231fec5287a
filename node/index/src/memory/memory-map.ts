// The start of an index's flat memory is a directory: word n holds the address of region n. The
// TypeScript side and the WebAssembly kernel both compile this file, so it holds constants only.

/** Distances computed since a search began; a counter, not an address. */
export const DISTANCES = 0;
/** Rows, each padded with zeros to `rowBytes`. */
export const ROWS = 1;
/** Parent of each slot in the spanning tree, i32. */
export const PARENTS = 2;
/** Epoch of the search that saw a slot last, u16. */
export const MARKS = 3;
/** C of Algorithm 2, entries of eight bytes. */
export const CANDIDATES = 4;
/** W of Algorithm 2, complemented entries. */
export const RESULTS = 5;
/** Entries that the last search of a layer found, nearest first. */
export const FOUND = 6;
/** Entries to choose neighbours from, nearest first. */
export const POOL = 7;
/** Entries that the neighbour selection chose. */
export const CHOSEN = 8;
/** Entries that it discarded and may keep after all. */
export const DISCARDED = 9;
/** The query as a row. */
export const QUERY = 10;
/** Slots that TypeScript passes, i32. */
export const SLOTS = 11;
/** Rank keys that the kernel passes back, u32. */
export const KEYS = 12;
/** Neighbours about to be compared, i32. */
export const FRESH = 13;

/** The regions of layer ℓ begin at `LAYERS + LAYER_REGIONS * ℓ`. */
export const LAYERS = 16;
export const LAYER_REGIONS = 4;
export const ROW_OF_SLOT = 0;
export const DEGREES = 1;
export const LINKS = 2;
export const DIVERSE_DEGREES = 3;

/** Words of the directory: sixteen layers. */
export const DIRECTORY_WORDS = 80;

/** How two rows are compared. */
export const COSINE = 0;
export const EUCLIDEAN = 1;
export const DOT = 2;
export const MANHATTAN = 3;
/** Of rows of bytes; their keys are exact. */
export const EUCLIDEAN_BYTES = 4;
export const DOT_BYTES = 5;
export const MANHATTAN_BYTES = 6;
/** Of signed bytes behind their scale. */
export const SIGNED_DOT_BYTES = 7;
/** Of rows of half floats. */
export const F16_COSINE = 8;
export const F16_EUCLIDEAN = 9;
export const F16_DOT = 10;
export const F16_MANHATTAN = 11;
/** Of a prepared query and a row of codes. */
export const PQ8 = 12;
export const PQ4 = 13;
export const RABITQ = 14;
/** Of rows of bits. */
export const HAMMING = 15;

/** An entry is key · 2³² + flags · 2²⁴ + slot. */
export const SLOT_MASK = 0xffffff;
/** Nearer to the centre than to every fellow with this flag; known from before. */
export const DIVERSE_BEFORE = 0x2000000;
/** The same, found just now. */
export const DIVERSE_NOW = 0x1000000;
