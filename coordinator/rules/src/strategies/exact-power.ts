// Powers from products and square roots only, so that every machine gets the same bits.

/** base^exponent for a whole exponent of at least 0, by squaring. */
export function wholePower(base: number, exponent: number): number {
  let power = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power *= square;
    square *= square;
  }
  return power;
}

/** Bits of the exponent's fraction that count: 2⁻⁵² of it is beyond a double. */
const FRACTION_BITS = 52;

/** base^exponent for base > 0 and any finite exponent, within some 10⁻¹⁴ of itself. */
export function realPower(base: number, exponent: number): number {
  if (exponent < 0) return 1 / realPower(base, -exponent);
  const whole = Math.floor(exponent);
  let power = wholePower(base, whole);
  let fraction = exponent - whole;
  let root = base;
  for (let bit = 0; bit < FRACTION_BITS && fraction > 0; bit++) {
    root = Math.sqrt(root);
    fraction *= 2;
    if (fraction >= 1) {
      power *= root;
      fraction -= 1;
    }
  }
  return power;
}
