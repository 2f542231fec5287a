/** The mean of `[n × dimension]` rows, `[dimension]`. */
export function meanOf(rows: Float32Array, dimension: number): Float32Array {
  const sums = new Float64Array(dimension);
  for (let i = 0; i < rows.length; i++) {
    sums[i % dimension] = (sums[i % dimension] as number) + (rows[i] as number);
  }
  const count = rows.length / dimension;
  return Float32Array.from(sums, (sum) => sum / count);
}
