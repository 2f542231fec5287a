// Ranks of rows of bits: the Hamming distance, and the estimate of RaBitQ (Gao & Long, SIGMOD
// 2024, section 3.3.2), where the bits of the query's components lie in planes. Words of 64 bits:
// processors count their ones in one step, and those of sixteen bytes in a dozen.

import { rowBytes } from './regions';

const ROW_HEAD_BYTES: usize = 16;
const QUERY_HEAD_BYTES: usize = 32;

export function hammingDistance(a: usize, b: usize): u32 {
  let even: u64 = 0;
  let odd: u64 = 0;
  const end = a + rowBytes;
  for (; a < end; a += 16, b += 16) {
    even += popcnt<u64>(load<u64>(a) ^ load<u64>(b));
    odd += popcnt<u64>(load<u64>(a, 8) ^ load<u64>(b, 8));
  }
  return <u32>(even + odd);
}

/**
 * row:   f32 own term, factor, ones | 16: bits
 * query: f32 own term, weight of the ones, of the planes' sum, constant; u32 planes |
 *        32: for every 16 bytes of the row the planes, lowest first
 */
export function rabitqRank(query: usize, row: usize): f32 {
  const bits = row + ROW_HEAD_BYTES;
  const end = row + rowBytes;
  const planes = query + QUERY_HEAD_BYTES;
  const isNibble = load<u32>(query, 16) == 4;
  const stride: usize = isNibble ? 64 : 128;
  let sum = nibbleSum(planes, stride, bits, end);
  if (!isNibble) sum += nibbleSum(planes + 64, stride, bits, end) << 4;
  const product =
    load<f32>(query, 4) * load<f32>(row, 8) + load<f32>(query, 8) * <f32>sum + load<f32>(query, 12);
  return load<f32>(query) + load<f32>(row) + load<f32>(row, 4) * product;
}

// Four planes, weighted 1, 2, 4 and 8.
function nibbleSum(planes: usize, stride: usize, bits: usize, end: usize): u32 {
  let sum0: u64 = 0;
  let sum1: u64 = 0;
  let sum2: u64 = 0;
  let sum3: u64 = 0;
  for (; bits < end; bits += 16, planes += stride) {
    const low = load<u64>(bits);
    const high = load<u64>(bits, 8);
    sum0 += popcnt<u64>(low & load<u64>(planes)) + popcnt<u64>(high & load<u64>(planes, 8));
    sum1 += popcnt<u64>(low & load<u64>(planes, 16)) + popcnt<u64>(high & load<u64>(planes, 24));
    sum2 += popcnt<u64>(low & load<u64>(planes, 32)) + popcnt<u64>(high & load<u64>(planes, 40));
    sum3 += popcnt<u64>(low & load<u64>(planes, 48)) + popcnt<u64>(high & load<u64>(planes, 56));
  }
  return <u32>(sum0 + (sum1 << 1) + (sum2 << 2) + (sum3 << 3));
}
