// Where a value stands along an axis, and which values are named beside it.

export interface Tick {
  readonly value: number;
  readonly text: string;
}

export interface Axis {
  readonly label: string;
  readonly ticks: readonly Tick[];
  /** 0 at the left or bottom end, 1 at the other one. */
  place(value: number): number;
}

/** An axis of equal steps from `min` to `max`. */
export function linearAxis(label: string, min: number, max: number): Axis {
  const span = max > min ? max - min : 1;
  const step = niceStep(span / 6);
  const ticks: Tick[] = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= min + span * (1 + 1e-9); i++) {
    ticks.push({ value: i * step, text: plainText(i * step) });
  }
  return { label, ticks, place: (value) => (value - min) / span };
}

/** An axis of equal factors from `min` to `max`, both above 0. */
export function logAxis(label: string, min: number, max: number): Axis {
  const top = max > min ? max : min * 10;
  const decades = Math.log10(top / min);
  const ticks: Tick[] = [];
  const every = Math.max(1, Math.ceil(decades / 9));
  const digits = decades < 1.5 ? [1, 2, 3, 5, 7] : decades < 3.5 ? [1, 2, 5] : [1];
  for (let power = Math.floor(Math.log10(min)); power <= Math.log10(top) + 1e-9; power++) {
    if (digits.length === 1 && power % every !== 0) continue;
    for (const digit of digits) {
      const value = digit * 10 ** power;
      const isInside = value >= min * (1 - 1e-9) && value <= top * (1 + 1e-9);
      if (isInside) ticks.push({ value, text: powerText(digit, power) });
    }
  }
  return { label, ticks, place: (value) => Math.log(value / min) / Math.log(top / min) };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = [1, 2, 2.5, 5, 10].find((digit) => digit * power >= rough) ?? 10;
  return nice * power;
}

function plainText(value: number): string {
  return Number(value.toPrecision(10)).toLocaleString('en-US', { maximumFractionDigits: 6 });
}

function powerText(digit: number, power: number): string {
  if (power >= -3 && power <= 5) return plainText(digit * 10 ** power);
  return digit === 1 ? `1e${power}` : `${digit}e${power}`;
}
