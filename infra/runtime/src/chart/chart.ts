// A static chart of lines, markers and intervals as SVG, drawn here: charting libraries draw on a
// canvas or need a browser's DOM, and a report must be one file that any viewer opens.

import type { Axis } from './axis.ts';
import { SERIES_COLOURS, short, svg, text } from './svg.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  readonly line: 'whole' | 'dashed' | 'faint' | 'none';
  readonly hasMarkers?: boolean;
  /** Bars from `low` to `high` at x. */
  readonly intervals?: readonly {
    readonly x: number;
    readonly low: number;
    readonly high: number;
  }[];
  /** Drawn like the series of this place instead of its own; then it has no line in the legend. */
  readonly like?: number;
}

/** A span of the x axis that is shaded, or a value that is marked. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export interface Chart {
  readonly title: string;
  readonly subtitle: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly spans?: readonly Span[];
}

export const CHART_WIDTH = 960;
export const CHART_HEIGHT = 560;
/** Where values stand. */
export const AREA = Object.freeze({ left: 84, top: 66, width: 680, height: 430 });
const MARKER_PX = 4.5;
const MARKERS = ['circle', 'square', 'diamond', 'triangle'] as const;

/** @throws {RangeError} when there is nothing to draw */
export function drawChart(chart: Chart): string {
  const { series, spans = [], title, x, y } = chart;
  if (series.every(({ points }) => points.length === 0)) {
    throw new RangeError('a chart needs points');
  }
  return svg(CHART_WIDTH, CHART_HEIGHT, title, [
    ...heading(chart),
    ...frame(x, y),
    ...spans.flatMap((span) => drawSpan(x, span)),
    ...series.map((one, at) => drawSeries(chart, one, one.like ?? at)),
    ...legend(series),
  ]);
}

/** Title and subtitle. */
export function heading({ subtitle, title }: Pick<Chart, 'subtitle' | 'title'>): string[] {
  return [
    text(AREA.left, 28, title, 'ink', 'font-size="18" font-weight="600"'),
    text(AREA.left, 48, subtitle, 'soft'),
  ];
}

/** Grid, border, ticks and labels. */
export function frame(x: Axis, y: Axis): string[] {
  const { height, left, top, width } = AREA;
  const bottom = top + height;
  const middle = top + height / 2;
  return [
    ...x.ticks.flatMap((tick) => {
      const at = acrossOf(x, tick.value);
      return [
        `<path d="M${at} ${top}V${bottom}" class="grid"/>`,
        text(at, bottom + 20, tick.text, 'ink', 'text-anchor="middle"'),
      ];
    }),
    ...y.ticks.flatMap((tick) => {
      const at = downOf(y, tick.value);
      return [
        `<path d="M${left} ${at}H${left + width}" class="grid"/>`,
        text(left - 8, at + 4, tick.text, 'ink', 'text-anchor="end"'),
      ];
    }),
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" class="frame"/>`,
    text(left + width / 2, CHART_HEIGHT - 20, x.label, 'ink', 'text-anchor="middle"'),
    text(13, middle, y.label, 'ink', `transform="rotate(-90 13 ${middle})" text-anchor="middle"`),
  ];
}

/** Pixels from the left; values beyond the ends stand on them. */
export function acrossOf(axis: Axis, value: number): number {
  return short(AREA.left + within(axis.place(value)) * AREA.width);
}

/** Pixels from the top. */
export function downOf(axis: Axis, value: number): number {
  return short(AREA.top + (1 - within(axis.place(value))) * AREA.height);
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}

function drawSpan(x: Axis, { from, text: label, to }: Span): string[] {
  const left = acrossOf(x, from);
  const width = short(acrossOf(x, to) - left);
  const bottom = AREA.top + AREA.height;
  if (width === 0) {
    const isRight = left > AREA.left + AREA.width * 0.8;
    const anchor = `text-anchor="${isRight ? 'end' : 'start'}"`;
    return [
      `<path d="M${left} ${AREA.top}V${bottom}" class="frame" stroke-dasharray="2 4"/>`,
      text(left + (isRight ? -6 : 6), bottom - 10, label, 'soft', anchor),
    ];
  }
  return [
    `<rect x="${left}" y="${AREA.top}" width="${width}" height="${AREA.height}" class="band"/>`,
    text(left + width / 2, bottom - 10, label, 'soft', 'text-anchor="middle"'),
  ];
}

function drawSeries({ x, y }: Chart, series: Series, colour: number): string {
  const sorted = [...series.points].sort((a, b) => a.x - b.x);
  const places = sorted.map((point) => [acrossOf(x, point.x), downOf(y, point.y)] as const);
  const bars = (series.intervals ?? []).map(({ high, low, x: at }) => {
    const across = acrossOf(x, at);
    const [top, bottom] = [downOf(y, high), downOf(y, low)];
    const ends = `M${short(across - 4)} ${top}h8M${short(across - 4)} ${bottom}h8`;
    return `<path d="M${across} ${top}V${bottom}${ends}" stroke="currentColor" fill="none"/>`;
  });
  const line = places.map(([across, down]) => `${across},${down}`).join(' ');
  return [
    `<g class="c${colour % SERIES_COLOURS}">`,
    ...(series.line === 'none' || line === ''
      ? []
      : [`<polyline points="${line}" fill="none" ${strokeOf(series.line)}/>`]),
    ...bars,
    ...(series.hasMarkers === true ? places.map(([a, d]) => marker(a, d, colour)) : []),
    '</g>',
  ].join('\n');
}

function legend(series: readonly Series[]): string[] {
  const left = AREA.left + AREA.width + 18;
  const named = series.map((one, at) => ({ ...one, at })).filter(({ like }) => like === undefined);
  return named.map(({ at, hasMarkers, line, name }, row) => {
    const y = AREA.top + 14 + row * 24;
    return [
      `<g class="c${at % SERIES_COLOURS}">`,
      ...(line === 'none' ? [] : [`<path d="M${left} ${y}h26" ${strokeOf(line)}/>`]),
      ...(hasMarkers === true ? [marker(left + 13, y, at)] : []),
      '</g>',
      text(left + 34, y + 4, name, 'ink'),
    ].join('\n');
  });
}

function strokeOf(line: Series['line']): string {
  const width = line === 'whole' ? 2.5 : 1.5;
  const dashes = line === 'dashed' ? ' stroke-dasharray="5 4"' : '';
  const fade = line === 'faint' ? ' opacity="0.55"' : '';
  return `stroke="currentColor" stroke-width="${width}"${dashes}${fade}`;
}

function marker(x: number, y: number, at: number): string {
  const r = MARKER_PX;
  const fill = 'fill="currentColor"';
  switch (MARKERS[at % MARKERS.length]) {
    case 'square':
      return `<rect x="${short(x - r)}" y="${short(y - r)}" width="${2 * r}" height="${2 * r}" ${fill}/>`;
    case 'diamond':
      return `<path d="M${x} ${short(y - r - 1)}l${r + 1} ${r + 1}l${-r - 1} ${r + 1}l${-r - 1} ${-r - 1}z" ${fill}/>`;
    case 'triangle':
      return `<path d="M${x} ${short(y - r - 1)}l${r + 1} ${2 * r}h${-2 * r - 2}z" ${fill}/>`;
    default:
      return `<circle cx="${x}" cy="${y}" r="${r}" ${fill}/>`;
  }
}
