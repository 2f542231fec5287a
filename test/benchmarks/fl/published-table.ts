// What the tables of `pnpm bench fl` share: a row has `paper`, `ours` and `seeds` beside its case.

import type { BenchmarkContext, Figure, Row } from '../benchmark.ts';

export interface PublishedTable {
  /** Rows that `--case` chooses from. */
  readonly cases: readonly string[];
  /** What is measured without `--case`; all rows when left out. */
  readonly byDefault?: readonly string[];
  /** `context.cases` holds the rows that are wanted. */
  measure(context: BenchmarkContext): AsyncIterable<Row>;
}

export interface Comparison {
  readonly table: string;
  readonly case: string;
  /** As published: a value, or the ends of a band; an empty list where nothing is published. */
  readonly paper: Figure | undefined;
  readonly ours: number;
  readonly seeds: readonly number[];
  readonly more?: Readonly<Record<string, Figure>>;
}

export function comparison({ table, case: name, paper, ours, seeds, more }: Comparison): Row {
  const figures = { paper: paper ?? [], ours, ...more, seeds };
  return { table, contender: 'starling', case: name, figures };
}

/** As many seeds as were asked for, or else `count`, from the benchmark's own on. */
export function seedsFrom(context: BenchmarkContext, count: number): number[] {
  return Array.from({ length: context.seeds ?? count }, (_, i) => context.seed + i);
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation of a sample; 0 for a single value. */
export function deviationOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
