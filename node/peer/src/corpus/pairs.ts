// Pairs of one site: each answer once, dealt to train, validation and test by its own hash, so that
// a declaration stays in its split whatever else the site holds.

/** A query and the text that answers it. */
export interface Pair {
  readonly query: string;
  readonly answer: string;
}

export type Split = 'train' | 'validation' | 'test';

/** Shares of the splits in percent of the hash space: 80, 10, 10. */
const TRAIN_PERCENT = 80;
const VALIDATION_PERCENT = 10;

/** Keeps the first pair of every distinct answer, so that a query's target is unique. In order. */
export function distinctPairs(pairs: Iterable<Pair>): Pair[] {
  const seen = new Set<string>();
  const kept: Pair[] = [];
  for (const pair of pairs) {
    if (seen.has(pair.answer)) continue;
    seen.add(pair.answer);
    kept.push(pair);
  }
  return kept;
}

/** The split of an answer text: a function of its characters and the seed alone. */
export function splitOf(answer: string, seed: number): Split {
  const percent = (textHash(answer, seed) / 4294967296) * 100;
  if (percent < TRAIN_PERCENT) return 'train';
  return percent < TRAIN_PERCENT + VALIDATION_PERCENT ? 'validation' : 'test';
}

/** Positions in `pairs` of every split, each ascending. */
export function splitPairs(pairs: readonly Pair[], seed: number): Record<Split, number[]> {
  const splits: Record<Split, number[]> = { train: [], validation: [], test: [] };
  for (const [at, pair] of pairs.entries()) splits[splitOf(pair.answer, seed)].push(at);
  return splits;
}

/** FNV-1a over UTF-16 code units with MurmurHash3's finaliser: 32 bits, unsigned. */
export function textHash(text: string, seed: number): number {
  let h = 0x811c9dc5 ^ Math.imul(seed | 0, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
