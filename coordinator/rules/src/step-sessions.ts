// What a coordinator does next in a masked round: opens a session for each group, closes its phases
// when nobody is awaited any more, tries again with those left, and sums what can be opened.

import {
  answeredIn,
  audienceOf,
  boundsOf,
  type CoordinatorState,
  groupsOf,
  hidingMin,
  isOpenable,
  roundBeacon,
  stepCoordinator,
} from '@starling/crypto';
import type { Digest, MaskedAggregation, MemberId, MissingMember } from '@starling/shared';
import { SESSION_PARTICIPANTS_MIN } from '@starling/shared';
import type { Step } from './next-step.ts';
import { isGone, type Presence } from './presence.ts';
import { contributorsOf, currentSessions, type RoundState } from './round-state.ts';
import { coverageObjection } from './schedule/coverage.ts';
import type { Schedule } from './schedule/schedule.ts';
import { ROUND_PHASE_OF, type SessionRecord } from './session-record.ts';

/** The next step of a masked round that has no sum yet. */
export function stepSessions(
  round: RoundState,
  policy: MaskedAggregation,
  presence: Presence,
  schedule: Schedule,
): Step {
  const { plan } = round;
  const groups = groupsOf(plan.cohort, policy.groupSize, roundBeacon(plan.roster, plan.base));
  const current = currentSessions(round);
  const waits: string[] = [];
  for (const [index, members] of groups.entries()) {
    const record = current[index];
    const group = { count: groups.length, index };
    if (record === undefined) {
      return { kind: 'open-session', attempt: 1, group, participants: members };
    }
    if (record.state.failed !== undefined) {
      const dealt = { members, policy };
      const again = nextAttempt(round, dealt, record, presence, schedule);
      if (again !== undefined) return { kind: 'open-session', group, ...again };
      continue;
    }
    const why = waitsFor(record, round, presence, schedule);
    if (why !== undefined) waits.push(why);
    else if (!isOpenable(record.state)) return closing(record, round, presence, schedule);
  }
  if (waits.length > 0) return { kind: 'wait', why: `round ${plan.round}: ${waits.join('; ')}` };
  const missing = missingFrom(round);
  const contributors = contributorsOf(round);
  const isEnough = contributors.length >= plan.updatesMin && contributors.length > 0;
  const thin = coverageObjection({ ...round, missing }, contributors);
  if (isEnough && thin === undefined) return { kind: 'aggregate', missing };
  if (isEnough && thin !== undefined) return { kind: 'fail-round', missing, why: thin };
  // Nobody is to blame for being in a group that failed.
  const silent = missing.filter(({ reason }) => reason !== 'group-failed');
  return { kind: 'fail-round', missing: silent, why: failureOf(round) };
}

/** Why the session is not closed yet; undefined when it is time. */
function waitsFor(
  record: SessionRecord,
  round: RoundState,
  presence: Presence,
  schedule: Schedule,
): string | undefined {
  const { state } = record;
  if (isOpenable(state)) return undefined;
  if (isTimeUp(record, round, presence) || isWanted(record, round)) return undefined;
  const silent = silentIn(record, round, presence, schedule);
  const awaited = silent.filter(({ reason }) => reason === 'timeout');
  if (awaited.length > 0) return `${awaited.length} awaited for their ${state.phase}`;
  // Not before: whom several accuse is left out alone, whom one accuses takes its accuser along.
  if (state.complaints.size > 0) return undefined;
  const lost = lostIn(record, round, presence, schedule);
  if (!isTooFew(state) && canCertify(state, lost)) return undefined;
  // Whoever declined will not answer; whoever is away may.
  const isHopeless = [...silent, ...lost].every(({ reason }) => reason === 'declined');
  return isHopeless ? undefined : `too few ${state.phase}; the missing may still come back`;
}

/** More were asked than are needed, and enough have trained. */
function isWanted({ state }: SessionRecord, { plan }: RoundState): boolean {
  if (plan.updatesTarget === undefined || state.phase !== 'keys') return false;
  const { participants } = state.session.announce;
  const target = Math.ceil((plan.updatesTarget * participants.length) / plan.cohort.length);
  return answeredIn(state).length >= target && target < participants.length && !isTooFew(state);
}

/**
 * Once survivors are announced their updates may be spent. So a session whose survivors are not there
 * any more fails before, and another attempt uses their updates.
 */
function closing(
  record: SessionRecord,
  round: RoundState,
  presence: Presence,
  schedule: Schedule,
): Step {
  const { state } = record;
  const session = state.session.id;
  const isEnough = !isTimeUp(record, round, presence) && isWanted(record, round);
  const silent = silentIn(record, round, presence, schedule).map((each) => {
    return isEnough && each.reason === 'timeout' ? { ...each, reason: 'surplus' as const } : each;
  });
  const lost = lostIn(record, round, presence, schedule);
  if (canCertify(state, lost)) return { kind: 'close-phase', session, missing: silent };
  const why = `${lost.length} of ${answeredIn(state).length} members are not there to sign`;
  return { kind: 'fail-session', session, missing: [...silent, ...lost], why };
}

/** Members whose vectors are here and who are not there to sign for them. */
function lostIn(
  { phaseSinceMs, state }: SessionRecord,
  round: RoundState,
  presence: Presence,
  schedule: Schedule,
): MissingMember[] {
  if (state.phase !== 'masked' || state.complaints.size > 0) return [];
  return answeredIn(state).flatMap((member): MissingMember[] => {
    const phase = ROUND_PHASE_OF[state.phase];
    if (hasDeclined(state, member, round, presence)) {
      return [{ member, phase, reason: 'declined' }];
    }
    const isAway = isGone(member, phaseSinceMs, presence, schedule);
    return isAway ? [{ member, phase, reason: 'offline' }] : [];
  });
}

function canCertify(state: CoordinatorState, lost: readonly MissingMember[]): boolean {
  const { announce, certificateMin } = state.session;
  const left = answeredIn(state).length - lost.length;
  return lost.length === 0 || left >= Math.max(certificateMin, announce.threshold);
}

/** Who has not answered in the present phase, with the reason if it were closed now. */
function silentIn(
  { phaseSinceMs, state }: SessionRecord,
  round: RoundState,
  presence: Presence,
  schedule: Schedule,
): MissingMember[] {
  const answered = new Set([...answeredIn(state), ...state.complaints.keys()]);
  const phase = ROUND_PHASE_OF[state.phase];
  return audienceOf(state)
    .filter((member) => !answered.has(member))
    .map((member) => {
      if (hasDeclined(state, member, round, presence)) return { member, phase, reason: 'declined' };
      const isAway = isGone(member, phaseSinceMs, presence, schedule);
      return { member, phase, reason: isAway ? 'offline' : 'timeout' };
    });
}

/** It is out of the session, or of the whole round. */
function hasDeclined(
  { session }: CoordinatorState,
  member: MemberId,
  { withdrawn }: RoundState,
  { declined }: Presence,
): boolean {
  return withdrawn.has(member) || (declined.get(session.id)?.has(member) ?? false);
}

function isTooFew(state: CoordinatorState): boolean {
  const { effects } = stepCoordinator(state, { kind: 'close' });
  return effects.some((effect) => effect.kind === 'fail');
}

function isTimeUp(record: SessionRecord, round: RoundState, { nowMs }: Presence): boolean {
  const { phase, session } = record.state;
  const withinMs = phase === 'keys' ? round.plan.trainWithinMs : session.announce.phaseWithinMs;
  // A resumed round gives everyone the phase's time again.
  return nowMs - Math.max(record.phaseSinceMs, round.resumedAtMs) >= withinMs;
}

/**
 * A failed session is tried again with everyone of its group but those it blames, those that are
 * away and those that were silent twice; not once its survivors may have signed: then their updates
 * are spent, and only new training makes new ones. Nor with so few that no member would take part.
 */
function nextAttempt(
  round: RoundState,
  { members, policy }: { members: readonly MemberId[]; policy: MaskedAggregation },
  record: SessionRecord,
  presence: Presence,
  schedule: Schedule,
): { readonly attempt: number; readonly participants: readonly MemberId[] } | undefined {
  const { announced, session } = record.state;
  const attempt = session.announce.attempt + 1;
  if (announced.has('signing') || attempt > schedule.attemptsMax) return undefined;
  const excluded = blamedIn(round);
  const participants = members.filter(
    (member) =>
      !excluded.has(member) &&
      !round.withdrawn.has(member) &&
      silencesOf(round, member).length < SILENCES_MAX &&
      !isGone(member, record.phaseSinceMs, presence, schedule),
  );
  if (participants.length < SESSION_PARTICIPANTS_MIN) return undefined;
  const survivorsMin = boundsOf(participants.length, policy)?.survivorsMin ?? 0;
  const isHiding = survivorsMin >= hidingMin(round.plan, policy, session.announce.group.index);
  return isHiding ? { attempt, participants } : undefined;
}

/** One attempt may be lost to a restart; whoever is connected and silent again stays silent. */
const SILENCES_MAX = 2;

/** Why a member that was connected did not answer, once for each attempt. */
function silencesOf({ sessions }: RoundState, member: MemberId): MissingMember[] {
  const named = [...sessions.values()].flatMap(({ missing }) => missing.get(member) ?? []);
  return named.filter(({ reason }) => reason === 'timeout' || reason === 'declined');
}

/** Members that a session of this round proved or found faulty. */
function blamedIn(round: RoundState): Set<MemberId> {
  return new Set(
    [...round.sessions.values()].flatMap(({ state }) => [
      ...(state.failed?.blamed ?? []),
      ...state.equivocated.keys(),
    ]),
  );
}

/** Everyone of the cohort whose update is not in the sum, and why. */
export function missingFrom(round: RoundState): MissingMember[] {
  const contributors = new Set(contributorsOf(round));
  const blamed = blamedIn(round);
  const current = currentSessions(round);
  return round.plan.cohort.flatMap((member): MissingMember[] => {
    if (contributors.has(member)) return [];
    if (blamed.has(member)) return [{ member, reason: 'refused' }];
    if (round.withdrawn.has(member)) return [{ member, reason: 'declined' }];
    const last = current.find(({ state }) => state.session.announce.participants.includes(member));
    if (last !== undefined) return [last.missing.get(member) ?? { member, reason: 'group-failed' }];
    // An attempt leaves out those that were silent twice, and else only those that are away.
    const silences = silencesOf(round, member);
    return [silences[SILENCES_MAX - 1] ?? { member, reason: 'offline' }];
  });
}

function failureOf(round: RoundState): string {
  const failures = currentSessions(round).flatMap(({ state }) => state.failed ?? []);
  const details = failures.map(({ reason, detail }) => `${reason} (${detail})`);
  return details.length === 0 ? 'no group has a sum' : details.join('; ');
}

/** Names a session's key at the coordinator, which a restart must find again. */
export function sessionKeyInfo(planDigest: Digest, group: number, attempt: number): Uint8Array {
  return new TextEncoder().encode(`starling/psa1/coordinator/${planDigest}/${group}/${attempt}`);
}
