import test from 'ava';
import { linearAxis, logAxis } from './axis.ts';
import { AREA, CHART_HEIGHT, CHART_WIDTH, type Chart, drawChart } from './chart.ts';
import { drawHeatMap } from './heat-map.ts';

const CHART: Chart = {
  title: 'Rounds by <peers>',
  subtitle: 'measured & drawn',
  x: logAxis('peers, log scale', 10, 10_000),
  y: linearAxis('rounds', 0, 40),
  series: [
    {
      name: 'p50',
      points: [
        { x: 1000, y: 25 },
        { x: 10, y: 20 },
        { x: 100, y: 22 },
      ],
      line: 'whole',
      hasMarkers: true,
      intervals: [{ x: 100, low: 20, high: 24 }],
    },
    { name: 'a bound', points: [{ x: 10, y: 90 }], line: 'dashed' },
    { name: 'unnamed', points: [{ x: 10, y: 9 }], line: 'faint', like: 0 },
  ],
  spans: [
    { from: 100, to: 1000, text: 'cut off' },
    { from: 9000, to: 9000, text: 'crossing' },
  ],
};

test('axes name round values between their ends, ends included', (t) => {
  t.deepEqual(
    linearAxis('', 0, 1).ticks.map(({ text }) => text),
    ['0', '0.2', '0.4', '0.6', '0.8', '1'],
  );
  t.deepEqual(
    logAxis('', 1e-4, 1).ticks.map(({ text }) => text),
    ['1e-4', '0.001', '0.01', '0.1', '1'],
  );
  t.deepEqual(
    logAxis('', 30, 1000).ticks.map(({ text }) => text),
    ['50', '100', '200', '500', '1,000'],
  );
  t.true(logAxis('', 1e-300, 1).ticks.length <= 12);
  t.is(linearAxis('', 3, 3).place(3), 0);
});

test('values stand where their share of the axis says', (t) => {
  t.is(linearAxis('', -10, 10).place(0), 0.5);
  t.true(Math.abs(logAxis('', 1, 100).place(10) - 0.5) < 1e-12);
});

test('a chart has its title, labels, units and names, escaped', (t) => {
  const svg = drawChart(CHART);
  const texts = ['&lt;peers&gt;', 'measured &amp; drawn', 'peers, log scale', 'rounds', 'p50'];
  for (const text of [...texts, 'a bound', 'cut off', 'crossing']) t.true(svg.includes(text), text);
  t.false(svg.includes('unnamed'), 'a series like another has no line in the legend');
  t.notRegex(svg, /NaN|Infinity|undefined/);
});

test('points come from left to right, and none leaves the frame', (t) => {
  const [line = ''] = [...drawChart(CHART).matchAll(/<polyline points="([^"]+)"/g)].map(
    ([, points = '']) => points,
  );
  const places = line.split(' ').map((point) => point.split(',').map(Number));
  t.deepEqual(
    places.map(([x]) => x),
    [...places].map(([x]) => x).sort((a = 0, b = 0) => a - b),
  );
  for (const [x = -1, y = -1] of places) {
    t.true(x >= AREA.left && x <= AREA.left + AREA.width && x < CHART_WIDTH);
    t.true(y >= AREA.top && y <= AREA.top + AREA.height && y < CHART_HEIGHT);
  }
});

test('a chart brings colours for light and for dark pages, and loads nothing', (t) => {
  const svg = drawChart(CHART);
  t.regex(svg, /prefers-color-scheme:dark/);
  t.notRegex(svg.replace('http://www.w3.org/2000/svg', ''), /https?:|<script|<image|@import/);
});

test('a map draws every cell, says what ranks mean, and crosses some', (t) => {
  const svg = drawHeatMap({
    ...{ title: 'map', subtitle: '', crossed: 'not live' },
    x: linearAxis('k', 0, 4),
    y: linearAxis('alpha', 0, 4),
    cells: [
      { x: 1, y: 1, rank: 0, isCrossed: true, text: 'one & one' },
      { x: 2, y: 1, rank: 1, isCrossed: false, text: 'two' },
    ],
    ranks: ['unsafe', 'safe'],
  });
  for (const text of ['one &amp; one', 'two', 'unsafe', 'safe', 'not live', 'alpha']) {
    t.true(svg.includes(text), text);
  }
  t.notRegex(svg, /NaN|Infinity|undefined/);
});

test('nothing to draw is refused', (t) => {
  t.throws(() => drawChart({ ...CHART, series: [] }), { instanceOf: RangeError });
  const map = { ...CHART, cells: [], ranks: [], crossed: '' };
  t.throws(() => drawHeatMap(map), { instanceOf: RangeError });
});
