// When a round was in which phase, and how long its members trained.

import type { MemberId } from '@starling/shared';
import type { RoundState } from '../round-state.ts';
import { lateRoundOf } from './staleness.ts';

export interface PhaseSpan {
  readonly phase: RoundState['phase'];
  /** By the coordinator's clock. */
  readonly fromMs: number;
  /** Null while it lasts; the last span of a closed round has no length. */
  readonly untilMs: number | null;
}

/** A round's phases with their ends. */
export function phaseSpans({
  closedAtMs,
  phases,
}: Pick<RoundState, 'closedAtMs' | 'phases'>): PhaseSpan[] {
  return phases.map(({ fromMs, phase }, i) => ({
    fromMs,
    phase,
    untilMs: phases[i + 1]?.fromMs ?? closedAtMs ?? null,
  }));
}

/** Notes how long a member took, once; what it trained for a former round says nothing of it. */
export function noteTraining(
  { plan, resumedAtMs, trainedMs }: Pick<RoundState, 'plan' | 'resumedAtMs' | 'trainedMs'>,
  member: MemberId,
  atMs: number,
): void {
  if (trainedMs.has(member) || lateRoundOf(plan, member) !== undefined) return;
  trainedMs.set(member, Math.max(0, atMs - resumedAtMs));
}
