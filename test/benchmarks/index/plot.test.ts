import test from 'ava';
import { drawPlot, type PlotSeries } from './plot.ts';

const ours: PlotSeries = {
  name: 'ours',
  isOurs: true,
  points: [
    { recall: 0.9, queriesPerSecond: 9_000 },
    { recall: 0.99, queriesPerSecond: 4_000 },
    { recall: 1, queriesPerSecond: 2_000 },
  ],
};
const theirs: PlotSeries = {
  name: 'theirs',
  isOurs: false,
  points: ours.points.map(({ queriesPerSecond, recall }) => ({
    recall,
    queriesPerSecond: queriesPerSecond / 2,
  })),
};
const plot = { title: 'a case', subtitle: 'a machine', series: [ours, theirs] };

function linesOf(svg: string): number[][][] {
  return [...svg.matchAll(/<polyline points="([^"]+)"/g)].map(([, points = '']) =>
    points.split(' ').map((point) => point.split(',').map(Number)),
  );
}

test('every series has a line through its points and a name in the legend', (t) => {
  const svg = drawPlot(plot);
  t.deepEqual(
    linesOf(svg).map((line) => line.length),
    [3, 3],
  );
  for (const text of ['a case', 'a machine', 'ours', 'theirs', 'recall@10', 'queries per second']) {
    t.true(svg.includes(text), text);
  }
});

test('more recall stands further right, and a higher rate higher', (t) => {
  const [first = [], second = []] = linesOf(drawPlot(plot));
  const across = first.map(([x = 0]) => x);
  t.deepEqual(
    across,
    [...across].sort((a, b) => a - b),
  );
  for (const [at, [, y = 0]] of first.entries()) t.true(y < (second[at]?.[1] ?? 0));
});

test('all points lie on the picture, those without a miss too', (t) => {
  const one = { ...ours, points: [{ recall: 1, queriesPerSecond: 5 }] };
  for (const series of [[ours, theirs], [one]]) {
    const svg = drawPlot({ ...plot, series });
    t.notRegex(svg, /NaN|Infinity|undefined/);
    for (const [x = -1, y = -1] of linesOf(svg).flat()) {
      t.true(x > 0 && x < 960 && y > 0 && y < 560, `${x}, ${y}`);
    }
  }
});

test('names cannot break the picture', (t) => {
  t.true(drawPlot({ ...plot, title: 'a < b & c' }).includes('a &lt; b &amp; c'));
});

test('a plot without points is refused', (t) => {
  t.throws(() => drawPlot({ ...plot, series: [] }), { instanceOf: RangeError });
});
