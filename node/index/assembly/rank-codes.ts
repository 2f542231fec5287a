// What a code other than a row of float32 or of plain bytes is ranked by, and ranks of many rows
// that need no graph. A prepared query may look unlike a row.

import {
  F16_COSINE,
  F16_DOT,
  F16_EUCLIDEAN,
  F16_MANHATTAN,
  HAMMING,
  MANHATTAN_BYTES,
  PQ4,
  PQ8,
  SIGNED_DOT_BYTES,
} from '../src/memory/memory-map';
import { rankKey } from './rank';
import { hammingDistance, rabitqRank } from './rank-bits';
import { halfDotProduct, halfManhattan, squaredHalfEuclidean } from './rank-half';
import { floatKey } from './rank-key';
import { pq4Rank, pq8Rank } from './rank-product';
import { byteManhattan, signedByteDotProduct } from './rank-signed-bytes';
import { measure, rowBytes } from './regions';

export function codeKey(query: usize, row: usize): u32 {
  if (measure == MANHATTAN_BYTES) return byteManhattan(query, row);
  if (measure == SIGNED_DOT_BYTES) return floatKey(0 - signedByteDotProduct(query, row));
  if (measure == F16_COSINE) return floatKey(1 - halfDotProduct(query, row));
  if (measure == F16_EUCLIDEAN) return floatKey(squaredHalfEuclidean(query, row));
  if (measure == F16_DOT) return floatKey(0 - halfDotProduct(query, row));
  if (measure == F16_MANHATTAN) return floatKey(halfManhattan(query, row));
  if (measure == PQ8) return floatKey(pq8Rank(query, row));
  if (measure == PQ4) return floatKey(pq4Rank(query, row));
  if (measure == HAMMING) return hammingDistance(query, row);
  return floatKey(rabitqRank(query, row));
}

/** Writes the keys of `count` rows that lie one after the other from `rows` on. */
export function rankCodes(query: usize, rows: usize, count: i32, keys: usize): void {
  for (let i = 0; i < count; i++, rows += rowBytes) {
    store<u32>(keys + ((<usize>i) << 2), rankKey(query, rows));
  }
}

/** Writes the keys of the rows of `count` slots, where the row of slot 0 lies at `rows`. */
export function rankListed(query: usize, rows: usize, slots: usize, count: i32, keys: usize): void {
  for (let i = 0; i < count; i++) {
    const at = (<usize>i) << 2;
    store<u32>(keys + at, rankKey(query, rows + <usize>load<i32>(slots + at) * rowBytes));
  }
}
