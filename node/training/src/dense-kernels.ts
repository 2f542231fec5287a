// The inner loops. Sums stay in float64 locals, which V8 keeps in registers: that is what makes
// plain TypeScript fast here, and it loses no bits. Callers guarantee every index.

/**
 * out[at … at + dimension − 1] = Σ weights[e] · table[indices[e]] over entries start … end − 1.
 *
 * Eight columns at a time over all entries: no partial sum is ever stored and reloaded.
 *
 * @param table [rows × dimension]; dimension is a multiple of 8
 */
export function gatherRow(
  table: Float32Array,
  dimension: number,
  indices: Int32Array,
  weights: Float32Array,
  start: number,
  end: number,
  out: Float64Array,
  at: number,
): void {
  for (let d = 0; d < dimension; d += 8) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let s4 = 0;
    let s5 = 0;
    let s6 = 0;
    let s7 = 0;
    for (let e = start; e < end; e++) {
      const w = weights[e] as number;
      const p = (indices[e] as number) * dimension + d;
      s0 += w * (table[p] as number);
      s1 += w * (table[p + 1] as number);
      s2 += w * (table[p + 2] as number);
      s3 += w * (table[p + 3] as number);
      s4 += w * (table[p + 4] as number);
      s5 += w * (table[p + 5] as number);
      s6 += w * (table[p + 6] as number);
      s7 += w * (table[p + 7] as number);
    }
    const o = at + d;
    out[o] = s0;
    out[o + 1] = s1;
    out[o + 2] = s2;
    out[o + 3] = s3;
    out[o + 4] = s4;
    out[o + 5] = s5;
    out[o + 6] = s6;
    out[o + 7] = s7;
  }
}

/**
 * out[i, j] = Σ_k a[i, k] · b[j, k], in blocks of 4 × 4: sixteen sums for eight loads.
 *
 * @param a [m × k], m a multiple of 4
 * @param b [n × k], n a multiple of 4
 * @param out [m × n]
 */
export function multiplyTransposed(
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  m: number,
  n: number,
  k: number,
): void {
  for (let i = 0; i < m; i += 4) {
    for (let j = 0; j < n; j += 4) multiplyBlock(a, i * k, b, j * k, k, out, i * n + j, n);
  }
}

/** out[j, i] = a[i, j]. `a` is [m × n], `out` is [n × m]. */
export function transpose(a: Float64Array, out: Float64Array, m: number, n: number): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) out[j * m + i] = a[i * n + j] as number;
  }
}

/** One 4 × 4 block: rows of a from `ap`, rows of b from `bp`, into out from `o`, n cells a row. */
function multiplyBlock(
  a: Float64Array,
  ap: number,
  b: Float64Array,
  bp: number,
  k: number,
  out: Float64Array,
  o: number,
  n: number,
): void {
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  let s23 = 0;
  let s30 = 0;
  let s31 = 0;
  let s32 = 0;
  let s33 = 0;
  for (let p = 0; p < k; p++) {
    const b0 = b[bp + p] as number;
    const b1 = b[bp + p + k] as number;
    const b2 = b[bp + p + 2 * k] as number;
    const b3 = b[bp + p + 3 * k] as number;
    const a0 = a[ap + p] as number;
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    const a1 = a[ap + p + k] as number;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
    const a2 = a[ap + p + 2 * k] as number;
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
    s23 += a2 * b3;
    const a3 = a[ap + p + 3 * k] as number;
    s30 += a3 * b0;
    s31 += a3 * b1;
    s32 += a3 * b2;
    s33 += a3 * b3;
  }
  out[o] = s00;
  out[o + 1] = s01;
  out[o + 2] = s02;
  out[o + 3] = s03;
  out[o + n] = s10;
  out[o + n + 1] = s11;
  out[o + n + 2] = s12;
  out[o + n + 3] = s13;
  out[o + 2 * n] = s20;
  out[o + 2 * n + 1] = s21;
  out[o + 2 * n + 2] = s22;
  out[o + 2 * n + 3] = s23;
  out[o + 3 * n] = s30;
  out[o + 3 * n + 1] = s31;
  out[o + 3 * n + 2] = s32;
  out[o + 3 * n + 3] = s33;
}
