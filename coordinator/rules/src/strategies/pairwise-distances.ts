// Squared Euclidean distances between all pairs of models. Differences first, then squares: the
// shortcut by norms and products loses all digits where models are alike.

/** Elements that are read for one block of pairs: four of them fit the first cache. */
const BLOCK_ELEMENTS = 2048;

/** `[models × models]`, row-major, symmetric, zeros on the diagonal; sums in float64. */
export function pairwiseSquaredDistances(models: readonly Float32Array[]): Float64Array {
  const count = models.length;
  const elements = models[0]?.length ?? 0;
  const distances = new Float64Array(count * count);
  for (let from = 0; from < elements; from += BLOCK_ELEMENTS) {
    const to = Math.min(from + BLOCK_ELEMENTS, elements);
    for (let i = 0; i < count; i += 2) {
      for (let j = i; j < count; j += 2) addSquare(models, distances, i, j, from, to);
    }
  }
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) distances[i * count + j] = distances[j * count + i] as number;
  }
  return distances;
}

/** Four pairs at once, so that each value that is read serves two of them. */
function addSquare(
  models: readonly Float32Array[],
  distances: Float64Array,
  i: number,
  j: number,
  from: number,
  to: number,
): void {
  const count = models.length;
  const a = models[i] as Float32Array;
  const b = models[i + 1] ?? a;
  const c = models[j] as Float32Array;
  const d = models[j + 1] ?? c;
  let ac = 0;
  let ad = 0;
  let bc = 0;
  let bd = 0;
  for (let k = from; k < to; k++) {
    const x = a[k] as number;
    const y = b[k] as number;
    const u = c[k] as number;
    const v = d[k] as number;
    ac += (x - u) * (x - u);
    ad += (x - v) * (x - v);
    bc += (y - u) * (y - u);
    bd += (y - v) * (y - v);
  }
  const add = (row: number, column: number, sum: number): void => {
    if (row >= count || column >= count || row >= column) return;
    distances[row * count + column] = (distances[row * count + column] as number) + sum;
  };
  add(i, j, ac);
  add(i, j + 1, ad);
  add(i + 1, j, bc);
  add(i + 1, j + 1, bd);
}
