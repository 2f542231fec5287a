// What a benchmark is: contenders side by side on the same cases, in the same run.

import type { Summary } from './measure.ts';

/** A number, several side by side, or what became of repeated measurements of one. */
export type Figure = number | readonly number[] | Summary;

export interface Row {
  /** Rows under one heading share a table; those without stand in the first. */
  readonly table?: string;
  readonly contender: string;
  readonly case: string;
  /** By name with its unit last: `deliveredPerSecond`, `p99Ms`, `cpuMicrosPerDelivery`. */
  readonly figures: Readonly<Record<string, Figure>>;
}

export interface BenchmarkContext {
  /** Everything random follows from it. */
  readonly seed: number;
  /** How many seeds in a row `--seeds` wants; the benchmark's own number without it. */
  readonly seeds: number | undefined;
  /** Fewer cases and repeats: the whole benchmark ends within two minutes. */
  readonly isQuick: boolean;
  /** What `--case` asked for; empty when it was not given. */
  readonly cases: readonly string[];
  /** Which of the benchmark's parts were named; at least one when it has parts. */
  readonly parts: readonly string[];
  /** Whether `--docker` wants containers in place of processes. */
  readonly onDocker: boolean;
  /** Where `--plot` wants pictures. */
  readonly plotFolder: string | undefined;
  /** Aborted when the person gives up; child processes end with it. */
  readonly signal: AbortSignal;
  /** Says what is going on, apart from the results. */
  progress(text: string): void;
  /** Seconds that each of `repeats` calls took, after one call that is not counted. */
  measure(repeats: number, action: () => unknown): Promise<Summary>;
}

export interface Benchmark {
  readonly name: string;
  readonly summary: string;
  /** The contender that ratios compare to; none when there is only one. */
  readonly baseline: string | undefined;
  /** Benchmarks of its own, named behind it: `pnpm bench fl heart mcmahan`. */
  readonly parts?: readonly string[];
  /** What `--case` takes; a benchmark without takes no `--case`. */
  readonly cases?: readonly string[];
  /** Whether it takes `--docker`. */
  readonly takesDocker?: boolean;
  /** Whether it draws pictures for `--plot`. */
  readonly drawsPlots?: boolean;
  run(context: BenchmarkContext): Promise<readonly Row[]> | AsyncIterable<Row>;
}
