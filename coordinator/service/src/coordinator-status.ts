// What an operator sees of a running coordinator; a snapshot without secrets.

import { answeredIn, audienceOf } from '@starling/crypto';
import {
  type Coverage,
  contributorsOf,
  coverageOf,
  currentSessions,
  type FederationState,
  isAggregating,
  isRunOver,
  type RoundState,
  roundStatistics,
  roundsDone,
  type SessionRecord,
} from '@starling/rules';
import type {
  AppTask,
  Digest,
  FederationId,
  MemberId,
  MissingMember,
  Withdrawal,
} from '@starling/shared';
import { withdrawalText } from '@starling/shared';
import { describeMembers, type MemberContext, type MemberStatus } from './member-status.ts';

/** What a masked round's sessions came to; counts over its groups. */
export interface MaskedSummary {
  readonly groups: number;
  readonly attempts: number;
  readonly participants: number;
  readonly sharers: number;
  readonly survivors: number;
  /** Who has not answered in the present phase; empty once there is a sum. */
  readonly awaited: readonly MemberId[];
  /** Shares that open a secret. */
  readonly threshold: number;
  /** Signatures under the survivors. */
  readonly certificateBytes: number;
  readonly transcriptBytes: number;
  /** Coordinates that met the bound, per million. */
  readonly clippedMicros: number;
}

export interface WithdrawalLine extends Pick<Withdrawal, 'reason' | 'step'> {
  readonly member: MemberId;
  /** For people. */
  readonly text: string;
}

export interface RoundSummary {
  readonly round: number;
  readonly phase: RoundState['phase'];
  readonly updates: readonly MemberId[];
  /** What each member's signed message says of how it trained; `update verify` there holds it to it. */
  readonly commitments: readonly { readonly member: MemberId; readonly commitment: Digest }[];
  readonly votes: readonly MemberId[];
  readonly missing: readonly MissingMember[];
  /** Of the registered data; 0 members until something is received. */
  readonly coverage: Coverage;
  /** Why members withdrew, as they signed it. */
  readonly withdrawals: readonly WithdrawalLine[];
  readonly failure: string | null;
  readonly examples: number;
  /** Example-weighted mean of the sites' first and last training losses, in millionths. */
  readonly lossFirstMicros: number;
  readonly lossLastMicros: number;
  /** Null for a plain round. */
  readonly masked: MaskedSummary | null;
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
}

export interface StatusHead {
  readonly name: string;
  readonly federation: FederationId;
  readonly coordinator: MemberId;
  readonly addresses: readonly string[];
  /** What the rules wait for, in words. */
  readonly waitingFor: string;
  /** The app that the federation trains; null for the encoder. */
  readonly app: Pick<AppTask, 'digest' | 'name' | 'strategy'> | null;
  readonly roundsPlanned: number;
  readonly roundsDone: number;
  readonly finished: boolean;
  /** Why the run ended before its last round; null where it did not. */
  readonly stopped: string | null;
  /** The version that is held to be the best; null where none is. */
  readonly pinned: number | null;
  readonly version: number;
  readonly model: string;
  readonly roster: {
    readonly seq: number;
    readonly epoch: number;
    readonly notAfterMs: number;
    readonly expired: boolean;
    /** The next one, while it lacks signatures or waits for a round to close. */
    readonly proposal: {
      readonly seq: number;
      readonly signed: number;
      readonly threshold: number;
    } | null;
  };
  /** Events in the log. */
  readonly events: number;
}

export interface CoordinatorStatus extends StatusHead {
  readonly members: readonly MemberStatus[];
  readonly rounds: readonly RoundSummary[];
}

/** Newest rounds that a status carries. */
export const STATUS_ROUNDS_MAX = 100;

export interface StatusContext extends MemberContext {
  readonly addresses: readonly string[];
  readonly coordinator: MemberId;
  readonly model: string;
  readonly waitingFor: string;
}

export function describeCoordinator(
  state: FederationState,
  context: StatusContext,
): CoordinatorStatus {
  const rounds = [...state.roundHistory, ...(state.round === undefined ? [] : [state.round])];
  return {
    ...describeHead(state, context),
    members: describeMembers(state, context),
    rounds: rounds.slice(-STATUS_ROUNDS_MAX).map(summariseRound),
  };
}

/** The status without what grows with members and rounds. */
export function describeHead(state: FederationState, context: StatusContext): StatusHead {
  const done = roundsDone(state);
  return {
    name: state.genesis.name,
    federation: state.federation,
    coordinator: context.coordinator,
    addresses: context.addresses,
    waitingFor: context.waitingFor,
    app: appOfTask(state.genesis.task.app),
    roundsPlanned: state.roundsPlanned,
    roundsDone: done,
    finished: state.roundsPlanned > 0 && isRunOver(state),
    stopped: state.registry.stopped?.reason ?? null,
    pinned: state.registry.pin?.version ?? null,
    version: state.versions.at(-1)?.version ?? 0,
    model: context.model,
    roster: rosterStatus(state, context.presence.nowMs),
    events: state.head,
  };
}

function appOfTask(app: AppTask | null): CoordinatorStatus['app'] {
  if (app === null) return null;
  const { digest, name, strategy } = app;
  return { digest, name, strategy };
}

function rosterStatus(
  { genesis, proposal, roster }: FederationState,
  nowMs: number,
): CoordinatorStatus['roster'] {
  const { epoch, notAfterMs, seq } = roster;
  const { threshold } = genesis;
  const next = proposal && {
    seq: proposal.body.seq,
    signed: proposal.signatures.size,
    threshold,
  };
  return { seq, epoch, notAfterMs, expired: notAfterMs <= nowMs, proposal: next ?? null };
}

/** What a round came to so far. */
export function summariseRound(round: RoundState): RoundSummary {
  const { examples, lossFirstMicros, lossLastMicros } = roundStatistics(round);
  return {
    round: round.plan.round,
    phase: round.phase,
    updates: contributorsOf(round),
    commitments: commitmentsIn(round),
    votes: [...round.votes.keys()].sort(),
    missing: round.missing,
    coverage: coverageOf(round, contributorsOf(round)),
    withdrawals: [...round.withdrawn]
      .map(([member, { reason, step }]) => {
        return { member, reason, step, text: withdrawalText({ reason, step }) };
      })
      .sort((a, b) => (a.member < b.member ? -1 : 1)),
    failure: round.failure ?? null,
    examples,
    lossFirstMicros,
    lossLastMicros,
    masked: summariseMasked(round),
    openedAtMs: round.openedAtMs,
    closedAtMs: round.closedAtMs ?? null,
  };
}

function commitmentsIn(round: RoundState): RoundSummary['commitments'] {
  const plain = [...round.updates].map(([member, { body }]) => ({ member, ...body }));
  const masked = currentSessions(round).flatMap(({ state }) =>
    [...state.masked.values()].map(({ body, member }) => ({ member, ...body })),
  );
  return [...plain, ...masked]
    .map(({ commitment, member }) => ({ member, commitment }))
    .sort((a, b) => (a.member < b.member ? -1 : 1));
}

function awaitedIn({ state }: SessionRecord): MemberId[] {
  const answered = new Set(answeredIn(state));
  return state.failed === undefined ? audienceOf(state).filter((each) => !answered.has(each)) : [];
}

function summariseMasked(round: RoundState): MaskedSummary | null {
  const current = currentSessions(round);
  if (current.length === 0) return null;
  const count = (members: readonly MemberId[] | undefined): number => members?.length ?? 0;
  const sum = (of: (record: SessionRecord) => number): number =>
    current.reduce((total, record) => total + of(record), 0);
  return {
    groups: current.length,
    attempts: round.sessions.size,
    participants: sum(({ state }) => state.session.announce.participants.length),
    sharers: sum(({ state }) => count(state.announced.get('masking')?.members)),
    survivors: sum(({ state }) => count(state.announced.get('signing')?.members)),
    awaited: isAggregating(round) ? current.flatMap(awaitedIn) : [],
    threshold: Math.max(...current.map(({ state }) => state.session.announce.threshold)),
    certificateBytes: sum(({ state }) =>
      [...state.survivors.values()].reduce((bytes, { signature }) => bytes + signature.length, 0),
    ),
    transcriptBytes: round.aggregate?.body.updates.bytes ?? 0,
    clippedMicros: round.aggregate?.body.statistics?.clippedMicros ?? 0,
  };
}
