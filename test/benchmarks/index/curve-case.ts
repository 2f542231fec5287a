import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { describeMachine } from '../machine.ts';
import { percentile } from '../measure.ts';
import type { Contender } from './contenders.ts';
import { type CurveCase, curveRows } from './curve-rows.ts';
import { type Curve, type CurveOptions, measureCurves } from './measure-curves.ts';
import { MNIST_FOLDER, readMnist } from './mnist-images.ts';
import { drawPlot } from './plot.ts';
import { type SampleKind, sampledSet } from './sample-rows.ts';
import { deformedMnist, type VectorSet } from './vector-set.ts';

interface Sizes {
  readonly source: 'mnist' | SampleKind;
  readonly dimension: number;
  readonly rows: number;
  readonly quickRows: number;
}

/** By the name that `--case` takes. */
export const CURVE_CASES: Readonly<Record<string, Sizes>> = {
  'mnist-784': { source: 'mnist', dimension: 784, rows: 60_000, quickRows: 5_000 },
  'mnist-128': { source: 'mnist', dimension: 128, rows: 300_000, quickRows: 10_000 },
  clustered: { source: 'clustered', dimension: 128, rows: 20_000, quickRows: 4_000 },
  independent: { source: 'independent', dimension: 128, rows: 20_000, quickRows: 4_000 },
};

const K = 10;
const M = 16;
const EF_CONSTRUCTION = 200;
const EF_SEARCHES = [10, 14, 20, 28, 40, 56, 80, 112, 160, 224];
const QUERIES = 1_000;
const QUICK_QUERIES = 500;
const REPEATS = 5;
const BUILD_ROUNDS = 1;

/** All contenders on one data set; nothing when the data set is not there. */
export async function measureCurveCase(
  name: string,
  contenders: readonly Contender[],
  context: BenchmarkContext,
): Promise<Row[]> {
  const sizes = CURVE_CASES[name];
  if (sizes === undefined) throw new Error(`no case ${name}`);
  const set = vectorSetOf(sizes, context);
  if (set === undefined) {
    context.progress(`${name} is skipped: ${MNIST_FOLDER} is not there`);
    return [];
  }
  const { dimension, rows } = set;
  const { signal } = context;
  context.progress(`${name}: ${rows} × ${dimension}, ${set.queryCount} queries`);
  const options: CurveOptions = {
    k: K,
    m: M,
    efConstruction: EF_CONSTRUCTION,
    efSearches: EF_SEARCHES,
    repeats: REPEATS,
    buildRounds: BUILD_ROUNDS,
    signal,
    progress: (text) => context.progress(`${name}: ${text}`),
  };
  const fitting = contenders.filter(({ rowsMax = rows }) => rows <= rowsMax);
  const curves = await measureCurves(set, fitting, options);
  const item: CurveCase = { name, dimension, rows, m: M };
  if (context.plotFolder !== undefined) {
    mkdirSync(context.plotFolder, { recursive: true });
    writeFileSync(join(context.plotFolder, `${name}.svg`), plotOf(item, curves, context.seed));
  }
  return curveRows(item, curves);
}

function vectorSetOf(
  { dimension, quickRows, rows, source }: Sizes,
  { isQuick, seed }: BenchmarkContext,
): VectorSet | undefined {
  const queryCount = isQuick ? QUICK_QUERIES : QUERIES;
  const size = { dimension, rows: isQuick ? quickRows : rows, queryCount, seed };
  if (source !== 'mnist') return sampledSet(source, size);
  const images = readMnist();
  return images === undefined ? undefined : deformedMnist(images, size);
}

function plotOf({ dimension, name, rows }: CurveCase, curves: readonly Curve[], seed: number) {
  const { cpu, node } = describeMachine();
  return drawPlot({
    title: `${name}: ${rows.toLocaleString('en-US')} vectors × ${dimension} dimensions`,
    subtitle: `M = ${M}, efConstruction = ${EF_CONSTRUCTION}, seed ${seed}; ${cpu}, Node ${node}`,
    series: curves.map(({ contender, points }) => ({
      name: contender.name,
      isOurs: contender.isOurs,
      points: points.map(({ queriesPerSecond, recall }) => ({
        recall,
        queriesPerSecond: percentile(queriesPerSecond, 0.5),
      })),
    })),
  });
}
