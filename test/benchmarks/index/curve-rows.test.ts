import test from 'ava';
import { summarise } from '../measure.ts';
import { medianOf } from '../table.ts';
import { curveRows } from './curve-rows.ts';
import type { Curve } from './measure-curves.ts';

const item = { name: 'a-case', dimension: 8, rows: 100, m: 16 };

function curveOf(name: string, rate: number, recalls = [0.9, 0.96, 0.995]): Curve {
  return {
    contender: {
      name,
      isOurs: name.startsWith('starling'),
      program: { file: '', args: [] },
      codeBytes: (dimension) => 4 * dimension,
    },
    buildSeconds: summarise([2]),
    buildCpuSeconds: summarise([1.9]),
    pairBuildSeconds: name === 'starling-f32' ? summarise([1]) : undefined,
    indexBytes: 20_000,
    points: recalls.map((recall, at) => ({
      efSearch: 10 * (at + 1),
      recall,
      distances: name === 'starling-f32' ? 100 : undefined,
      queriesPerSecond: [rate, 2 * rate, 3 * rate].map((one) => one / (at + 1)),
      fastestMicros: [1e6 / rate, 1e6 / rate],
      p50Micros: summarise([10]),
      p99Micros: summarise([20]),
    })),
  };
}

const rows = curveRows(item, [curveOf('starling-f32', 300), curveOf('hnswlib-node', 100)]);

test('every setting is a row of its data set with what the promises name', (t) => {
  const ours = rows.filter((row) => row.case === 'a-case' && row.contender === 'starling-f32');
  t.deepEqual(
    ours.map(({ figures }) => [
      figures['efSearch'],
      figures['recall'],
      figures['queriesPerSecond'],
    ]),
    [
      [10, 0.9, 600],
      [20, 0.96, 300],
      [30, 0.995, 200],
    ],
  );
  t.like(ours[0]?.figures, { distances: 100, kilobytes: 3.2, buildSeconds: 2 });
  const peer = rows.find((row) => row.case === 'a-case' && row.contender === 'hnswlib-node');
  t.false('distances' in (peer?.figures ?? {}));
});

test('ratios at equal recall are taken repetition by repetition', (t) => {
  for (const target of [0.95, 0.99]) {
    const at = rows.filter((row) => row.case === `a-case at recall ${target}`);
    const [ours, peer] = at.map(({ figures }) => figures['timesHnswlibNode'] ?? 0);
    t.true(Math.abs(medianOf(ours ?? 0) - 3) < 1e-9);
    t.is(typeof ours === 'object' && 'spread' in ours ? ours.spread < 1e-9 : undefined, true);
    t.is(medianOf(peer ?? 0), 1);
  }
});

test('the undisturbed rate is that of every query at its fastest repetition', (t) => {
  const [ours] = rows.filter((row) => row.case === 'a-case');
  t.true(Math.abs(medianOf(ours?.figures['undisturbedPerSecond'] ?? 0) - 300) < 1e-9);
  const [ratio] = rows.filter((row) => row.case === 'a-case at recall 0.99, undisturbed');
  t.true(Math.abs(medianOf(ratio?.figures['timesHnswlibNode'] ?? 0) - 3) < 1e-9);
});

test('a contender that does not reach a recall has no rate there, and gives no ratio', (t) => {
  const low = curveRows(item, [curveOf('starling-f32', 1), curveOf('hnswlib-node', 1, [0.5, 0.6])]);
  const [ours, peer] = low.filter((row) => row.case === 'a-case at recall 0.95');
  t.deepEqual(Object.keys(ours?.figures ?? {}), ['queriesPerSecond']);
  t.deepEqual(peer?.figures, {});
});

test('builds are compared with the peer and with two threads, bytes with code and links', (t) => {
  const build = rows.find((row) => row.case === 'a-case: build');
  t.like(build?.figures, { fasterThanHnswlibNode: 1, fasterOnTwo: 2, bytesPerVector: 200 });
  t.is(medianOf(build?.figures['buildCpuSeconds'] ?? 0), 1.9);
  t.is(Math.round(medianOf(build?.figures['codeAndLinkBytes'] ?? 0)), 32 + 132);
});
