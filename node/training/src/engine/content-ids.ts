// A number for the content of every row, the same for the same content wherever it stands: pieces of
// a stream need no common table.

import { mix32 } from '../seeded-random.ts';
import type { Targets } from './samples.ts';

/**
 * 64 bits of each row's bytes, int64 [rows]. Two rows of other content share theirs once in 2^64; then
 * one negative less is seen.
 */
export function contentIds(values: Targets, rows: number): BigInt64Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const width = bytes.length / rows;
  const ids = new Uint32Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    let [low, high] = [1, 2];
    for (let at = row * width; at < (row + 1) * width; at++) {
      const byte = bytes[at] as number;
      low = Math.imul(low ^ byte, 0x01000193);
      high = Math.imul(high ^ byte, 0x85ebca6b) + low;
    }
    ids[2 * row] = mix32(low);
    ids[2 * row + 1] = mix32(high);
  }
  return new BigInt64Array(ids.buffer);
}
