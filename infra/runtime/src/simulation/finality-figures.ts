// How long an even split takes to end: by the number of peers, under attack, round by round.

import { linearAxis, logAxis } from '../chart/axis.ts';
import { drawChart, type Point } from '../chart/chart.ts';
import type { Figure, Sweep } from './sweep.ts';

const PEERS = [30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000];
/** Rounds after which a network under attack is given up. */
const PATIENCE_ROUNDS = 3000;

/** Rounds until all are final, against the number of peers. */
export async function finalityByPeers(sweep: Sweep): Promise<Figure> {
  const { base } = sweep;
  const median: Point[] = [];
  const slow: Point[] = [];
  const runs = sweep.runs(500);
  for (const n of PEERS.filter((peers) => peers >= base.k)) {
    sweep.say(`finality among ${n.toLocaleString('en-US')} peers`);
    const { finality } = (await sweep.run({ n, runs })).summary;
    if (finality === null) continue;
    median.push({ x: n, y: finality.p50 });
    slow.push({ x: n, y: finality.p99 });
  }
  const factor = logFactor(median, base.beta);
  const line = median.map(({ x }) => ({ x, y: base.beta + factor * Math.log(x) }));
  const all = [...median, ...slow, ...line];
  const says = `A polled network doubles its majority again and again, so the rounds before the last β = ${base.beta} grow with the logarithm of n: here ${factor.toFixed(2)} · ln n.`;
  return {
    says,
    svg: drawChart({
      title: 'Rounds to finality by number of peers',
      subtitle: `${sweep.parameters}, even split, nobody corrupt, ${runs} runs a point`,
      x: logAxis('peers, log scale', PEERS[0] as number, 1_000_000),
      y: linearAxis('rounds until all are final', 0, Math.max(...all.map(({ y }) => y)) * 1.1),
      series: [
        { name: 'p50', points: median, line: 'whole', hasMarkers: true },
        { name: 'p99', points: slow, line: 'whole', hasMarkers: true },
        { name: `β + ${factor.toFixed(2)} · ln n`, points: line, line: 'dashed' },
      ],
    }),
  };
}

/** Rounds until all are final, against corrupt peers that always support the minority. */
export async function finalityUnderAttack(sweep: Sweep): Promise<Figure> {
  const series = [];
  const runs = sweep.runs(50);
  for (const n of [100, 1000, 10_000].filter((peers) => peers >= sweep.base.k)) {
    sweep.say(`a balancing adversary among ${n.toLocaleString('en-US')} peers`);
    const points: Point[] = [];
    for (const ratio of [0, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20]) {
      const adversaryShare = Math.floor(ratio * Math.sqrt(n)) / n;
      if (adversaryShare > 0.2) break;
      const roundsMax = PATIENCE_ROUNDS;
      const asked = { n, adversary: 'minority', adversaryShare, roundsMax, runs } as const;
      const { runs: done } = await sweep.run(asked);
      const rounds = done.map(({ last }) => last).sort((a, b) => a - b);
      points.push({ x: ratio, y: rounds[Math.floor(rounds.length / 2)] as number });
    }
    const name = `n = ${n.toLocaleString('en-US')}`;
    series.push({ name, points, line: 'whole', hasMarkers: true } as const);
  }
  return {
    says: 'Corrupt peers that support whatever is behind hold a split upright by luck alone while they are fewer than some √n; beyond, they cost rounds that grow steeply up to a fifth of the peers, where the curves end.',
    svg: drawChart({
      title: 'Rounds to finality against a balancing adversary',
      subtitle: `${sweep.parameters}, adversary "minority", median of ${runs} runs, given up at ${PATIENCE_ROUNDS}`,
      x: linearAxis('corrupt peers f, in units of √n', 0, 20),
      y: logAxis('rounds until all are final, log scale', 10, PATIENCE_ROUNDS),
      series,
    }),
  };
}

/** Share that prefers one colour, round by round. */
export async function tipping(sweep: Sweep): Promise<Figure> {
  sweep.say('preferences round by round');
  const n = Math.min(Math.max(sweep.base.n, sweep.base.k), 1_000_000);
  const { shares } = await sweep.run({ n, runs: 20 });
  const rounds = Math.max(...shares.map((one) => one.length - 1));
  return {
    says: 'Each line is one run: chance breaks the tie, then the majority feeds itself. What follows after the lines have reached an end is the run of confident polls that finality asks for.',
    svg: drawChart({
      title: 'How an even split tips over',
      subtitle: `${sweep.parameters}, n = ${n.toLocaleString('en-US')}, ${shares.length} runs`,
      x: linearAxis('round', 0, rounds),
      y: linearAxis('share of honest peers that prefer the first colour', 0, 1),
      series: shares.map((one, at) => ({
        name: 'a run',
        points: one.map((y, x) => ({ x, y })),
        line: 'faint' as const,
        ...(at === 0 ? {} : { like: 0 }),
      })),
    }),
  };
}

/** Least squares of c in rounds = β + c · ln n. */
function logFactor(points: readonly Point[], beta: number): number {
  const sum = (of: (point: Point) => number) => points.reduce((total, one) => total + of(one), 0);
  const squares = sum(({ x }) => Math.log(x) ** 2);
  return squares === 0 ? 0 : sum(({ x, y }) => (y - beta) * Math.log(x)) / squares;
}
