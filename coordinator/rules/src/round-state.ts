// One federated round as a fold: training → voting → final, or training → failed.
// There is no deadline on voting: a version that some members voted for is never dropped, so no
// second version can be certified in its place. The round waits for its quorum instead.

import { quorumSize } from '@starling/consensus';
import { survivorsOf } from '@starling/crypto';
import type {
  Aggregate,
  Digest,
  FederationId,
  MemberId,
  MissingMember,
  ModelUpdate,
  ModelVote,
  Roster,
  RoundPhase,
  RoundPlan,
  Withdrawal,
} from '@starling/shared';
import {
  aggregate as aggregateMessage,
  modelUpdate,
  modelVote,
  roundPlan,
  withdrawal as withdrawalMessage,
} from '@starling/shared';
import { checkUpdateHeader } from './check-update.ts';
import { checkVote } from './check-vote.ts';
import { checkWithdrawal } from './check-withdrawal.ts';
import type { RecordedEvent } from './events.ts';
import { type FrameContent, readFrame } from './read-frame.ts';
import { RulesError } from './rules-error.ts';
import type { CohortSelection } from './schedule/cohort-selection.ts';
import { noteTraining } from './schedule/round-times.ts';
import { foldSession, openRecord, ROUND_PHASE_OF, type SessionRecord } from './session-record.ts';

/**
 * Invariant: `updates`, `refused` and `withdrawn` share no member; `aggregate` is set exactly in the phases
 * voting and final; votes are for the aggregate's own body.
 */
export interface RoundState {
  readonly plan: RoundPlan;
  readonly planDigest: Digest;
  readonly planFrame: Uint8Array;
  phase: Exclude<RoundPhase, 'idle'>;
  /** Each phase that it was in, in order, by the coordinator's clock. */
  readonly phases: { readonly phase: RoundState['phase']; readonly fromMs: number }[];
  /** When the phase began or was resumed, by the coordinator's clock. */
  phaseSinceMs: number;
  readonly updates: Map<MemberId, FrameContent<ModelUpdate> & { readonly frame: Uint8Array }>;
  readonly refused: Map<MemberId, string>;
  /** Members that said that they give no update, and why. */
  readonly withdrawn: Map<MemberId, Withdrawal>;
  /** Secure aggregations by their id, in the order they were opened; none in a plain round. */
  readonly sessions: Map<Digest, SessionRecord>;
  aggregate: (FrameContent<Aggregate> & { readonly frame: Uint8Array }) | undefined;
  readonly votes: Map<MemberId, FrameContent<ModelVote>>;
  missing: readonly MissingMember[];
  failure: string | undefined;
  readonly federation: FederationId;
  /** How long each member took to train and to hand it over; not of late updates. */
  readonly trainedMs: Map<MemberId, number>;
  /** Registered examples of every active peer when the round opened. */
  readonly registered: ReadonlyMap<MemberId, number>;
  /** Undefined in a log from before selections. */
  readonly selection: CohortSelection | undefined;
  readonly openedAtMs: number;
  /** When a coordinator last took the round up again; the opening until then. */
  resumedAtMs: number;
  closedAtMs: number | undefined;
}

export function openRound(
  event: RecordedEvent & { type: 'round-opened' },
  opening: Pick<RoundState, 'federation' | 'registered' | 'selection'>,
): RoundState {
  const content = readFrame(event.payload.plan, roundPlan);
  const { federation, registered, selection } = opening;
  return {
    plan: content.body,
    planDigest: content.bodyDigest,
    planFrame: event.payload.plan,
    phase: 'training',
    phases: [{ phase: 'training', fromMs: event.atMs }],
    phaseSinceMs: event.atMs,
    updates: new Map(),
    refused: new Map(),
    withdrawn: new Map(),
    sessions: new Map(),
    aggregate: undefined,
    votes: new Map(),
    missing: [],
    failure: undefined,
    federation,
    trainedMs: new Map(),
    registered,
    selection: selection?.round === content.body.round ? selection : undefined,
    openedAtMs: event.atMs,
    resumedAtMs: event.atMs,
    closedAtMs: undefined,
  };
}

/** True while the round can still become final. */
export function isOpen(round: RoundState): boolean {
  return round.phase !== 'final' && round.phase !== 'failed';
}

/** True before the round has a sum. */
export function isAggregating(round: RoundState): boolean {
  return isOpen(round) && round.phase !== 'voting';
}

/** The newest attempt of each group, by group. */
export function currentSessions(round: RoundState): SessionRecord[] {
  const newest: SessionRecord[] = [];
  for (const record of round.sessions.values()) {
    newest[record.state.session.announce.group.index] = record;
  }
  return newest;
}

/** True when nothing more is taken from this member in a plain round. */
export function isAnswered({ refused, updates, withdrawn }: RoundState, member: MemberId): boolean {
  return updates.has(member) || refused.has(member) || withdrawn.has(member);
}

/** Members whose update is in the sum, or would be if it were made now; sorted. */
export function contributorsOf(round: RoundState): MemberId[] {
  const survivors = currentSessions(round)
    .filter(({ state }) => state.failed === undefined)
    .flatMap(({ state }) => survivorsOf(state)?.members ?? []);
  return [...round.updates.keys(), ...survivors].sort();
}

/** True while enough of the plan's voters have voted or may still do so under this roster. */
export function canFinish(
  { plan, votes }: RoundState,
  { revoked }: Pick<Roster, 'revoked'>,
): boolean {
  const gone = new Set(revoked.map(({ member }) => member));
  const counted = plan.voters.filter((member) => votes.has(member) || !gone.has(member));
  return counted.length >= quorumSize(plan.voters.length);
}

/** Folds an event of this round into it. @throws {RulesError} `impossible-event` */
export function foldRound(round: RoundState, event: RecordedEvent): void {
  switch (event.type) {
    case 'round-resumed':
      expectRound(round, event.payload.round, event);
      expect(isOpen(round), event, `resumes a round in phase ${round.phase}`);
      round.phaseSinceMs = event.atMs;
      round.resumedAtMs = event.atMs;
      break;
    case 'update-received':
      foldUpdate(round, event);
      break;
    case 'update-refused':
      expectRound(round, event.payload.round, event);
      expectPhase(round, 'training', event);
      expectUnanswered(round, event.payload.member, event);
      round.refused.set(event.payload.member, event.payload.reason);
      break;
    case 'site-withdrew':
      foldWithdrawal(round, event);
      break;
    case 'session-opened': {
      expect(isAggregating(round), event, `opens a session in phase ${round.phase}`);
      const record = openRecord(round.federation, event.payload.announce, event.atMs);
      const { attempt, group, plan } = record.state.session.announce;
      expect(plan === round.planDigest, event, 'of another plan');
      const before = currentSessions(round)[group.index]?.state;
      const isNext =
        attempt === (before?.session.announce.attempt ?? 0) + 1 &&
        (before === undefined || before.failed !== undefined);
      expect(isNext, event, `attempt ${attempt} does not follow`);
      round.sessions.set(record.state.session.id, record);
      enterAggregation(round, event.atMs);
      break;
    }
    case 'session-said':
    case 'session-equivocated':
    case 'session-faulted':
    case 'session-announced':
    case 'session-failed': {
      const record = round.sessions.get(event.payload.session);
      if (record === undefined) throw impossible(event, 'is about an unknown session');
      // Its keys are what a member says first, once it has trained.
      if (event.type === 'session-said') noteTraining(round, event.payload.member, event.atMs);
      expect(isAggregating(round), event, `comes in phase ${round.phase}`);
      round.sessions.set(event.payload.session, foldSession(record, event));
      enterAggregation(round, event.atMs);
      break;
    }
    case 'aggregate-published': {
      expect(isAggregating(round), event, `sums in phase ${round.phase}`);
      const content = readFrame(event.payload.aggregate, aggregateMessage);
      expect(content.body.plan === round.planDigest, event, 'sums for another plan');
      round.aggregate = { ...content, frame: event.payload.aggregate };
      round.missing = content.body.missing;
      enter(round, 'voting', event.atMs);
      break;
    }
    case 'vote-received':
      foldVote(round, event);
      break;
    case 'version-finalised':
      expectPhase(round, 'voting', event);
      expectRound(round, event.payload.round, event);
      expect(event.payload.version === round.aggregate?.body.version, event, 'another version');
      close(round, 'final', event.atMs);
      break;
    case 'round-failed':
      expect(isAggregating(round), event, `fails in phase ${round.phase}`);
      expectRound(round, event.payload.round, event);
      round.missing = event.payload.missing;
      round.failure = event.payload.reason;
      close(round, 'failed', event.atMs);
      break;
    default:
      throw new RulesError('impossible-event', `${event.type} is no event of a round`);
  }
}

function foldUpdate(round: RoundState, event: RecordedEvent & { type: 'update-received' }): void {
  expectPhase(round, 'training', event);
  const content = readFrame(event.payload.update, modelUpdate);
  const { body, sender } = content;
  expect(sender === event.payload.member, event, 'is signed by another member');
  expectUnanswered(round, sender, event);
  const objection = checkUpdateHeader(body, sender, round.plan, round.planDigest);
  expect(objection === undefined, event, objection?.detail ?? '');
  round.updates.set(sender, { ...content, frame: event.payload.update });
  noteTraining(round, sender, event.atMs);
}

function foldWithdrawal(round: RoundState, event: RecordedEvent & { type: 'site-withdrew' }): void {
  expect(isAggregating(round), event, `withdraws in phase ${round.phase}`);
  const { body, sender } = readFrame(event.payload.withdrawal, withdrawalMessage);
  expect(sender === event.payload.member, event, 'is signed by another member');
  expectUnanswered(round, sender, event);
  const objection = checkWithdrawal(body, sender, round.plan, round.planDigest);
  expect(objection === undefined, event, objection?.detail ?? '');
  round.withdrawn.set(sender, body);
}

/** A late vote counts too: it is paid, though the certificate stands without it. */
function foldVote(round: RoundState, event: RecordedEvent & { type: 'vote-received' }): void {
  const content = readFrame(event.payload.vote, modelVote);
  const { body, sender } = content;
  expect(sender === event.payload.member, event, 'is signed by another member');
  expect(!round.votes.has(sender), event, 'is a second vote of this member');
  if (round.aggregate === undefined) throw impossible(event, 'votes before there is a sum');
  const objection = checkVote(body, sender, round.plan, round.aggregate.body);
  expect(objection === undefined, event, objection?.detail ?? '');
  round.votes.set(sender, content);
}

/** The round is in the phase of its slowest group that has not failed. */
function enterAggregation(round: RoundState, atMs: number): void {
  const order = Object.values(ROUND_PHASE_OF);
  const phases = currentSessions(round)
    .filter(({ state }) => state.failed === undefined)
    .map(({ state }) => ROUND_PHASE_OF[state.phase])
    .sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const phase = phases[0] ?? 'training';
  if (phase !== round.phase) enter(round, phase, atMs);
}

function close(round: RoundState, phase: 'final' | 'failed', atMs: number): void {
  enter(round, phase, atMs);
  round.closedAtMs = atMs;
}

function enter(round: RoundState, phase: RoundState['phase'], atMs: number): void {
  round.phase = phase;
  round.phases.push({ phase, fromMs: atMs });
  round.phaseSinceMs = atMs;
}

function expectPhase(round: RoundState, phase: RoundPhase, event: RecordedEvent): void {
  expect(round.phase === phase, event, `in phase ${round.phase}, not ${phase}`);
}

function expectRound(round: RoundState, number: number, event: RecordedEvent): void {
  expect(number === round.plan.round, event, `names round ${number}, now ${round.plan.round}`);
}

function expectUnanswered(round: RoundState, member: MemberId, event: RecordedEvent): void {
  expect(round.plan.cohort.includes(member), event, 'is of a member outside the cohort');
  expect(!isAnswered(round, member), event, 'answers the plan a second time');
}

function expect(holds: boolean, event: RecordedEvent, detail: string): void {
  if (!holds) throw impossible(event, detail);
}

function impossible(event: RecordedEvent, detail: string): RulesError {
  return new RulesError('impossible-event', `event ${event.seq} (${event.type}): ${detail}`);
}
