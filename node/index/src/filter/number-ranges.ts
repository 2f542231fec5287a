// Sets of numbers as half-open ranges that ascend and do not overlap.

import type { NumberRange } from './column-types.ts';
import { nextDouble } from './lower-bound.ts';

export const ALL_NUMBERS: readonly NumberRange[] = Object.freeze([
  Object.freeze({ from: -Infinity, to: Infinity }),
]);

/** The numbers that stand in the relation `word` to `value`; undefined for another word. */
export function rangesOf(word: string, value: number): readonly NumberRange[] | undefined {
  const next = nextDouble(value);
  switch (word) {
    case 'eq':
      return [{ from: value, to: next }];
    case 'ne':
      return [
        { from: -Infinity, to: value },
        { from: next, to: Infinity },
      ];
    case 'gt':
      return [{ from: next, to: Infinity }];
    case 'gte':
      return [{ from: value, to: Infinity }];
    case 'lt':
      return [{ from: -Infinity, to: value }];
    case 'lte':
      return [{ from: -Infinity, to: next }];
    default:
      return undefined;
  }
}

export function rangesOfAny(values: readonly number[]): readonly NumberRange[] {
  const sorted = Float64Array.from(new Set(values)).sort();
  return Array.from(sorted, (from) => ({ from, to: nextDouble(from) }));
}

/** Whether one of the ranges holds a number, by binary search. */
export function inRanges(ranges: readonly NumberRange[], value: number): boolean {
  let first = 0;
  let end = ranges.length;
  while (first < end) {
    const middle = (first + end) >>> 1;
    if ((ranges[middle] as NumberRange).to <= value) first = middle + 1;
    else end = middle;
  }
  const range = ranges[first];
  return range !== undefined && range.from <= value;
}

/** The numbers of both. */
export function intersectRanges(
  left: readonly NumberRange[],
  right: readonly NumberRange[],
): readonly NumberRange[] {
  const both: NumberRange[] = [];
  let [a, b] = [0, 0];
  for (;;) {
    const [one, other] = [left[a], right[b]];
    if (one === undefined || other === undefined) return both;
    const from = Math.max(one.from, other.from);
    const to = Math.min(one.to, other.to);
    if (from < to) both.push({ from, to });
    if (one.to < other.to) a++;
    else b++;
  }
}
