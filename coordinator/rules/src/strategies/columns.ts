// Rules that judge coordinate by coordinate: the columns of many models, block by block, so that a
// column lies together in memory while it is ordered.

/** Columns that are gathered at once: 64 of 100 models fill 25 KiB. */
const BLOCK_COLUMNS = 64;

/**
 * The next model, `[elements]`: `judge` of every column. A column is `values[from … from + models)`,
 * one value of each model; it may be reordered.
 */
export function overColumns(
  models: readonly Float32Array[],
  judge: (values: Float32Array, from: number) => number,
): Float32Array {
  const count = models.length;
  const next = new Float32Array(models[0]?.length ?? 0);
  const block = new Float32Array(BLOCK_COLUMNS * count);
  for (let start = 0; start < next.length; start += BLOCK_COLUMNS) {
    const columns = Math.min(BLOCK_COLUMNS, next.length - start);
    for (const [row, model] of models.entries()) {
      // + 0 makes −0 to 0, so that the order of models changes no bit.
      for (let c = 0; c < columns; c++) block[c * count + row] = (model[start + c] as number) + 0;
    }
    for (let c = 0; c < columns; c++) next[start + c] = judge(block, c * count);
  }
  return next;
}

/**
 * Puts the value that belongs at `place` there, none greater before it and none smaller behind it,
 * within `values[low … high]` (Hoare's selection, median of three).
 */
export function selectPlace(values: Float32Array, low: number, high: number, place: number): void {
  let left = low;
  let right = high;
  while (left < right) {
    const pivot = medianOfThree(
      values[left] as number,
      values[(left + right) >>> 1] as number,
      values[right] as number,
    );
    let i = left;
    let j = right;
    while (i <= j) {
      while ((values[i] as number) < pivot) i++;
      while ((values[j] as number) > pivot) j--;
      if (i > j) break;
      const kept = values[i] as number;
      values[i] = values[j] as number;
      values[j] = kept;
      i++;
      j--;
    }
    if (place <= j) right = j;
    else if (place >= i) left = i;
    else return;
  }
}

/** The median of `values[from … from + count)`, which it reorders; an even count takes the middle. */
export function medianOf(values: Float32Array, from: number, count: number): number {
  const place = from + (count >> 1);
  selectPlace(values, from, from + count - 1, place);
  const upper = values[place] as number;
  if (count % 2 === 1) return upper;
  let lower = values[from] as number;
  for (let i = from + 1; i < place; i++) {
    const value = values[i] as number;
    if (value > lower) lower = value;
  }
  return (lower + upper) / 2;
}

function medianOfThree(a: number, b: number, c: number): number {
  if (a < b) return b < c ? b : Math.max(a, c);
  return a < c ? a : Math.max(b, c);
}
