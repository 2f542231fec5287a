// A picture of recall against queries per second.

import { type Axis, drawChart, logAxis } from '@starling/runtime';

export interface PlotSeries {
  readonly name: string;
  /** Drawn in a whole line; the others are dashed. */
  readonly isOurs: boolean;
  /** x is recall, y queries per second. */
  readonly points: readonly { readonly recall: number; readonly queriesPerSecond: number }[];
}

export interface Plot {
  readonly title: string;
  readonly subtitle: string;
  readonly series: readonly PlotSeries[];
}

/** @throws {RangeError} when there is nothing to draw. */
export function drawPlot({ series, subtitle, title }: Plot): string {
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) throw new RangeError('a plot needs points');
  const rates = points.map(({ queriesPerSecond }) => queriesPerSecond);
  const label = 'queries per second, one thread, log scale (up is better)';
  return drawChart({
    title,
    subtitle,
    x: missedAxis(Math.min(...points.map(({ recall }) => recall))),
    y: logAxis(label, Math.min(...rates) / 1.15, Math.max(...rates) * 1.15),
    series: series.map(({ isOurs, name, points: own }) => ({
      name,
      line: isOurs ? 'whole' : 'dashed',
      hasMarkers: true,
      points: own.map(({ queriesPerSecond, recall }) => ({ x: recall, y: queriesPerSecond })),
    })),
  });
}

/** Everything above stands at the right end. */
const MISSED_MIN = 0.0005;
const RECALL_TICKS = [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995];
/** Share of the width that stays free at both ends. */
const PADDING = 0.018;

/** What is missed is drawn on a log scale: from 0.98 to 0.99 is as far as from 0.99 to 0.995. */
function missedAxis(recallMin: number): Axis {
  const missedMax = Math.max(1 - recallMin, 2 * MISSED_MIN);
  const last = RECALL_TICKS.at(-1);
  return {
    label: 'recall@10, log scale of what is missed (right is better)',
    ticks: RECALL_TICKS.filter((recall) => 1 - recall <= missedMax + 1e-9).map((recall) => ({
      value: recall,
      text: recall === last ? `≥ ${recall}` : `${recall}`,
    })),
    place(recall) {
      const missed = Math.max(MISSED_MIN, 1 - recall);
      const share = Math.log(missedMax / missed) / Math.log(missedMax / MISSED_MIN);
      return PADDING + share * (1 - 2 * PADDING);
    },
  };
}
