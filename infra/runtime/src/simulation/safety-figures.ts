// What an adversary can break: violations beside their bound, and a map of parameters.

import {
  confidentPoll,
  corruptPeers,
  expectedRun,
  LIVE_ROUNDS_MAX,
  safetyBound,
  safetyBoundOver,
} from '@starling/consensus';
import { linearAxis, logAxis } from '../chart/axis.ts';
import { drawChart, type Series } from '../chart/chart.ts';
import { drawHeatMap, type HeatCell } from '../chart/heat-map.ts';
import type { Figure, Sweep } from './sweep.ts';

const SHARES = [0.04, 0.08, 0.12, 0.16, 0.2, 0.24, 0.28, 0.32, 0.36, 0.4];
/** Shares of honest support that a holder is tried with; the worst counts. */
const LEVELS = [0.55, 0.62, 0.7, 0.76];
const PEERS = 50;
const ROUNDS = 500;
const RATE_MIN = 1e-4;

interface PollSet {
  readonly k: number;
  readonly alphaPreference: number;
  readonly alphaConfidence: number;
  readonly beta: number;
}

/** P[two honest peers finalise differently] under the holder, against its share. */
export async function violationsByShare(sweep: Sweep): Promise<Figure> {
  const { alphaConfidence, alphaPreference, beta, k } = sweep.base;
  const sets: PollSet[] = [
    { k: 5, alphaPreference: 3, alphaConfidence: 4, beta: 8 },
    { k: 10, alphaPreference: 6, alphaConfidence: 8, beta: 15 },
    ...(k <= PEERS ? [{ k, alphaPreference, alphaConfidence, beta }] : []),
  ];
  const runs = sweep.runs(150);
  const series: Series[] = [];
  for (const set of sets) {
    sweep.say(`the holder against k ${set.k}`);
    series.push(...(await measuredAndBound(sweep, set, runs, series.length)));
  }
  return {
    says: `Whole lines are runs that the holder broke, with Wilson intervals at 95 %; without a marker none was seen, and the bar ends at what ${runs} runs cannot exclude. Dashed lines are the analytic bound over ${ROUNDS} rounds: no measurement lies above its own.`,
    svg: drawChart({
      title: 'Violations by the share of a holder',
      subtitle: `n = ${PEERS}, ${ROUNDS} rounds, the worst of ${LEVELS.length} levels of held support, ${runs} runs each`,
      x: linearAxis('share of corrupt peers', 0, 0.4),
      y: logAxis('probability of a violation, log scale', RATE_MIN, 1),
      series,
    }),
  };
}

async function measuredAndBound(
  sweep: Sweep,
  set: PollSet,
  runs: number,
  place: number,
): Promise<Series[]> {
  const points = [];
  const intervals = [];
  const bound = [];
  for (const adversaryShare of SHARES) {
    const faulty = corruptPeers(PEERS, adversaryShare);
    // Side by side, so that the bars of several sets can be told apart.
    const x = faulty / PEERS + place * 0.0015;
    bound.push({
      x: faulty / PEERS,
      y: Math.max(RATE_MIN, safetyBoundOver({ ...set, n: PEERS, faulty }, ROUNDS)),
    });
    const { high, low, seen } = await worstOf(sweep, set, adversaryShare, runs);
    intervals.push({ x, low: Math.max(RATE_MIN, low), high });
    if (seen > 0) points.push({ x, y: seen / runs });
  }
  const name = `k ${set.k}, α ${set.alphaPreference}/${set.alphaConfidence}, β ${set.beta}`;
  return [
    { name, points, intervals, line: 'whole', hasMarkers: true },
    { name: '… its bound', points: bound, line: 'dashed', like: place },
  ];
}

async function worstOf(sweep: Sweep, set: PollSet, adversaryShare: number, runs: number) {
  let worst: { seen: number; low: number; high: number } | undefined;
  for (const holderLevel of LEVELS) {
    const { summary } = await sweep.run({
      ...{ ...set, n: PEERS, adversary: 'holder', adversaryShare, holderLevel, runs },
      ...{ split: holderLevel, roundsMax: ROUNDS },
    });
    if (summary.violations.seen >= (worst?.seen ?? 0)) worst = summary.violations;
    if (summary.violations.seen === runs) break;
  }
  return worst ?? { seen: 0, low: 0, high: 1 };
}

const BOUNDS = [1, 1e-3, 1e-6, 1e-9, 1e-12, 1e-15];
const BOUND_NAMES = ['no guarantee', '≤ 1e-3', '≤ 1e-6', '≤ 1e-9', '≤ 1e-12', '≤ 1e-15'];
const SAMPLES_MAX = 40;
const MAP_PEERS = 100;
const MAP_SHARE = 0.1;

/** Which samples are safe and live among a hundred peers with ten corrupt ones. */
export function parameterMap(sweep: Sweep): Figure {
  sweep.say('the map of parameters');
  const { beta } = sweep.base;
  const faulty = corruptPeers(MAP_PEERS, MAP_SHARE);
  const cells: HeatCell[] = [];
  for (let k = 3; k <= SAMPLES_MAX; k++) {
    const alphaPreference = Math.floor(k / 2) + 1;
    for (let alphaConfidence = alphaPreference; alphaConfidence <= k; alphaConfidence++) {
      const poll = { n: MAP_PEERS, faulty, k, alphaPreference, alphaConfidence, beta };
      const { perRound } = safetyBound(poll);
      const rounds = expectedRun(confidentPoll(poll), beta);
      const text = `k ${k}, α ${alphaPreference}/${alphaConfidence}: bound ${perRound.toExponential(0)} a round, ${rounds < 1e6 ? Math.round(rounds) : 'over a million'} rounds to finality`;
      const rank = BOUNDS.filter((limit) => perRound <= limit).length - 1;
      cells.push({ x: k, y: alphaConfidence, rank, isCrossed: rounds > LIVE_ROUNDS_MAX, text });
    }
  }
  return {
    says: `Darker is safer: the bound on a violation per round. A cross marks what is not live: with the corrupt peers silent, β = ${beta} confident polls in a row are expected to take more than ${LIVE_ROUNDS_MAX} rounds. Choose dark cells without a cross; point at one for its figures.`,
    svg: drawHeatMap({
      title: 'Safety and liveness by k and αConfidence',
      subtitle: `n = ${MAP_PEERS}, ${faulty} corrupt, αPreference = ⌊k/2⌋ + 1, β ${beta}`,
      x: linearAxis('k, peers asked by a poll', 2, SAMPLES_MAX + 1),
      y: linearAxis('αConfidence, answers that make a poll confident', 0, SAMPLES_MAX + 1),
      cells,
      ranks: BOUND_NAMES,
      crossed: 'not live',
    }),
  };
}
