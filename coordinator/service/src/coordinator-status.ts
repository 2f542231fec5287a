// What an operator sees of a running coordinator; a snapshot without secrets.

import {
  activePeers,
  type FederationState,
  memberAccount,
  type Presence,
  type RoundState,
  roundsDone,
} from '@starling/rules';
import type { Evaluation, FederationId, MemberId, MissingMember } from '@starling/shared';

export interface MemberStatus {
  readonly member: MemberId;
  readonly site: string;
  readonly connected: boolean;
  readonly registered: boolean;
  /** Corpus indexed and baselines done. */
  readonly ready: boolean;
  readonly examplesRounded: number;
  /** Whole token units, in decimal. */
  readonly balance: string;
  readonly evaluations: readonly Evaluation[];
}

export interface RoundSummary {
  readonly round: number;
  readonly phase: RoundState['phase'];
  readonly updates: readonly MemberId[];
  readonly votes: readonly MemberId[];
  readonly missing: readonly MissingMember[];
  readonly failure: string | null;
  readonly examples: number;
  /** Example-weighted mean of the sites' first and last training losses, in millionths. */
  readonly lossFirstMicros: number;
  readonly lossLastMicros: number;
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
}

export interface CoordinatorStatus {
  readonly name: string;
  readonly federation: FederationId;
  readonly coordinator: MemberId;
  readonly addresses: readonly string[];
  /** What the rules wait for, in words. */
  readonly waitingFor: string;
  readonly roundsPlanned: number;
  readonly roundsDone: number;
  readonly finished: boolean;
  readonly version: number;
  readonly model: string;
  readonly members: readonly MemberStatus[];
  readonly rounds: readonly RoundSummary[];
  /** Events in the log. */
  readonly events: number;
}

/** Newest rounds that a status carries. */
export const STATUS_ROUNDS_MAX = 100;

export interface StatusContext {
  readonly addresses: readonly string[];
  readonly coordinator: MemberId;
  readonly model: string;
  readonly presence: Presence;
  readonly waitingFor: string;
}

export function describeCoordinator(
  state: FederationState,
  context: StatusContext,
): CoordinatorStatus {
  const done = roundsDone(state);
  const rounds = [...state.roundHistory, ...(state.round === undefined ? [] : [state.round])];
  return {
    name: state.genesis.name,
    federation: state.federation,
    coordinator: context.coordinator,
    addresses: context.addresses,
    waitingFor: context.waitingFor,
    roundsPlanned: state.roundsPlanned,
    roundsDone: done,
    finished: state.roundsPlanned > 0 && done >= state.roundsPlanned,
    version: state.versions.at(-1)?.version ?? 0,
    model: context.model,
    members: activePeers(state.roster).map(({ member, site }) => ({
      member,
      site,
      connected: !context.presence.awaySinceMs.has(member),
      registered: state.registrations.has(member),
      ready: state.registrations.get(member)?.ready ?? false,
      examplesRounded: state.registrations.get(member)?.examplesRounded ?? 0,
      balance: state.ledger.balance(memberAccount(member)).toString(),
      evaluations: [...(state.evaluations.get(member)?.values() ?? [])],
    })),
    rounds: rounds.slice(-STATUS_ROUNDS_MAX).map(summarise),
    events: state.head,
  };
}

function summarise(round: RoundState): RoundSummary {
  const bodies = [...round.updates.values()].map(({ body }) => body);
  const examples = bodies.reduce((sum, body) => sum + body.examples, 0);
  const mean = (field: 'lossFirstMicros' | 'lossLastMicros') =>
    examples === 0
      ? 0
      : Math.round(bodies.reduce((sum, body) => sum + body[field] * body.examples, 0) / examples);
  return {
    round: round.plan.round,
    phase: round.phase,
    updates: [...round.updates.keys()].sort(),
    votes: [...round.votes.keys()].sort(),
    missing: round.missing,
    failure: round.failure ?? null,
    examples,
    lossFirstMicros: mean('lossFirstMicros'),
    lossLastMicros: mean('lossLastMicros'),
    openedAtMs: round.openedAtMs,
    closedAtMs: round.closedAtMs ?? null,
  };
}
