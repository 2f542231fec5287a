// Builds and searches of all contenders, in turn within every repetition and each time from another
// one on, so that a busy moment of the machine hits all of them.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { percentile, type Summary, summarise } from '../measure.ts';
import { ContenderProcess } from './contender-process.ts';
import type { SearchAnswer } from './contender-protocol.ts';
import type { Contender } from './contenders.ts';
import { NO_PARALLEL_BUILD } from './engines/starling-abilities.ts';
import { exactDistances, recallOf } from './exact-neighbours.ts';
import type { VectorSet } from './vector-set.ts';

export interface CurveOptions {
  readonly k: number;
  readonly m: number;
  readonly efConstruction: number;
  readonly efSearches: readonly number[];
  /** Passes over all queries per setting, after one that is not counted. */
  readonly repeats: number;
  readonly buildRounds: number;
  readonly signal: AbortSignal;
  progress(text: string): void;
}

export interface CurvePoint {
  readonly efSearch: number;
  readonly recall: number;
  /** Distance computations per query, where the contender tells. */
  readonly distances: number | undefined;
  /** Of every repetition. */
  readonly queriesPerSecond: readonly number[];
  readonly p50Micros: Summary;
  readonly p99Micros: Summary;
  /** Of every query, its fastest repetition: what the machine does when nobody else is on it. */
  readonly fastestMicros: readonly number[];
}

export interface Curve {
  readonly contender: Contender;
  readonly buildSeconds: Summary;
  readonly buildCpuSeconds: Summary;
  /** `undefined` where it would be lost in the memory of the process. */
  readonly indexBytes: number | undefined;
  /** Built by two threads; `undefined` where that cannot be. */
  readonly pairBuildSeconds: Summary | undefined;
  readonly points: readonly CurvePoint[];
}

/** A contender that cannot run here is named to `progress`, unless it is ours. */
export async function measureCurves(
  set: VectorSet,
  contenders: readonly Contender[],
  options: CurveOptions,
): Promise<Curve[]> {
  const folder = await mkdtemp(join(tmpdir(), 'starling-bench-index-'));
  try {
    await writeFile(join(folder, 'base.u8'), set.base);
    await writeFile(join(folder, 'queries.u8'), set.queries);
    await using processes = new AsyncDisposableStack();
    const runs: Run[] = [];
    for (const contender of contenders) {
      const process = await start(contender, options);
      if (process !== undefined) runs.push(newRun(contender, processes.use(process)));
    }
    await buildAll(runs, set, folder, options);
    await searchAll(runs, set, folder, options);
    return runs.map((run) => curveOf(run, options));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Queries per second, from the microseconds of each. */
export function rateOf(micros: readonly number[]): number {
  return (1e6 * micros.length) / micros.reduce((sum, one) => sum + one, 0);
}

interface Run {
  readonly contender: Contender;
  readonly process: ContenderProcess;
  readonly buildSeconds: number[];
  readonly buildCpuSeconds: number[];
  readonly pairBuildSeconds: number[];
  indexBytes: number | undefined;
  readonly passes: Map<number, Passes>;
}

interface Passes {
  recall: number;
  distances: number | undefined;
  /** Of each counted pass, the micros of every query. */
  readonly micros: (readonly number[])[];
}

const PAIR = 2;
/** The memory of a process moves by some megabytes for reasons of its own. */
const GROWN_BYTES_MIN = 64 * 2 ** 20;

async function start(
  { isOurs, name, program }: Contender,
  { progress, signal }: CurveOptions,
): Promise<ContenderProcess | undefined> {
  try {
    return await ContenderProcess.start(program, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (isOurs) throw error;
    progress(`${name} is skipped: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

function newRun(contender: Contender, process: ContenderProcess): Run {
  const times = { buildSeconds: [], buildCpuSeconds: [], pairBuildSeconds: [] };
  return { contender, process, ...times, indexBytes: undefined, passes: new Map() };
}

async function buildAll(
  runs: readonly Run[],
  { dimension, rows }: VectorSet,
  folder: string,
  { buildRounds, efConstruction, m, progress, signal }: CurveOptions,
): Promise<void> {
  const command = { file: join(folder, 'base.u8'), rows, dimension, m, efConstruction };
  for (let round = 0; round < buildRounds; round++) {
    for (const run of inTurn(runs, round)) {
      signal.throwIfAborted();
      if (run.contender.isOurs) await buildByPair(run, command, progress);
      const built = await run.process.build({ ...command, threads: 1 });
      const { bytes, seconds } = built;
      run.buildSeconds.push(seconds);
      run.buildCpuSeconds.push(built.cpuSeconds);
      // The first build finds no memory that an earlier one has given back.
      const isTold = built.isCounted === true || bytes > GROWN_BYTES_MIN;
      if (round === 0 && isTold) run.indexBytes = bytes;
      progress(`${run.contender.name} built in ${seconds.toFixed(1)} s`);
    }
  }
}

type BuildShape = Omit<Parameters<ContenderProcess['build']>[0], 'threads'>;

async function buildByPair(
  { contender, pairBuildSeconds, process }: Run,
  command: BuildShape,
  progress: CurveOptions['progress'],
): Promise<void> {
  try {
    pairBuildSeconds.push((await process.build({ ...command, threads: PAIR })).seconds);
  } catch (error) {
    if (!(error instanceof Error) || error.message !== NO_PARALLEL_BUILD) throw error;
    progress(`${contender.name} by ${PAIR} threads is skipped: ${error.message}`);
  }
}

async function searchAll(
  runs: readonly Run[],
  set: VectorSet,
  folder: string,
  { efSearches, k, progress, repeats, signal }: CurveOptions,
): Promise<void> {
  const { dimension, queryCount: count } = set;
  const exact = exactDistances(set, k);
  const command = { file: join(folder, 'queries.u8'), count, dimension, k };
  for (let repeat = 0; repeat <= repeats; repeat++) {
    progress(repeat === 0 ? 'warming up' : `repetition ${repeat} of ${repeats}`);
    for (const efSearch of efSearches) {
      for (const run of inTurn(runs, repeat)) {
        signal.throwIfAborted();
        const withResults = repeat === 0;
        const answer = await run.process.search({ ...command, efSearch, withResults });
        if (withResults) run.passes.set(efSearch, firstPass(set, exact, answer));
        else run.passes.get(efSearch)?.micros.push(answer.micros);
      }
    }
  }
}

function firstPass(set: VectorSet, exact: Uint32Array, answer: SearchAnswer): Passes {
  const recall = recallOf(set, exact, Int32Array.from(answer.labels ?? []));
  return { recall, distances: answer.distances ?? undefined, micros: [] };
}

function inTurn<T>(all: readonly T[], turn: number): T[] {
  const first = turn % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

function curveOf(run: Run, { efSearches }: CurveOptions): Curve {
  const { buildCpuSeconds, buildSeconds, contender, indexBytes, pairBuildSeconds, passes } = run;
  return {
    contender,
    indexBytes,
    buildSeconds: summarise(buildSeconds),
    buildCpuSeconds: summarise(buildCpuSeconds),
    pairBuildSeconds: pairBuildSeconds.length === 0 ? undefined : summarise(pairBuildSeconds),
    points: efSearches.flatMap((efSearch) => {
      const taken = passes.get(efSearch);
      return taken === undefined ? [] : [pointOf(efSearch, taken)];
    }),
  };
}

function pointOf(efSearch: number, { distances, micros, recall }: Passes): CurvePoint {
  return {
    efSearch,
    recall,
    distances,
    queriesPerSecond: micros.map(rateOf),
    fastestMicros: (micros[0] ?? []).map((_, query) =>
      Math.min(...micros.map((pass) => pass[query] ?? Number.POSITIVE_INFINITY)),
    ),
    p50Micros: summarise(micros.map((pass) => percentile(pass, 0.5))),
    p99Micros: summarise(micros.map((pass) => percentile(pass, 0.99))),
  };
}
