// Evaluations and versions as curves: the mean of all sites, how far they are apart, and some of them.

/** @import { EvaluationsView, VersionsView } from './api-types.ts' */
/** @import { ChartData, Curve } from './line-chart.js' */

/** Sites that are drawn at once: as many as there are colours that can be told apart. */
export const SITE_CURVES_MAX = 6;

/** @typedef {'recallAt10' | 'reciprocalRank' | 'loss'} Measure */
/** @typedef {EvaluationsView['cells'][number]} Cell */

/** The stages whose models the federation shares; trained alone is a line of its own. */
const SHARED_STAGES = new Set(['before', 'federated']);

/**
 * @param {EvaluationsView} evaluations
 * @param {Measure} measure
 * @param {string} yLabel
 * @param {readonly string[]} sites whose curves are drawn
 * @returns {ChartData | null} null when nothing was measured
 */
export function evaluationCurves({ cells }, measure, yLabel, sites) {
  const measured = cells.filter((cell) => SHARED_STAGES.has(cell.stage) && cell[measure] !== null);
  if (measured.length === 0) return null;
  const x = [...new Set(measured.map(({ version }) => version))].sort((a, b) => a - b);
  const byVersion = Map.groupBy(measured, ({ version }) => version);
  const atEach = (/** @type {(cells: readonly Cell[]) => number | null} */ fold) =>
    x.map((version) => fold(byVersion.get(version) ?? []));
  /** @type {Curve} */
  const mean = {
    name: 'mean of all sites, by examples',
    colour: 'ink',
    isStrong: true,
    values: atEach((each) => weightedMean(each, measure)),
  };
  const values = (/** @type {readonly Cell[]} */ each) => each.map((cell) => cell[measure] ?? 0);
  const band = {
    low: atEach((each) => Math.min(...values(each))),
    high: atEach((each) => Math.max(...values(each))),
  };
  const curves = sites.map((site, at) => {
    const own = new Map(
      measured.filter((cell) => cell.site === site).map((cell) => [cell.version, cell[measure]]),
    );
    const line = x.map((version) => own.get(version) ?? null);
    return { name: site, colour: `series-${at + 1}`, values: line };
  });
  return { x, xLabel: 'version of the model', yLabel, band, curves: [...curves, mean] };
}

/** @param {VersionsView} versions @returns {ChartData | null} */
export function lossCurve({ versions }) {
  if (versions.length === 0) return null;
  const sorted = [...versions].sort((a, b) => a.version - b.version);
  return {
    x: sorted.map(({ version }) => version),
    xLabel: 'version of the model',
    yLabel: 'training loss',
    curves: [
      {
        name: 'all sites in it, by examples',
        colour: 'ink',
        isStrong: true,
        values: sorted.map(({ lossLastMicros }) => lossLastMicros / 1e6),
      },
    ],
  };
}

/** By examples; null without any. @param {readonly Cell[]} cells @param {Measure} measure */
export function weightedMean(cells, measure) {
  const measured = cells.filter((cell) => cell[measure] !== null);
  const examples = measured.reduce((sum, cell) => sum + cell.examples, 0);
  if (examples === 0) return null;
  return measured.reduce((sum, cell) => sum + (cell[measure] ?? 0) * cell.examples, 0) / examples;
}
