// The fast scan of 4-bit product quantisation (André, Kermarrec & Le Scouarnec, VLDB 2015): a
// table of 16 bytes is one vector, and one swizzle looks sixteen rows up in it.

const HEAD_BYTES: usize = 16;
/** Subspaces whose table entries of up to 255 fit in 16 bits together. */
const SUBSPACES_OF_16_BITS = 256;

/**
 * Writes the keys of 32 · `blockCount` rows to `keys`, those that `rankKey` gives.
 *
 * block: per subspace 16 bytes; byte i holds row i in its low half, row 16 + i in its high half
 * query: as `pq4Rank` reads it
 */
export function scanPq4Blocks(query: usize, blocks: usize, blockCount: i32, keys: usize): void {
  const tables = query + HEAD_BYTES;
  const subspaces = (<usize>load<u32>(query, 8)) << 1;
  const bias = f32x4.splat(load<f32>(query));
  const step = f32x4.splat(load<f32>(query, 4));
  for (let i = 0; i < blockCount; i++, keys += 128) {
    memory.fill(keys, 0, 128);
    for (let first: usize = 0; first < subspaces; first += SUBSPACES_OF_16_BITS) {
      const count = min<usize>(subspaces - first, SUBSPACES_OF_16_BITS);
      addSums(tables + (first << 4), blocks, count, keys);
      blocks += count << 4;
    }
    for (let at = keys; at < keys + 128; at += 16) {
      const sums = f32x4.convert_i32x4_u(v128.load(at));
      v128.store(at, floatKeys(f32x4.add(bias, f32x4.mul(step, sums))));
    }
  }
}

// Adds the entries of up to 256 subspaces to 32 sums of 32 bits. A lane of 16 bits gathers the
// entries of an even row and, 256-fold, those of the odd row after it, which go off at the end.
function addSums(table: usize, codes: usize, count: usize, sums: usize): void {
  // V8 makes a constant vector anew wherever it is used. No compiler knows that `count` < 512.
  const low = i8x16.splat(<i8>(0xf | (count >> 9)));
  let mixed0 = i16x8.splat(0);
  let odd0 = i16x8.splat(0);
  let mixed1 = i16x8.splat(0);
  let odd1 = i16x8.splat(0);
  const end = codes + (count << 4);
  for (; codes < end; codes += 16, table += 16) {
    const entries = v128.load(table);
    const pair = v128.load(codes);
    const first = i8x16.swizzle(entries, v128.and(pair, low));
    const second = i8x16.swizzle(entries, v128.and(i16x8.shr_u(pair, 4), low));
    mixed0 = i16x8.add(mixed0, first);
    odd0 = i16x8.add(odd0, i16x8.shr_u(first, 8));
    mixed1 = i16x8.add(mixed1, second);
    odd1 = i16x8.add(odd1, i16x8.shr_u(second, 8));
  }
  addPairs(sums, i16x8.sub(mixed0, i16x8.shl(odd0, 8)), odd0);
  addPairs(sums + 64, i16x8.sub(mixed1, i16x8.shl(odd1, 8)), odd1);
}

function addPairs(sums: usize, even: v128, odd: v128): void {
  const first = i8x16.shuffle(even, odd, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
  const second = i8x16.shuffle(
    even,
    odd,
    8,
    9,
    24,
    25,
    10,
    11,
    26,
    27,
    12,
    13,
    28,
    29,
    14,
    15,
    30,
    31,
  );
  add(sums, i32x4.extend_low_i16x8_u(first));
  add(sums + 16, i32x4.extend_high_i16x8_u(first));
  add(sums + 32, i32x4.extend_low_i16x8_u(second));
  add(sums + 48, i32x4.extend_high_i16x8_u(second));
}

function add(sums: usize, more: v128): void {
  v128.store(sums, i32x4.add(v128.load(sums), more));
}

// `floatKey` of four ranks.
function floatKeys(ranks: v128): v128 {
  return v128.xor(ranks, v128.or(i32x4.shr_s(ranks, 31), i32x4.splat(0x80000000)));
}
