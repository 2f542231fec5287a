// Where things are in the memory of one index. It starts with a head of words: addresses of the
// regions, facts that never change while the memory lives, and the shared state of the graph. Each
// thread that works on the memory has a scratch area, which starts with a head of its own. The
// TypeScript side and the WebAssembly kernel both compile this file: constants only.

/** Stored rows, each padded with zeros to `rowBytes`. */
export const ROWS = 1;
/** Base-layer links, [slots × degreeMax] i32. */
export const LINKS = 2;
/** Base-layer links in use, u8 per slot. */
export const DEGREES = 3;
/** How many of the first base links are known to be diverse, u8 per slot; a memo. */
export const DIVERSE_DEGREES = 4;
/** On how many layers a slot is, u8; 0 for a slot that is not in the graph. */
export const LAYER_COUNTS = 5;
/** Parent of each slot in the spanning tree, i32, -1 at its root. */
export const PARENTS = 6;
/** Edges of each slot in the spanning tree, u8. */
export const TREE_DEGREES = 7;
/** One bit per slot that searches may return and walk through. */
export const ALIVE = 8;
/** First upper block of each slot, i32; meaningless for slots of the base layer alone. */
export const UPPER_OFFSETS = 9;
/** Blocks of upper layers: a word of degrees, then M links. */
export const UPPER = 10;
/** Spin locks, i32, shared by the slots that have the same last bits. */
export const LOCKS = 11;
/** Float32 rows beside codes, which are ROWS then. */
export const EXACT_ROWS = 12;

/** Slots that the regions have room for. */
export const CAPACITY = 16;
export const ROW_BYTES = 17;
/** How two rows are compared, one of the measures below. */
export const MEASURE = 18;
/** The M of the paper. */
export const M_LINKS = 19;
export const EF_CONSTRUCTION = 20;
/** Links that a base list has room for: 2·M, but what a byte can count at most. */
export const BASE_DEGREE_MAX = 21;
/** Bytes after which most rows are known to be too far; 0 where rows are compared whole. */
export const START_BYTES = 22;

/** Slots that were ever used. */
export const SLOT_COUNT = 32;
/** Top layer · 2²⁴ + entry slot; -1 for an empty graph. Changes in one store. */
export const ENTRY = 33;
/** Held by whoever inserts a row above the top layer. */
export const ENTRY_LOCK = 34;
/** Slots that died and to which links may remain. */
export const DEAD_COUNT = 35;

export const HEAD_BYTES = 256;
export const LOCK_COUNT = 1024;
export const NO_ENTRY = -1;
export const DEGREE_MAX = 255;

/** Distances computed since the counter was cleared. */
export const DISTANCES = 0;
/** Slots whose links a search followed. */
export const EXPANDED = 1;
/** Links that a search read. */
export const LINKS_READ = 2;
/** Most candidates that waited at one time since the memory was made. */
export const CANDIDATES_MAX = 3;
/** The query as it is compared with rows. */
export const QUERY = 16;
/** Neighbours about to be compared, i32. */
export const FRESH = 17;
/** Neighbours of the slot that is inserted or removed, i32. */
export const AROUND = 18;
/** Slots that link to the one that is removed, i32, and their degrees before, i32. */
export const SOURCES = 19;
export const SOURCE_DEGREES = 20;
/** Roots of subtrees that wait for a place, i32. */
export const WAITING = 21;
/** W of Algorithm 2, complemented entries. */
export const RESULTS = 22;
/** Entries that the last search found, nearest first. */
export const FOUND = 23;
/** Entries to choose neighbours from, nearest first; the trace of a search, i32. */
export const POOL = 24;
/** Entries that the neighbour selection chose. */
export const CHOSEN = 25;
/** Entries that it discarded and may keep after all. */
export const DISCARDED = 26;
/** Epoch of the search that saw a slot last, u8. */
export const MARKS = 27;
/** One bit per slot that a filtered search may return. */
export const ACCEPT = 28;
/** C of Algorithm 2, entries of eight bytes, room for every slot. */
export const CANDIDATES = 29;
/** The query as it is compared with EXACT_ROWS. */
export const EXACT_QUERY = 30;

export const SCRATCH_HEAD_BYTES = 128;
/** Slots that link to a removed one and are repaired at once; the sweep finds the others. */
export const SOURCES_MAX = 1024;
/** Room of the pool, whatever the width of a beam. */
export const POOL_MIN = 2048;

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
