// Ranks of product-quantised rows against the tables of a prepared query (Jégou, Douze & Schmid
// 2011, section III: asymmetric distances), a row at a time. Tables are looked up one by one:
// WebAssembly has no gather.

const HEAD_BYTES: usize = 16;

/**
 * row:   a byte per subspace
 * query: f32 bias, u32 subspaces, a multiple of four | 16: 256 float32 per subspace
 */
export function pq8Rank(query: usize, row: usize): f32 {
  let sum0: f32 = 0;
  let sum1: f32 = 0;
  let sum2: f32 = 0;
  let sum3: f32 = 0;
  const end = row + <usize>load<u32>(query, 4);
  let table = query + HEAD_BYTES;
  for (; row < end; row += 4, table += 4096) {
    const codes = load<u32>(row);
    sum0 += load<f32>(table + <usize>((codes & 0xff) << 2));
    sum1 += load<f32>(table + <usize>((codes >>> 6) & 0x3fc), 1024);
    sum2 += load<f32>(table + <usize>((codes >>> 14) & 0x3fc), 2048);
    sum3 += load<f32>(table + <usize>((codes >>> 22) & 0x3fc), 3072);
  }
  return load<f32>(query) + (sum0 + sum1 + (sum2 + sum3));
}

/**
 * row:   two subspaces to a byte, the first in the low half
 * query: f32 bias, f32 step, u32 bytes of codes, a multiple of four | 16: 16 bytes per subspace
 */
export function pq4Rank(query: usize, row: usize): f32 {
  let even: u32 = 0;
  let odd: u32 = 0;
  const end = row + <usize>load<u32>(query, 8);
  let table = query + HEAD_BYTES;
  for (; row < end; row += 4, table += 128) {
    const codes = load<u32>(row);
    even += <u32>load<u8>(table + <usize>(codes & 0xf));
    odd += <u32>load<u8>(table + <usize>((codes >>> 4) & 0xf), 16);
    even += <u32>load<u8>(table + <usize>((codes >>> 8) & 0xf), 32);
    odd += <u32>load<u8>(table + <usize>((codes >>> 12) & 0xf), 48);
    even += <u32>load<u8>(table + <usize>((codes >>> 16) & 0xf), 64);
    odd += <u32>load<u8>(table + <usize>((codes >>> 20) & 0xf), 80);
    even += <u32>load<u8>(table + <usize>((codes >>> 24) & 0xf), 96);
    odd += <u32>load<u8>(table + <usize>(codes >>> 28), 112);
  }
  return load<f32>(query) + load<f32>(query, 4) * <f32>(even + odd);
}
