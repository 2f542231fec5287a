// ln n! to about fifteen digits: exact products below, Stirling's series above.

const EXACT_MAX = 170;
const EXACT = exactTable();
const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** ln n! of a whole number n >= 0. */
export function logFactorial(n: number): number {
  if (n <= EXACT_MAX) return EXACT[n] as number;
  const inverse = 1 / n;
  const square = inverse * inverse;
  const tail = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (n + 0.5) * Math.log(n) - n + HALF_LOG_TWO_PI + tail;
}

/** ln of n over k; −∞ when there is no such choice. */
export function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return Number.NEGATIVE_INFINITY;
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

function exactTable(): Float64Array {
  const table = new Float64Array(EXACT_MAX + 1);
  let product = 1;
  for (let n = 2; n <= EXACT_MAX; n++) {
    product *= n;
    table[n] = Math.log(product);
  }
  return table;
}
