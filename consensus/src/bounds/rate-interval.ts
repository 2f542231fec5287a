// What is known of a probability after some of many cases were hits.

export interface RateInterval {
  readonly low: number;
  readonly high: number;
}

/** Two-sided 95 %. */
const Z = 1.959963984540054;

/**
 * Wilson's interval (1927) for `hits` of `cases`, at 95 %.
 * @throws {RangeError} unless 0 <= hits <= cases and there are cases
 */
export function wilsonInterval(hits: number, cases: number): RateInterval {
  if (!(cases >= 1 && hits >= 0 && hits <= cases)) {
    throw new RangeError(`0 <= hits <= cases, but ${hits} of ${cases}`);
  }
  const rate = hits / cases;
  const spread = (Z * Z) / cases;
  const centre = (rate + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((rate * (1 - rate) + spread / 4) / cases);
  return {
    low: hits === 0 ? 0 : Math.max(0, centre - half),
    high: hits === cases ? 1 : Math.min(1, centre + half),
  };
}

/** A rate for people: of nothing seen in N cases no more is known than "< 3/N" (rule of three). */
export function rateText(hits: number, cases: number): string {
  if (hits === 0) return `< 3/${cases}`;
  const percent = (hits / cases) * 100;
  return `${percent >= 10 ? percent.toFixed(0) : percent.toPrecision(2)}%`;
}
