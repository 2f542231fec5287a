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
 * out[i, j] = Σ_k a[i, k] · b[j, k], in blocks of 4 × 2.
 *
 * @param a [m × k], m a multiple of 4
 * @param b [n × k], n a multiple of 2
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
    const a0 = i * k;
    const a1 = a0 + k;
    const a2 = a1 + k;
    const a3 = a2 + k;
    for (let j = 0; j < n; j += 2) {
      const b0 = j * k;
      const b1 = b0 + k;
      let s00 = 0;
      let s01 = 0;
      let s10 = 0;
      let s11 = 0;
      let s20 = 0;
      let s21 = 0;
      let s30 = 0;
      let s31 = 0;
      for (let p = 0; p < k; p++) {
        const x = b[b0 + p] as number;
        const y = b[b1 + p] as number;
        const u0 = a[a0 + p] as number;
        const u1 = a[a1 + p] as number;
        const u2 = a[a2 + p] as number;
        const u3 = a[a3 + p] as number;
        s00 += u0 * x;
        s01 += u0 * y;
        s10 += u1 * x;
        s11 += u1 * y;
        s20 += u2 * x;
        s21 += u2 * y;
        s30 += u3 * x;
        s31 += u3 * y;
      }
      const o = i * n + j;
      out[o] = s00;
      out[o + 1] = s01;
      out[o + n] = s10;
      out[o + n + 1] = s11;
      out[o + 2 * n] = s20;
      out[o + 2 * n + 1] = s21;
      out[o + 3 * n] = s30;
      out[o + 3 * n + 1] = s31;
    }
  }
}

/** out[j, i] = a[i, j]. `a` is [m × n], `out` is [n × m]. */
export function transpose(a: Float64Array, out: Float64Array, m: number, n: number): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) out[j * m + i] = a[i * n + j] as number;
  }
}
