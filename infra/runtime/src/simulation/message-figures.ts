// What only single messages show: traffic of both engines, certificates under faults, a partition.

import { faultTolerance, runMessageLevel } from '@starling/consensus';
import { linearAxis, logAxis } from '../chart/axis.ts';
import { type Chart, drawChart, type Point, type Series } from '../chart/chart.ts';
import type { Figure, Sweep } from './sweep.ts';

const CERTIFICATE_PEERS = [4, 7, 10, 16, 30, 64, 100];
const POLL_PEERS = [30, 100, 300, 1000, 3000];
const PEERS_MAX = 3000;

interface Traffic {
  readonly messages: readonly Point[];
  readonly bytes: readonly Point[];
}

/** Messages and bytes of one decision, by engine, against the number of peers. */
export async function trafficByEngine(sweep: Sweep): Promise<Figure[]> {
  const polls: Traffic = await trafficOf(
    sweep,
    POLL_PEERS.filter((n) => n >= sweep.base.k),
    'snow',
  );
  const votes = await trafficOf(sweep, CERTIFICATE_PEERS, 'simplex');
  const { parameters } = sweep;
  return [
    trafficFigure('messages', polls.messages, votes.messages, parameters),
    trafficFigure('bytes', polls.bytes, votes.bytes, parameters),
  ];
}

async function trafficOf(
  sweep: Sweep,
  sizes: readonly number[],
  engine: 'snow' | 'simplex',
): Promise<Traffic> {
  const messages: Point[] = [];
  const bytes: Point[] = [];
  const level = engine === 'snow' ? 'exchangeable' : 'message';
  for (const n of sizes) {
    sweep.say(`traffic of ${engine} among ${n} peers`);
    const { summary } = await sweep.run({ engine, level, n, runs: sweep.runs(15) });
    messages.push({ x: n, y: summary.messages });
    bytes.push({ x: n, y: summary.bytes });
  }
  return { messages, bytes };
}

function trafficFigure(
  unit: 'messages' | 'bytes',
  polls: readonly Point[],
  votes: readonly Point[],
  parameters: string,
): Figure {
  const last = votes.at(-1) as Point;
  const square = last.y / last.x ** 2;
  const beyond = [last, { x: PEERS_MAX, y: square * PEERS_MAX ** 2 }];
  const crossing = crossingOf(polls, square);
  const all = [...polls, ...votes, ...beyond].map(({ y }) => y);
  const where =
    crossing === undefined
      ? 'A vote carries a post-quantum signature and a chit does not, so polls weigh less at every n drawn here'
      : `The lines cross near n = ${crossing}`;
  const chart: Chart = {
    title: `${unit === 'messages' ? 'Messages' : 'Bytes'} of one decision by engine`,
    subtitle: `snow: ${parameters}, even split; simplex: every member votes, nobody corrupt`,
    x: logAxis('peers, log scale', 4, PEERS_MAX),
    y: logAxis(`${unit} of all peers, log scale`, Math.min(...all) / 2, Math.max(...all) * 1.5),
    series: [
      { name: 'snow', points: polls, line: 'whole', hasMarkers: true },
      { name: 'simplex', points: votes, line: 'whole', hasMarkers: true },
      { name: 'simplex, as n²', points: beyond, line: 'dashed', like: 1 },
    ],
    ...(crossing === undefined
      ? {}
      : { spans: [{ from: crossing, to: crossing, text: `n = ${crossing}` }] }),
  };
  return {
    says: `Polls cost every peer the same whatever n is, votes cost it n of them. ${where}; the dashed line goes on as n². One poll can serve many undecided blocks at once, which this counts as one.`,
    svg: drawChart(chart),
  };
}

/** Where the line through the polls, straight between sizes on log scales, meets square · n². */
function crossingOf(polls: readonly Point[], square: number): number | undefined {
  for (const [at, { x, y }] of polls.entries()) {
    const next = polls[at + 1];
    if (next === undefined) return undefined;
    const here = Math.log(y / (square * x ** 2));
    const there = Math.log(next.y / (square * next.x ** 2));
    if (here >= 0 && there <= 0) {
      const share = here === there ? 0 : here / (here - there);
      return Math.round(x * (next.x / x) ** share);
    }
  }
  return undefined;
}

const FAULTY_PEERS = 16;

/** Time to a certificate against the number of faulty members. */
export async function latencyByFaults(sweep: Sweep): Promise<Figure> {
  const faultyMax = faultTolerance(FAULTY_PEERS);
  const runs = sweep.runs(200);
  const series: Series[] = [];
  for (const [adversary, loss, name] of [
    ['silent', 0, 'silent'],
    ['equivocator', 0, 'equivocating'],
    ['silent', 0.02, 'silent, 2 % lost'],
  ] as const) {
    sweep.say(`certificates with members ${name}`);
    const median: Point[] = [];
    const slow: Point[] = [];
    for (let faulty = 0; faulty <= faultyMax; faulty++) {
      const { finality } = (
        await sweep.run({
          ...{ engine: 'simplex', level: 'message', n: FAULTY_PEERS, runs, loss },
          ...{ adversary, adversaryShare: faulty / FAULTY_PEERS },
        })
      ).summary;
      if (finality === null) continue;
      median.push({ x: faulty, y: finality.p50 });
      slow.push({ x: faulty, y: finality.p99 });
    }
    const like = series.length;
    series.push({ name: `${name}: p50`, points: median, line: 'whole', hasMarkers: true });
    series.push({ name: '… p99', points: slow, line: 'dashed', hasMarkers: true, like });
  }
  const slowest = Math.max(...series.flatMap(({ points }) => points.map(({ y }) => y)));
  return {
    says: `Whole lines are medians, dashed ones the slowest hundredth. With honest leaders a certificate takes three hops; a faulty leader costs its view, a second here. More than F = ${faultyMax} faulty members of ${FAULTY_PEERS} are not tolerated.`,
    svg: drawChart({
      title: 'Time to a certificate by faulty members',
      subtitle: `simplex, n = ${FAULTY_PEERS}, median one-way delay ${sweep.base.delayMs} ms, ${runs} runs a point`,
      x: linearAxis('faulty members', 0, faultyMax),
      y: logAxis('milliseconds until every honest member decided, log scale', 100, slowest * 1.5),
      series,
    }),
  };
}

const CHAIN_PEERS = 16;
const CHAIN_HEIGHTS = 40;
const CUT = Object.freeze({ share: 0.5, from: 4000, until: 10_000 });

/** Heights that members decided, through a partition in two halves. */
export function partitionOfCertificates(sweep: Sweep): Figure {
  sweep.say('a partition of certificates');
  const { decided } = runMessageLevel({
    ...{ seed: sweep.base.seed, members: CHAIN_PEERS, heights: CHAIN_HEIGHTS },
    ...{ delayMedianMs: sweep.base.delayMs, partition: CUT },
  });
  const lines = decided.map(({ decisions }) =>
    decisions.flatMap(({ atMs, height }) => [
      { x: atMs / 1000, y: height - 1 },
      { x: atMs / 1000, y: height },
    ]),
  );
  const end = Math.max(...lines.flatMap((line) => line.map(({ x }) => x)));
  return {
    says: 'Each line is a member. While the cut lasts neither half has a quorum, so nothing is decided on either side; when it heals, members exchange what they are missing and go on with the same chain.',
    svg: drawChart({
      title: 'A partition stalls certificates, and heals',
      subtitle: `simplex, n = ${CHAIN_PEERS} in two halves, median one-way delay ${sweep.base.delayMs} ms, one run`,
      x: linearAxis('seconds', 0, end),
      y: linearAxis('decided height', 0, CHAIN_HEIGHTS),
      series: lines.map((points, at) => ({
        name: 'a member',
        points,
        line: 'faint' as const,
        ...(at === 0 ? {} : { like: 0 }),
      })),
      spans: [{ from: CUT.from / 1000, to: CUT.until / 1000, text: 'cut in two halves' }],
    }),
  };
}

const CUT_ROUNDS = Object.freeze({ share: 0.5, from: 2, until: 40 });
const CUT_PEERS = 200;

/** Preferences of polled peers, through a partition in two halves. */
export async function partitionOfPolls(sweep: Sweep): Promise<Figure> {
  sweep.say('a partition of polls');
  const { shares } = await sweep.run({
    ...{ level: 'identified', n: Math.max(CUT_PEERS, sweep.base.k), runs: 20 },
    ...{ partition: CUT_ROUNDS },
  });
  const rounds = Math.max(...shares.map((one) => one.length - 1));
  return {
    says: 'Each line is one run. Behind a cut a poll hears about half of those it asks, too few to be confident and mostly too few to change a preference, so a split stays what it was; after the cut it tips as ever. How far the halves drift apart meanwhile is luck: nothing but the missing answers keeps them from finalising.',
    svg: drawChart({
      title: 'A partition stalls polls, and heals',
      subtitle: `${sweep.parameters}, n = ${CUT_PEERS} in two halves, 20 runs`,
      x: linearAxis('round', 0, rounds),
      y: linearAxis('share of honest peers that prefer the first colour', 0, 1),
      series: shares.map((one, at) => ({
        name: 'a run',
        points: one.map((y, x) => ({ x, y })),
        line: 'faint' as const,
        ...(at === 0 ? {} : { like: 0 }),
      })),
      spans: [{ from: CUT_ROUNDS.from, to: CUT_ROUNDS.until, text: 'cut in two halves' }],
    }),
  };
}
