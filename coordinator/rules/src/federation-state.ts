// Everything a coordinator knows: the fold of its event log, and of nothing else.

import type {
  Digest,
  Evaluation,
  EvaluationStage,
  FederationId,
  Genesis,
  MemberId,
  Registration,
  Roster,
  RosterMember,
} from '@starling/shared';
import {
  evaluation as evaluationMessage,
  genesis as genesisMessage,
  INVITATION_LIFETIME_MS,
} from '@starling/shared';
import { type ChainOpening, foldChain } from './chain-opening.ts';
import { closedRound, WHOLE_ROUNDS_MAX } from './closed-round.ts';
import type { RecordedEvent } from './events.ts';
import { type Accounting, openAccounting } from './ledger/accounting.ts';
import { foldLedger } from './ledger/fold-ledger.ts';
import { Ledger } from './ledger/ledger.ts';
import { readFrame } from './read-frame.ts';
import {
  emptyRegistry,
  findVersion,
  foldRegistry,
  type ModelRegistry,
} from './registry/model-registry.ts';
import {
  foldProposal,
  foldRoster,
  foldSignature,
  type RosterProposal,
} from './roster/fold-roster.ts';
import { foldRound, isOpen, openRound, type RoundState } from './round-state.ts';
import { RulesError } from './rules-error.ts';
import type { CohortSelection } from './schedule/cohort-selection.ts';
import { type VersionRecord, versionRecord } from './version-record.ts';

export interface FederationState {
  readonly federation: FederationId;
  readonly genesis: Genesis;
  readonly genesisFrame: Uint8Array;
  roster: Roster;
  rosterDigest: Digest;
  /** The newest signed rosters, and the one that an open round names. */
  readonly rosterFrames: Map<Digest, Uint8Array>;
  /** Event of each roster; roster 1 first. */
  readonly rosterEvents: number[];
  /** The next roster, while it has too few signatures or waits for a round to close. */
  proposal: RosterProposal | undefined;
  /** For each key that was rotated, the one that took its place. */
  readonly successors: Map<MemberId, MemberId>;
  /** Of invitations, with when they were used; none whose invitation has long ended. */
  readonly usedNonces: Map<Digest, number>;
  readonly registrations: Map<MemberId, Registration>;
  readonly evaluations: Map<MemberId, Map<EvaluationStage, Evaluation>>;
  /** Fencing token of the coordinator that leads; 0 where there was only ever one. */
  leadership: number;
  roundsPlanned: number;
  peersMin: number;
  /** When the operator last asked for rounds, by the coordinator's clock. */
  plannedAtMs: number;
  /** How the cohort of the round that opens next was chosen. */
  selection: CohortSelection | undefined;
  /** How the chain of patterns and model versions began; undefined before the first round. */
  chain: ChainOpening | undefined;
  round: RoundState | undefined;
  readonly roundHistory: RoundState[];
  readonly versions: VersionRecord[];
  readonly registry: ModelRegistry;
  readonly ledger: Ledger;
  /** Rules, epochs and orders of the ledger. */
  readonly accounting: Accounting;
  /** Number of the newest folded event. */
  head: number;
}

/** Closed rounds, and versions, that stay in memory; older ones are in the log. */
export const ROUND_HISTORY_MAX = 100;

/** Folds one event; the first must be `federation-created`. @throws {RulesError} */
export function foldEvent(
  state: FederationState | undefined,
  event: RecordedEvent,
): FederationState {
  if (state === undefined) return createState(event);
  if (event.seq !== state.head + 1) {
    throw new RulesError('corrupt-log', `event ${event.seq} follows event ${state.head}`);
  }
  switch (event.type) {
    case 'federation-created':
      throw new RulesError('impossible-event', `event ${event.seq} creates the federation again`);
    case 'roster-changed':
      foldRoster(state, event);
      break;
    case 'roster-proposed':
      foldProposal(state, event);
      break;
    case 'roster-signed':
      foldSignature(state, event);
      break;
    case 'invitation-used':
      foldNonce(state.usedNonces, event);
      break;
    case 'site-registered':
      state.registrations.set(event.payload.member, event.payload.registration);
      break;
    case 'leadership-taken':
      foldLeadership(state, event);
      break;
    case 'run-planned':
      state.roundsPlanned = event.payload.rounds;
      state.peersMin = event.payload.peersMin;
      state.plannedAtMs = event.atMs;
      break;
    case 'evaluation-received': {
      const { body, sender } = readFrame(event.payload.evaluation, evaluationMessage);
      const stages = state.evaluations.get(sender) ?? new Map();
      state.evaluations.set(sender, stages.set(body.stage, body));
      break;
    }
    case 'chain-opened':
      foldChain(state, event);
      break;
    case 'cohort-selected':
      state.selection = event.payload;
      break;
    case 'round-opened':
      foldOpening(state, openRound(event, openingOf(state)), event.seq);
      break;
    case 'version-pinned':
    case 'version-unpinned':
    case 'run-stopped':
    case 'rollback-planned':
    case 'version-measured':
    case 'transfer-received':
    case 'stake-received':
    case 'ledger-rules-changed':
    case 'member-equivocated':
      break;
    default:
      foldOpenRound(state, event);
  }
  foldLedger(state, event);
  foldRegistry(state, event);
  state.head = event.seq;
  return state;
}

/** The members that train and vote: active peers of the roster, sorted by id. */
export function activePeers(roster: Roster): RosterMember[] {
  return roster.members
    .filter((member) => member.role === 'peer' && member.status === 'active')
    .sort((a, b) => (a.member < b.member ? -1 : 1));
}

/** Rounds that produced a version or failed. */
export function roundsDone(state: FederationState): number {
  const open = state.round !== undefined && isOpen(state.round) ? 1 : 0;
  return (state.round?.plan.round ?? 0) - open;
}

/** True when nothing more is trained until another run is planned. */
export function isRunOver(state: FederationState): boolean {
  return state.registry.stopped !== null || roundsDone(state) >= state.roundsPlanned;
}

function createState(event: RecordedEvent): FederationState {
  if (event.type !== 'federation-created') {
    throw new RulesError('corrupt-log', `the log starts with ${event.type}`);
  }
  const { body, bodyDigest } = readFrame(event.payload.genesis, genesisMessage);
  const ledger = new Ledger();
  ledger.issue(BigInt(body.rewards.supply), event.seq);
  return {
    federation: bodyDigest as string as FederationId,
    genesis: body,
    genesisFrame: event.payload.genesis,
    roster: { epoch: 0, members: [], notAfterMs: 0, previous: null, revoked: [], seq: 0 },
    rosterDigest: bodyDigest,
    rosterFrames: new Map(),
    rosterEvents: [],
    proposal: undefined,
    successors: new Map(),
    usedNonces: new Map(),
    registrations: new Map(),
    evaluations: new Map(),
    leadership: 0,
    roundsPlanned: 0,
    peersMin: 1,
    plannedAtMs: event.atMs,
    selection: undefined,
    chain: undefined,
    round: undefined,
    roundHistory: [],
    versions: [],
    registry: emptyRegistry(),
    ledger,
    accounting: openAccounting(body),
    head: event.seq,
  };
}

/** A clock that is set back by less than an invitation's life opens none again. */
function foldNonce(
  used: FederationState['usedNonces'],
  { atMs, payload }: RecordedEvent & { type: 'invitation-used' },
): void {
  for (const [nonce, usedAtMs] of used) {
    if (usedAtMs + 2 * INVITATION_LIFETIME_MS < atMs) used.delete(nonce);
  }
  used.set(payload.nonce, atMs);
}

function foldLeadership(
  state: FederationState,
  { payload, seq }: RecordedEvent & { type: 'leadership-taken' },
): void {
  if (payload.token <= state.leadership) {
    const detail = `event ${seq} has the token ${payload.token} after ${state.leadership}`;
    throw new RulesError('impossible-event', `${detail}: a former coordinator wrote it`);
  }
  state.leadership = payload.token;
}

function openingOf({ federation, registrations, roster, selection }: FederationState) {
  const registered = new Map(
    activePeers(roster).map(({ member }) => {
      return [member, registrations.get(member)?.examplesRounded ?? 0] as const;
    }),
  );
  return { federation, registered, selection };
}

function foldOpening(state: FederationState, opened: RoundState, seq: number): void {
  const before = state.round;
  const version = state.versions.at(-1)?.version ?? 0;
  const { restores } = opened.plan;
  const follows =
    (before === undefined || !isOpen(before)) &&
    opened.plan.round === (before?.plan.round ?? 0) + 1 &&
    opened.plan.baseVersion === version &&
    state.rosterFrames.has(opened.plan.roster) &&
    (restores === undefined ||
      findVersion(state, restores.version)?.model.root === restores.model.root);
  if (!follows) {
    const detail = `event ${seq} opens round ${opened.plan.round} on version ${version}`;
    throw new RulesError('impossible-event', `${detail}, which does not follow`);
  }
  if (before !== undefined) archive(state, before);
  state.round = opened;
  state.selection = undefined;
}

function foldOpenRound(state: FederationState, event: RecordedEvent): void {
  const round = state.round;
  if (round === undefined) {
    throw new RulesError('impossible-event', `event ${event.seq} (${event.type}) has no round`);
  }
  foldRound(round, event);
  if (event.type === 'version-finalised') {
    state.versions.push(versionRecord(state, round, event.payload.certificate));
    if (state.versions.length > ROUND_HISTORY_MAX) state.versions.shift();
  }
}

function archive(state: FederationState, round: RoundState): void {
  const { roundHistory } = state;
  roundHistory.push(round);
  const aging = roundHistory.length - 1 - WHOLE_ROUNDS_MAX;
  const old = roundHistory[aging];
  if (old !== undefined) roundHistory[aging] = closedRound(old);
  if (roundHistory.length > ROUND_HISTORY_MAX) roundHistory.shift();
}
