// Symmetric InfoNCE with in-batch negatives (van den Oord et al. 2018, arXiv:1807.03748; both
// directions as in CLIP, Radford et al. 2021, arXiv:2103.00020):
//   L = 1/2B Σ_i [ln Σ_j e^{s_ij} − s_ii + ln Σ_j e^{s_ji} − s_ii],  s_ij = q_i · a_j / τ.

/** Below this, e^{(s − 1)/τ} with s ≥ −1 could leave float64's range and need a pass per row. */
export const TEMPERATURE_MIN = 0.005;

/**
 * Turns similarities into the loss and, in place, into its gradient ∂L/∂s · 1/τ.
 *
 * Cosines are at most 1, so that one shift by 1/τ keeps every exponential in range: a single
 * exponential per cell serves rows and columns.
 *
 * @param cosines [rows × stride], cell (i, j) = q_i · a_j; becomes ∂L/∂cosines; cells outside
 *   size × size are left alone
 * @param size examples in the batch
 * @param stride cells per row
 * @param queryKeys [size] equal keys mark equal query texts
 * @param answerKeys [size] equal keys mark equal answers: such pairs are no negatives of each other
 * @param sums [2 · stride] scratch
 * @returns the mean loss of the batch; NaN or infinite when the cosines are
 */
export function infoNce(
  cosines: Float64Array,
  size: number,
  stride: number,
  temperature: number,
  queryKeys: Int32Array,
  answerKeys: Int32Array,
  sums: Float64Array,
): number {
  const scale = 1 / temperature;
  sums.fill(0);
  let matched = 0;
  for (let i = 0; i < size; i++) {
    const query = queryKeys[i] as number;
    const answer = answerKeys[i] as number;
    let rowSum = 0;
    for (let j = 0; j < size; j++) {
      const at = i * stride + j;
      if (i !== j && (query === queryKeys[j] || answer === answerKeys[j])) {
        cosines[at] = 0;
        continue;
      }
      const cosine = cosines[at] as number;
      if (i === j) matched += cosine;
      const power = Math.exp((cosine - 1) * scale);
      cosines[at] = power;
      rowSum += power;
      sums[stride + j] = (sums[stride + j] as number) + power;
    }
    sums[i] = rowSum;
  }
  let logSums = 0;
  for (let i = 0; i < size; i++) {
    logSums += Math.log(sums[i] as number) + Math.log(sums[stride + i] as number);
    sums[i] = 1 / (sums[i] as number);
    sums[stride + i] = 1 / (sums[stride + i] as number);
  }
  powersToGradient(cosines, size, stride, scale / (2 * size), sums);
  return logSums / (2 * size) + (1 - matched / size) * scale;
}

function powersToGradient(
  powers: Float64Array,
  size: number,
  stride: number,
  factor: number,
  inverses: Float64Array,
): void {
  for (let i = 0; i < size; i++) {
    const rowInverse = inverses[i] as number;
    for (let j = 0; j < size; j++) {
      const at = i * stride + j;
      powers[at] =
        (powers[at] as number) * (rowInverse + (inverses[stride + j] as number)) * factor;
    }
    powers[i * stride + i] = (powers[i * stride + i] as number) - 2 * factor;
  }
}
