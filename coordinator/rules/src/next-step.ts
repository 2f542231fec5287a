// What a coordinator does next, as a pure function of its state, the time and who is connected.

import { quorumSize } from '@starling/consensus';
import type { Digest, MemberId, MissingMember, RoundPlan, SessionAnnounce } from '@starling/shared';
import { SESSION_PARTICIPANTS_MIN, toMicros } from '@starling/shared';
import { activePeers, type FederationState, isRunOver } from './federation-state.ts';
import { isGone, mayReturn, type Presence } from './presence.ts';
import { stepRegistry, stepRestoringRound } from './registry/step-registry.ts';
import { canFinish, isOpen, type RoundState } from './round-state.ts';
import {
  type CohortSelection,
  selectCohort,
  updatesTargetOf,
} from './schedule/cohort-selection.ts';
import { coverageObjection } from './schedule/coverage.ts';
import { trainingDeadline } from './schedule/deadlines.ts';
import { lateUpdates } from './schedule/late-updates.ts';
import type { Schedule } from './schedule/schedule.ts';
import { stepSessions } from './step-sessions.ts';

export type Step =
  | { readonly kind: 'wait'; readonly why: string }
  | {
      readonly kind: 'open-round';
      readonly plan: Omit<RoundPlan, 'base' | 'elements'>;
      readonly selection: CohortSelection;
    }
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
  /** The sum of this round is a version that was certified before. */
  | { readonly kind: 'restore'; readonly version: number }
  | { readonly kind: 'stop-run'; readonly reason: string; readonly version: number }
  | { readonly kind: 'finished' };

/** The next step; `wait` says for what, so that a stall is never silent. */
export function nextStep(state: FederationState, presence: Presence, schedule: Schedule): Step {
  const round = state.round;
  if (round !== undefined && isOpen(round)) {
    if (round.phase === 'voting') return stepVoting(round);
    if (!canFinish(round, state.roster)) return stepUnvotable(round);
    const restoring = stepRestoringRound(round);
    if (restoring !== undefined) return restoring;
    const { aggregation } = state.genesis.task;
    return aggregation.mode === 'masked'
      ? stepSessions(round, aggregation, presence, schedule)
      : stepTraining(round, presence, schedule);
  }
  const due = stepRegistry(state, presence);
  if (due !== undefined) return due;
  if (isRunOver(state)) return { kind: 'finished' };
  return stepOpen(state, presence, schedule);
}

function stepTraining(round: RoundState, presence: Presence, schedule: Schedule): Step {
  const missing: MissingMember[] = [];
  const awaited: MemberId[] = [];
  const phase = 'training';
  const timeUp = presence.nowMs - round.phaseSinceMs >= round.plan.trainWithinMs;
  for (const member of round.plan.cohort) {
    if (round.updates.has(member)) continue;
    if (round.refused.has(member)) missing.push({ member, phase, reason: 'refused' });
    else if (round.withdrawn.has(member)) missing.push({ member, phase, reason: 'declined' });
    else if (isGone(member, round.phaseSinceMs, presence, schedule))
      missing.push({ member, phase, reason: 'offline' });
    else if (timeUp) missing.push({ member, phase, reason: 'timeout' });
    else awaited.push(member);
  }
  const { updatesMin, updatesTarget = Number.POSITIVE_INFINITY } = round.plan;
  const contributors = [...round.updates.keys()];
  const surplus = awaited.map((member) => ({ member, phase, reason: 'surplus' }) as const);
  if (contributors.length >= Math.max(updatesMin, updatesTarget)) {
    const all = [...missing, ...surplus];
    const thin = coverageObjection({ ...round, missing: all }, contributors);
    if (thin === undefined) return { kind: 'aggregate', missing: all };
  }
  if (awaited.length > 0) {
    return { kind: 'wait', why: `round ${round.plan.round}: ${awaited.length} still train` };
  }
  const thin = coverageObjection({ ...round, missing }, contributors);
  if (contributors.length >= updatesMin && thin === undefined) {
    return { kind: 'aggregate', missing };
  }
  const mayStillCome = missing.some(({ reason }) => reason === 'offline');
  if (!timeUp && mayStillCome) {
    return { kind: 'wait', why: 'too few updates; the missing may still come back' };
  }
  const few = `${contributors.length} updates, at least ${updatesMin} are needed`;
  const why = contributors.length < updatesMin ? few : (thin ?? few);
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

function stepOpen(state: FederationState, presence: Presence, schedule: Schedule): Step {
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
  const available = voters.filter(
    (member) => state.registrations.get(member)?.ready && !presence.awaySinceMs.has(member),
  );
  const returning = voters.filter(
    (member) => state.registrations.get(member)?.ready && mayReturn(member, presence, schedule),
  );
  if (returning.length > 0) {
    return { kind: 'wait', why: `${returning.length} sites may still come back` };
  }
  const isMasked = state.genesis.task.aggregation.mode === 'masked';
  const { quorum, survivorsMin } = schedule;
  const least = isMasked ? Math.max(SESSION_PARTICIPANTS_MIN, survivorsMin) : survivorsMin;
  const needed = Math.max(quorum.sites, least, neededPeers(state, voters.length));
  if (available.length < needed) {
    return { kind: 'wait', why: `${available.length} of ${needed} sites ready` };
  }
  const gathering = gatherExamples(state, available, presence, schedule);
  if (gathering.kind === 'wait') return gathering;
  return opening(state, { available, voters, notes: gathering.notes }, presence, schedule);
}

/** Waits for sites with enough of the registered data, though not for ever. */
function gatherExamples(
  state: FederationState,
  available: readonly MemberId[],
  { nowMs, watchedSinceMs }: Presence,
  { coverageMin, quorum }: Schedule,
): { readonly kind: 'wait'; readonly why: string } | { kind: 'go'; notes: readonly string[] } {
  const examplesOf = (member: MemberId) => state.registrations.get(member)?.examplesRounded ?? 0;
  const sum = (members: readonly MemberId[]) =>
    members.reduce((total, member) => total + examplesOf(member), 0);
  const all = sum(activePeers(state.roster).map(({ member }) => member));
  const here = sum(available);
  const wanted = Math.max(quorum.examplesShare, coverageMin);
  if (here >= wanted * all) return { kind: 'go', notes: [] };
  const sinceMs = Math.max(watchedSinceMs, state.plannedAtMs, state.round?.closedAtMs ?? 0);
  const found = `${here} of ${all} registered examples are here, a share of ${wanted} is wanted`;
  if (nowMs - sinceMs < quorum.gatherWithinMs) return { kind: 'wait', why: found };
  const waitedS = Math.round(quorum.gatherWithinMs / 1000);
  return { kind: 'go', notes: [`opened all the same after ${waitedS} s: ${found}`] };
}

function opening(
  state: FederationState,
  { available, notes, voters }: Gathered,
  presence: Presence,
  schedule: Schedule,
): Step {
  const { task } = state.genesis;
  const round = (state.round?.plan.round ?? 0) + 1;
  const seed = roundSeed(task.seed, round);
  const { overSelection, sizeMax } = schedule.cohort;
  const overSelectionMicros = toMicros(overSelection);
  const drawn = { available, notes, overSelectionMicros, round, seed, sizeMax };
  const { cohort } = selectCohort(state, drawn);
  const links = presence.links ?? { bytesPerS: new Map(), payloadBytes: 0 };
  const deadline = trainingDeadline(state, cohort, links, schedule);
  const timed = [...notes, `they have ${deadline.why}`];
  const selection = selectCohort(state, { ...drawn, notes: timed });
  const { stalenessMax } = schedule.late;
  const late = lateUpdates(state, cohort, stalenessMax);
  const updatesTarget = updatesTargetOf(schedule, selection);
  return {
    kind: 'open-round',
    selection,
    plan: {
      baseVersion: state.versions.at(-1)?.version ?? 0,
      clippingNormMicros: task.clippingNormMicros,
      cohort,
      ...(schedule.coverageMin > 0 && { coverageMinMicros: toMicros(schedule.coverageMin) }),
      ...(late !== undefined && { late }),
      roster: state.rosterDigest,
      round,
      seed,
      ...(stalenessMax > 0 && task.app === null && { stalenessMax }),
      training: task.training,
      trainWithinMs: deadline.withinMs,
      updatesMin: schedule.survivorsMin,
      ...(updatesTarget !== undefined && { updatesTarget }),
      voters: [...voters],
    },
  };
}

interface Gathered {
  readonly available: readonly MemberId[];
  readonly voters: readonly MemberId[];
  readonly notes: readonly string[];
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
