// Text → sparse features by the hashing trick (Weinberger et al. 2009, arXiv:0902.2206): words
// (camelCase and snake_case split, lower-cased) and character 4-grams of each marked word, weighted
// 1 + ln tf and L2-normalised. Integer hashing and exactly rounded operations only: every platform
// computes the same bits.
import { mix32 } from './seeded-random.ts';
import type { SparseRows } from './sparse-rows.ts';

/** Characters of one text that are read; the rest is ignored. */
export const TEXT_LENGTH_MAX = 4096;
/** Characters of one word that are read. */
const WORD_LENGTH_MAX = 48;
/** Distinct features of one text; the first ones win. */
export const FEATURES_PER_TEXT_MAX = 512;

const GRAM_LENGTH = 4;
const TERM_COUNT_MAX = 64;
const logTable = logarithms(TERM_COUNT_MAX);

/**
 * Hashes texts into `buckets` features each.
 *
 * @param texts one text per row; characters past `TEXT_LENGTH_MAX` are ignored
 * @param buckets number of hash buckets, a power of two up to 2^20
 * @returns `texts.length` rows with distinct ascending buckets and unit L2 norm; no words: no entries
 */
export function hashTexts(texts: readonly string[], buckets: number): SparseRows {
  if (!Number.isInteger(Math.log2(buckets)) || buckets > 1 << 20) {
    throw new RangeError(`buckets must be a power of two up to 2^20, got ${buckets}`);
  }
  const counter = {
    counts: new Int32Array(buckets),
    touched: new Int32Array(FEATURES_PER_TEXT_MAX),
  };
  const offsets = new Int32Array(texts.length + 1);
  const rows = texts.map((text, row) => {
    const found = countFeatures(text, buckets - 1, counter);
    offsets[row + 1] = (offsets[row] as number) + found;
    return weighted(counter.touched.slice(0, found).sort(), counter.counts);
  });
  const entries = offsets[texts.length] as number;
  const indices = new Int32Array(entries);
  const weights = new Float32Array(entries);
  for (const [row, features] of rows.entries()) {
    indices.set(features.indices, offsets[row]);
    weights.set(features.weights, offsets[row]);
  }
  return { rows: texts.length, buckets, offsets, indices, weights };
}

/** The words of a text as the encoder sees them: split at case changes, lower-cased. */
export function words(text: string): string[] {
  const capped = text.slice(0, TEXT_LENGTH_MAX);
  const found: string[] = [];
  for (const run of capped.match(/[\p{L}\p{N}]+/gu) ?? []) {
    for (const part of run.split(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)) {
      found.push(part.slice(0, WORD_LENGTH_MAX).toLowerCase());
    }
  }
  return found;
}

interface FeatureCounter {
  readonly counts: Int32Array;
  readonly touched: Int32Array;
}

function countFeatures(text: string, mask: number, counter: FeatureCounter): number {
  let found = 0;
  const count = (hash: number) => {
    const bucket = mix32(hash) & mask;
    const seen = counter.counts[bucket] as number;
    if (seen === 0) {
      if (found === FEATURES_PER_TEXT_MAX) return;
      counter.touched[found++] = bucket;
    }
    counter.counts[bucket] = seen + 1;
  };
  for (const word of words(text)) {
    count(fnv1a(word, 0, word.length, 0x811c9dc5));
    const marked = `<${word}>`;
    for (let start = 0; start + GRAM_LENGTH <= marked.length; start++) {
      count(fnv1a(marked, start, start + GRAM_LENGTH, 0x2f0b4c47));
    }
  }
  return found;
}

/** Takes the counts of one row, leaving the counter at zero for the next. */
function weighted(indices: Int32Array, counts: Int32Array) {
  const weights = new Float32Array(indices.length);
  let squares = 0;
  for (const [i, bucket] of indices.entries()) {
    const weight = 1 + (logTable[Math.min(counts[bucket] as number, TERM_COUNT_MAX)] as number);
    weights[i] = weight;
    squares += weight * weight;
    counts[bucket] = 0;
  }
  const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] as number) * scale;
  return { indices, weights };
}

/** FNV-1a over UTF-16 code units, from a basis that keeps words and grams apart. */
function fnv1a(text: string, start: number, end: number, basis: number): number {
  let hash = basis | 0;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** ln 1 … ln max by ln n = ln(n−1) + 2·artanh(1/(2n−1)): Math.log may differ between engines. */
function logarithms(max: number): Float64Array {
  const table = new Float64Array(max + 1);
  for (let n = 2; n <= max; n++) {
    const z = 1 / (2 * n - 1);
    let power = z;
    let sum = 0;
    for (let k = 1; k < 40; k += 2) {
      sum += power / k;
      power *= z * z;
    }
    table[n] = (table[n - 1] as number) + 2 * sum;
  }
  return table;
}
