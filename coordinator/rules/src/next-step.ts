// What a coordinator does next, as a pure function of its state, the time and who is connected.

import { quorumSize } from '@starling/consensus';
import type { Digest, MemberId, MissingMember, RoundPlan, SessionAnnounce } from '@starling/shared';
import { SESSION_PARTICIPANTS_MIN } from '@starling/shared';
import { activePeers, type FederationState, roundsDone } from './federation-state.ts';
import { isGone, mayReturn, type Presence } from './presence.ts';
import { canFinish, isOpen, type RoundState } from './round-state.ts';
import { stepSessions } from './step-sessions.ts';

export interface RoundOptions {
  /** How long a cohort may train before the round closes without the rest. */
  readonly trainWithinMs: number;
  /** How long a disconnected member may be away before the round stops waiting for it. */
  readonly offlineGraceMs: number;
  /** How long after its own restart a coordinator waits for members to connect again. */
  readonly returnWithinMs: number;
  /** Fewest updates that make a version. */
  readonly updatesMin: number;
  /** How long one phase of a secure aggregation waits for members that are connected. */
  readonly phaseWithinMs: number;
}

export const DEFAULT_ROUND_OPTIONS: RoundOptions = Object.freeze({
  trainWithinMs: 120_000,
  offlineGraceMs: 3_000,
  // Longer than the longest pause between two dials of a site.
  returnWithinMs: 20_000,
  updatesMin: 2,
  phaseWithinMs: 30_000,
});

export type Step =
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'open-round'; readonly plan: Omit<RoundPlan, 'base' | 'elements'> }
  | {
      readonly kind: 'open-session';
      readonly attempt: number;
      readonly group: SessionAnnounce['group'];
      readonly participants: readonly MemberId[];
    }
  | {
      readonly kind: 'close-phase';
      readonly session: Digest;
      /** Whom nobody waits for any longer. */
      readonly missing: readonly MissingMember[];
    }
  | {
      /** Too few of those whose vectors are here are there to sign for them. */
      readonly kind: 'fail-session';
      readonly session: Digest;
      readonly missing: readonly MissingMember[];
      readonly why: string;
    }
  | { readonly kind: 'aggregate'; readonly missing: readonly MissingMember[] }
  | { readonly kind: 'fail-round'; readonly missing: readonly MissingMember[]; why: string }
  | { readonly kind: 'finalise' }
  | { readonly kind: 'finished' };

/** The next step; `wait` says for what, so that a stall is never silent. */
export function nextStep(state: FederationState, presence: Presence, options: RoundOptions): Step {
  const round = state.round;
  if (round !== undefined && isOpen(round)) {
    if (round.phase === 'voting') return stepVoting(round);
    if (!canFinish(round, state.roster)) return stepUnvotable(round);
    const { aggregation } = state.genesis.task;
    return aggregation.mode === 'masked'
      ? stepSessions(round, aggregation, presence, options)
      : stepTraining(round, presence, options);
  }
  if (roundsDone(state) >= state.roundsPlanned) return { kind: 'finished' };
  return stepOpen(state, presence, options);
}

function stepTraining(round: RoundState, presence: Presence, options: RoundOptions): Step {
  const missing: MissingMember[] = [];
  const awaited: MemberId[] = [];
  const timeUp = presence.nowMs - round.phaseSinceMs >= round.plan.trainWithinMs;
  for (const member of round.plan.cohort) {
    if (round.updates.has(member)) continue;
    if (round.refused.has(member)) missing.push({ member, reason: 'refused' });
    else if (round.withdrawn.has(member)) missing.push({ member, reason: 'declined' });
    else if (isGone(member, round.phaseSinceMs, presence, options))
      missing.push({ member, reason: 'offline' });
    else if (timeUp) missing.push({ member, reason: 'timeout' });
    else awaited.push(member);
  }
  if (awaited.length > 0) {
    return { kind: 'wait', why: `round ${round.plan.round}: ${awaited.length} still train` };
  }
  if (round.updates.size >= round.plan.updatesMin) return { kind: 'aggregate', missing };
  const mayStillCome = missing.some(({ reason }) => reason === 'offline');
  if (!timeUp && mayStillCome) {
    return { kind: 'wait', why: 'too few updates; the missing may still come back' };
  }
  const why = `${round.updates.size} updates, at least ${round.plan.updatesMin} are needed`;
  return { kind: 'fail-round', missing, why };
}

/** Before there is a sum that somebody may have voted for, a round can still be dropped. */
function stepUnvotable({ plan, updates }: RoundState): Step {
  const absent = plan.cohort.filter((member) => !updates.has(member));
  const missing = absent.map((member) => ({ member, reason: 'offline' as const }));
  return { kind: 'fail-round', missing, why: 'revocations left too few voters for a quorum' };
}

function stepVoting(round: RoundState): Step {
  const quorum = quorumSize(round.plan.voters.length);
  if (round.votes.size >= quorum) return { kind: 'finalise' };
  const count = `${round.votes.size} of ${quorum} votes`;
  return { kind: 'wait', why: `round ${round.plan.round}: ${count}` };
}

function stepOpen(state: FederationState, presence: Presence, options: RoundOptions): Step {
  if (state.roster.notAfterMs <= presence.nowMs) {
    return {
      kind: 'wait',
      why: `roster ${state.roster.seq} has expired; its renewal is not signed`,
    };
  }
  const { genesis, proposal } = state;
  if (proposal !== undefined && proposal.signatures.size >= genesis.threshold) {
    return { kind: 'wait', why: `roster ${proposal.body.seq} comes into force first` };
  }
  const voters = activePeers(state.roster).map(({ member }) => member);
  const cohort = voters.filter(
    (member) => state.registrations.get(member)?.ready && !presence.awaySinceMs.has(member),
  );
  const returning = voters.filter(
    (member) => state.registrations.get(member)?.ready && mayReturn(member, presence, options),
  );
  if (returning.length > 0) {
    return { kind: 'wait', why: `${returning.length} sites may still come back` };
  }
  const isMasked = state.genesis.task.aggregation.mode === 'masked';
  const least = isMasked ? SESSION_PARTICIPANTS_MIN : options.updatesMin;
  const needed = Math.max(options.updatesMin, least, neededPeers(state, voters.length));
  if (cohort.length < needed) {
    return { kind: 'wait', why: `${cohort.length} of ${needed} sites ready` };
  }
  const { task } = state.genesis;
  const round = (state.round?.plan.round ?? 0) + 1;
  return {
    kind: 'open-round',
    plan: {
      baseVersion: state.versions.at(-1)?.version ?? 0,
      clippingNormMicros: task.clippingNormMicros,
      cohort,
      roster: state.rosterDigest,
      round,
      seed: roundSeed(task.seed, round),
      training: task.training,
      trainWithinMs: options.trainWithinMs,
      updatesMin: options.updatesMin,
      voters,
    },
  };
}

/**
 * The first round waits for everyone the operator asked for; later ones go on with those left, as
 * long as these can certify a version.
 */
function neededPeers(state: FederationState, voters: number): number {
  const quorum = voters === 0 ? 1 : quorumSize(voters);
  return state.round === undefined ? Math.max(state.peersMin, quorum) : quorum;
}

/** A 32-bit seed per round (murmur3 finaliser), so that no two rounds shuffle alike. */
function roundSeed(seed: number, round: number): number {
  let mixed = (seed ^ Math.imul(round, 0x9e3779b1)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
