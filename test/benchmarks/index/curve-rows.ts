// What the curves come to: a row per setting, the rates at equal recall with their ratios, and what
// building cost.

import type { Figure, Row } from '../benchmark.ts';
import { percentile, summarise } from '../measure.ts';
import { HNSWLIB_NATIVE, HNSWLIB_NODE, USEARCH } from './contenders.ts';
import { type Curve, type CurvePoint, rateOf } from './measure-curves.ts';
import { queriesAtRecall } from './queries-at-recall.ts';

export interface CurveCase {
  readonly name: string;
  readonly dimension: number;
  readonly rows: number;
  readonly m: number;
}

export const RECALL_TARGETS = [0.95, 0.99];

const AT_RECALL = 'queries per second at equal recall, interpolated';

export function curveRows(item: CurveCase, curves: readonly Curve[]): Row[] {
  return [
    ...curves.flatMap((curve) => curve.points.map((point) => pointRow(item, curve, point))),
    ...RECALL_TARGETS.flatMap((target) =>
      ratioRows(curves, target, { table: AT_RECALL, name: `${item.name} at recall ${target}` }),
    ),
    ...RECALL_TARGETS.flatMap((target) =>
      ratioRows(curves.map(undisturbed), target, {
        table: `${AT_RECALL}, every query at its fastest repetition`,
        name: `${item.name} at recall ${target}, undisturbed`,
      }),
    ),
    ...curves.map((curve) => buildRow(item, curve, curves)),
  ];
}

/** Named by its baseline, in the order of the promises. */
const RATIOS: readonly (readonly [figure: string, contender: string])[] = [
  ['timesHnswlibNode', HNSWLIB_NODE],
  ['timesUsearch', USEARCH],
  ['timesHnswlibNative', HNSWLIB_NATIVE],
];

function pointRow({ dimension, name }: CurveCase, curve: Curve, point: CurvePoint): Row {
  const { contender } = curve;
  const rate = summarise(point.queriesPerSecond);
  const { distances } = point;
  return {
    table: 'searches: medians of all repetitions, with the slowest and the fastest',
    contender: contender.name,
    case: name,
    figures: {
      efSearch: point.efSearch,
      recall: point.recall,
      queriesPerSecond: rate.median,
      slowest: rate.min,
      fastest: rate.max,
      p50Micros: point.p50Micros.median,
      p99Micros: point.p99Micros.median,
      undisturbedPerSecond: rateOf(point.fastestMicros),
      undisturbedP50Micros: percentile(point.fastestMicros, 0.5),
      undisturbedP99Micros: percentile(point.fastestMicros, 0.99),
      ...(distances === undefined
        ? {}
        : { distances, kilobytes: (distances * contender.codeBytes(dimension)) / 1_000 }),
      buildSeconds: curve.buildSeconds.median,
    },
  };
}

/** The curve as if there had been one repetition, made of the fastest of every query. */
function undisturbed(curve: Curve): Curve {
  const points = curve.points.map((point) => ({
    ...point,
    queriesPerSecond: [rateOf(point.fastestMicros)],
  }));
  return { ...curve, points };
}

function ratioRows(
  curves: readonly Curve[],
  target: number,
  { name, table }: { readonly name: string; readonly table: string },
): Row[] {
  const rates = new Map(curves.map((curve) => [curve.contender.name, ratesAt(curve, target)]));
  return [...rates].map(([contender, own]) => ({
    table,
    contender,
    case: name,
    figures: {
      ...(own === undefined ? {} : { queriesPerSecond: figureOf(own) }),
      ...Object.fromEntries(
        RATIOS.flatMap(([figure, peer]) => {
          const ratio = ratioOf(own, rates.get(peer));
          return ratio === undefined ? [] : [[figure, ratio]];
        }),
      ),
    },
  }));
}

/** One rate per repetition; `undefined` when the target is not reached. */
function ratesAt({ points }: Curve, target: number): number[] | undefined {
  const repeats = points[0]?.queriesPerSecond.length ?? 0;
  const rates = Array.from({ length: repeats }, (_, repeat) =>
    queriesAtRecall(
      points.map(({ queriesPerSecond, recall }) => ({
        recall,
        queriesPerSecond: queriesPerSecond[repeat] ?? 0,
      })),
      target,
    ),
  ).filter((rate) => rate !== undefined);
  return rates.length === repeats && repeats > 0 ? rates : undefined;
}

/** Repetition by repetition, because both were measured in the same minute. */
function ratioOf(
  own: readonly number[] | undefined,
  peer: readonly number[] | undefined,
): Figure | undefined {
  if (own === undefined || peer === undefined) return undefined;
  return figureOf(own.map((rate, repeat) => rate / (peer[repeat] ?? Number.NaN)));
}

function figureOf(samples: readonly number[]): Figure {
  const summary = summarise(samples);
  return summary.repeats === 1 ? summary.median : summary;
}

function buildRow(item: CurveCase, curve: Curve, curves: readonly Curve[]): Row {
  const { buildCpuSeconds, buildSeconds, contender, indexBytes, pairBuildSeconds } = curve;
  const peer = curves.find((other) => other.contender.name === HNSWLIB_NODE)?.buildSeconds;
  const figures: Record<string, Figure> = { buildSeconds, buildCpuSeconds };
  if (peer !== undefined) figures['fasterThanHnswlibNode'] = peer.median / buildSeconds.median;
  if (pairBuildSeconds !== undefined) {
    figures['twoThreadsSeconds'] = pairBuildSeconds;
    figures['fasterOnTwo'] = buildSeconds.median / pairBuildSeconds.median;
  }
  if (indexBytes !== undefined) figures['bytesPerVector'] = indexBytes / item.rows;
  figures['codeAndLinkBytes'] = contender.codeBytes(item.dimension) + linkBytes(item.m);
  return {
    table: 'builds and memory',
    contender: contender.name,
    case: `${item.name}: build`,
    figures,
  };
}

/** 2·M links on the base layer and M on each of the m⁻¹ + m⁻² + … layers above it, 4 bytes each. */
function linkBytes(m: number): number {
  return 4 * (2 * m + m / (m - 1));
}
