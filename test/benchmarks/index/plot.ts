// A static SVG of recall against queries per second, drawn by hand: a chart of lines, ticks and a
// legend is this one file, and a plotting library would bring a browser's worth of dependencies.

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
  const frame = frameOf(points);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(AREA.left, 28, title, 'font-size="18" font-weight="600" fill="#111"'),
    text(AREA.left, 48, subtitle, 'fill="#555"'),
    ...recallTicks(frame).flatMap((recall) => xTick(frame, recall)),
    ...rateTicks(frame).flatMap((rate) => yTick(frame, rate)),
    `<rect x="${AREA.left}" y="${AREA.top}" width="${AREA.width}" height="${AREA.height}" fill="none" stroke="#888"/>`,
    ...axisTitles(),
    ...series.flatMap((one, at) => drawSeries(frame, one, at)),
    ...legend(series),
    '</svg>',
    '',
  ].join('\n');
}

interface Frame {
  /** The largest share that a setting misses: the left end. */
  readonly missedMax: number;
  readonly rateMin: number;
  readonly rateMax: number;
}

const WIDTH = 960;
const HEIGHT = 560;
const AREA = { left: 84, top: 66, width: 680, height: 430 };
const PADDING_PX = 12;
/** Everything above stands at the right end. */
const MISSED_MIN = 0.0005;
const RECALL_TICKS = [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995];
const MARKER_PX = 4.5;
/** Okabe & Ito 2008: told apart by colour-blind readers too; the markers differ as well. */
const COLOURS = ['#d55e00', '#0072b2', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];
const MARKERS = ['circle', 'square', 'diamond', 'triangle'] as const;

function frameOf(points: PlotSeries['points']): Frame {
  const rates = points.map(({ queriesPerSecond }) => queriesPerSecond);
  const lowest = Math.min(...points.map(({ recall }) => recall));
  return {
    missedMax: Math.max(1 - lowest, 2 * MISSED_MIN),
    rateMin: Math.min(...rates) / 1.15,
    rateMax: Math.max(...rates) * 1.15,
  };
}

/** What is missed is drawn on a log scale: from 0.98 to 0.99 is as far as from 0.99 to 0.995. */
function xOf({ missedMax }: Frame, recall: number): number {
  const missed = Math.max(MISSED_MIN, 1 - recall);
  const share = Math.log(missedMax / missed) / Math.log(missedMax / MISSED_MIN);
  return round(AREA.left + PADDING_PX + share * (AREA.width - 2 * PADDING_PX));
}

function yOf({ rateMax, rateMin }: Frame, rate: number): number {
  const share = Math.log(rate / rateMin) / Math.log(rateMax / rateMin);
  return round(AREA.top + (1 - share) * AREA.height);
}

function recallTicks({ missedMax }: Frame): number[] {
  return RECALL_TICKS.filter((recall) => 1 - recall <= missedMax + 1e-9);
}

function rateTicks({ rateMax, rateMin }: Frame): number[] {
  const ticks: number[] = [];
  for (let decade = 10 ** Math.floor(Math.log10(rateMin)); decade <= rateMax; decade *= 10) {
    for (const digit of [1, 2, 3, 5, 7]) ticks.push(digit * decade);
  }
  return ticks.filter((rate) => rate >= rateMin && rate <= rateMax);
}

function xTick(frame: Frame, recall: number): string[] {
  const x = xOf(frame, recall);
  const bottom = AREA.top + AREA.height;
  return [
    `<path d="M${x} ${AREA.top}V${bottom}" stroke="#e4e4e4"/>`,
    text(
      x,
      bottom + 20,
      recall === RECALL_TICKS.at(-1) ? `≥ ${recall}` : `${recall}`,
      'text-anchor="middle" fill="#333"',
    ),
  ];
}

function yTick(frame: Frame, rate: number): string[] {
  const y = yOf(frame, rate);
  return [
    `<path d="M${AREA.left} ${y}H${AREA.left + AREA.width}" stroke="#e4e4e4"/>`,
    text(AREA.left - 8, y + 4, rate.toLocaleString('en-US'), 'text-anchor="end" fill="#333"'),
  ];
}

function axisTitles(): string[] {
  const middle = AREA.top + AREA.height / 2;
  const turned = `transform="rotate(-90 20 ${middle})" text-anchor="middle" fill="#111"`;
  const centre = AREA.left + AREA.width / 2;
  return [
    text(
      centre,
      HEIGHT - 20,
      'recall@10, log scale of what is missed (right is better)',
      'text-anchor="middle" fill="#111"',
    ),
    text(20, middle, 'queries per second, one thread, log scale (up is better)', turned),
  ];
}

function drawSeries(frame: Frame, { isOurs, points }: PlotSeries, at: number): string[] {
  const colour = COLOURS[at % COLOURS.length] as string;
  const places = [...points]
    .sort((a, b) => a.recall - b.recall)
    .map(
      ({ queriesPerSecond, recall }) => [xOf(frame, recall), yOf(frame, queriesPerSecond)] as const,
    );
  const line = places.map(([x, y]) => `${x},${y}`).join(' ');
  return [
    `<polyline points="${line}" fill="none" ${strokeOf(isOurs, colour)}/>`,
    ...places.map(([x, y]) => marker(x, y, at, colour)),
  ];
}

function legend(series: readonly PlotSeries[]): string[] {
  const left = AREA.left + AREA.width + 18;
  return series.flatMap(({ isOurs, name }, at) => {
    const y = AREA.top + 14 + at * 24;
    const colour = COLOURS[at % COLOURS.length] as string;
    return [
      `<path d="M${left} ${y}h26" ${strokeOf(isOurs, colour)}/>`,
      marker(left + 13, y, at, colour),
      text(left + 34, y + 4, name, 'fill="#111"'),
    ];
  });
}

function strokeOf(isOurs: boolean, colour: string): string {
  return `stroke="${colour}" ${isOurs ? 'stroke-width="2.5"' : 'stroke-width="1.5" stroke-dasharray="5 4"'}`;
}

function marker(x: number, y: number, at: number, colour: string): string {
  const r = MARKER_PX;
  switch (MARKERS[at % MARKERS.length]) {
    case 'square':
      return `<rect x="${round(x - r)}" y="${round(y - r)}" width="${2 * r}" height="${2 * r}" fill="${colour}"/>`;
    case 'diamond':
      return `<path d="M${x} ${round(y - r - 1)}l${r + 1} ${r + 1}l${-r - 1} ${r + 1}l${-r - 1} ${-r - 1}z" fill="${colour}"/>`;
    case 'triangle':
      return `<path d="M${x} ${round(y - r - 1)}l${r + 1} ${2 * r}h${-2 * r - 2}z" fill="${colour}"/>`;
    default:
      return `<circle cx="${x}" cy="${y}" r="${r}" fill="${colour}"/>`;
  }
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
