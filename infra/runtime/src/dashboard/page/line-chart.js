// Curves by µPlot, in the page's colours, drawn again when these or the place change.

/** @import { Widget } from './types.ts' */
import uPlot from './uplot.js';

/**
 * @typedef {object} Curve
 * @property {string} name
 * @property {readonly (number | null)[]} values one per x
 * @property {string} colour name of a colour of the palette, such as `series-1`
 * @property {boolean} [isStrong]
 */

/**
 * @typedef {object} ChartData
 * @property {string} xLabel
 * @property {string} yLabel
 * @property {readonly number[]} x ascending
 * @property {readonly Curve[]} curves
 * @property {{ readonly low: readonly (number | null)[], readonly high: readonly (number | null)[] }} [band]
 */

const HEIGHT = 260;

/** @type {Widget} its data: {@link ChartData} */
export function lineChart(place) {
  const element = /** @type {HTMLElement} */ (place);
  /** @type {uPlot | undefined} */
  let plot;
  /** @type {ChartData | undefined} */
  let shown;
  let look = '';
  const draw = () => {
    if (shown === undefined || element.clientWidth === 0) return;
    plot?.destroy();
    plot = new uPlot(optionsOf(shown, element), alignedOf(shown), element);
  };
  const resized = new ResizeObserver(() => {
    if (plot === undefined) draw();
    else plot.setSize({ width: element.clientWidth, height: HEIGHT });
  });
  resized.observe(element);
  return {
    update: (data) => {
      const now = `${getComputedStyle(element).color} ${JSON.stringify(data)}`;
      if (now === look) return;
      look = now;
      shown = /** @type {ChartData} */ (data);
      draw();
    },
    destroy: () => {
      resized.disconnect();
      plot?.destroy();
    },
  };
}

/** @param {ChartData} data @param {HTMLElement} element @returns {uPlot.Options} */
function optionsOf({ band, curves, x, xLabel, yLabel }, element) {
  const colour = (/** @type {string} */ name) => resolved(element, name);
  const axis = {
    stroke: colour('soft'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { stroke: colour('line'), width: 1 },
    font: '12px system-ui, sans-serif',
    labelFont: '12px system-ui, sans-serif',
  };
  const edges = band === undefined ? [] : [{ width: 0 }, { width: 0 }];
  const hasPoints = x.length <= 40;
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { points: { size: 7 }, drag: { x: true, y: false } },
    scales: { x: { time: false } },
    axes: [
      { ...axis, label: xLabel, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
      { ...axis, label: yLabel, size: 58 },
    ],
    series: [
      {},
      ...edges.map((edge) => ({ ...edge, points: { show: false } })),
      ...curves.map((curve) => ({
        label: curve.name,
        stroke: colour(curve.colour),
        width: curve.isStrong ? 3 : 1.5,
        spanGaps: true,
        points: { show: hasPoints, size: curve.isStrong ? 8 : 6, fill: colour('surface') },
      })),
    ],
    bands: band === undefined ? [] : [{ series: [2, 1], fill: colour('band') }],
  };
}

/** @param {ChartData} data @returns {uPlot.AlignedData} */
function alignedOf({ band, curves, x }) {
  const edges = band === undefined ? [] : [band.low, band.high];
  const lists = [x, ...edges, ...curves.map(({ values }) => values)];
  return /** @type {uPlot.AlignedData} */ (lists.map((list) => [...list]));
}

/** A canvas needs the colour itself. @param {HTMLElement} element @param {string} name */
function resolved(element, name) {
  const probe = document.createElement('span');
  probe.style.setProperty('color', `var(--${name})`);
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
