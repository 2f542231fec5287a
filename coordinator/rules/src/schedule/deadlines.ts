// How long a round waits, from how long its members took before and what their links carry.

import type { MemberId } from '@starling/shared';
import { activePeers, type FederationState } from '../federation-state.ts';
import type { RoundState } from '../round-state.ts';
import { phaseSpans } from './round-times.ts';
import type { Schedule } from './schedule.ts';

/** Fewest durations that say something of a site, or of a phase. */
export const SAMPLES_MIN = 2;

export interface Deadline {
  readonly withinMs: number;
  /** From what it follows, for people. */
  readonly why: string;
}

export interface Links {
  /** Bytes that one member's update takes. */
  readonly payloadBytes: number;
  /** As it was measured lately; members without are taken at the schedule's slowest. */
  readonly bytesPerS: ReadonlyMap<MemberId, number>;
}

/**
 * What the slowest of the cohort is expected to take, times the factor, within the bounds. Expected
 * of a site is a quantile of its newest durations; one that was too late is taken to need all the time
 * that it had, so the next deadline is longer. Of a site without durations, the median of the
 * others' is expected, and its link's time for base and update.
 */
export function trainingDeadline(
  state: FederationState,
  cohort: readonly MemberId[],
  links: Links,
  { deadline, training }: Schedule,
): Deadline {
  const rounds = newestRounds(state, deadline.rounds);
  const measured = new Map<MemberId, number>();
  for (const { member } of activePeers(state.roster)) {
    const samples = rounds.flatMap((round) => trainingOf(round, member));
    const expected = quantile(samples, deadline.quantile);
    if (expected !== undefined) measured.set(member, expected);
  }
  const slowestLink = (deadline.linkKbitPerS * 1000) / 8;
  const transferMs = (member: MemberId): number =>
    (2 * links.payloadBytes * 1000) / (links.bytesPerS.get(member) ?? slowestLink);
  const known = cohort.filter((member) => measured.has(member)).length;
  if (known < Math.min(SAMPLES_MIN, cohort.length)) {
    const longest = Math.max(...cohort.map(transferMs));
    return bounded(training.startMs + longest, training, `${known} of its members were measured`);
  }
  const usual = quantile([...measured.values()], 0.5) ?? 0;
  const expected = cohort.map((member) => measured.get(member) ?? usual + transferMs(member));
  const slowest = Math.max(...expected);
  const why = `${deadline.factor} × ${seconds(slowest)} of the slowest member`;
  return bounded(slowest * deadline.factor, training, why);
}

/** The longest phase of recent secure aggregations, by quantile, times the factor. */
export function phaseDeadline(state: FederationState, schedule: Schedule): Deadline {
  const { deadline, phase } = schedule;
  const rounds = newestRounds(state, deadline.rounds);
  const spans = rounds.flatMap((round) =>
    phaseSpans(round)
      .filter((each) => SESSION_PHASES.has(each.phase))
      .flatMap(({ fromMs, untilMs }) => (untilMs === null ? [] : [untilMs - fromMs])),
  );
  const expected = quantile(spans, deadline.quantile);
  if (expected === undefined || spans.length < SAMPLES_MIN) {
    return bounded(phase.startMs, phase, 'no phase was measured');
  }
  const why = `${deadline.factor} × ${seconds(expected)} of recent phases`;
  return bounded(expected * deadline.factor, phase, why);
}

/** The value that `share` of the samples do not exceed (nearest rank); undefined without samples. */
export function quantile(samples: readonly number[], share: number): number | undefined {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

const SESSION_PHASES: ReadonlySet<string> = new Set(['sharing', 'masking', 'signing', 'unmasking']);

function newestRounds(state: FederationState, rounds: number): RoundState[] {
  const all = [...state.roundHistory, ...(state.round === undefined ? [] : [state.round])];
  return all.slice(-rounds);
}

function trainingOf({ missing, plan, trainedMs }: RoundState, member: MemberId): number[] {
  const tookMs = trainedMs.get(member);
  if (tookMs !== undefined) return [tookMs];
  const isLate = missing.some(
    (each) => each.member === member && each.reason === 'timeout' && each.phase === 'training',
  );
  return isLate ? [plan.trainWithinMs] : [];
}

function bounded(wantedMs: number, bounds: Schedule['training'], why: string): Deadline {
  const withinMs = Math.round(Math.min(bounds.maxMs, Math.max(bounds.minMs, wantedMs)));
  const isBound = withinMs !== Math.round(wantedMs);
  return { withinMs, why: `${seconds(withinMs)}${isBound ? ', at a bound' : ''}: ${why}` };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
