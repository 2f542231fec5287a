// The token accounts as anyone can fold them from the log, and the check that trusts nobody.

import { openGenesis, openMessage } from '@starling/crypto';
import { checkVersionProof } from '@starling/peer';
import {
  decodeEvent,
  type FederationState,
  foldEvent,
  openRoster,
  proofObjection,
  type RecordedEvent,
  SESSION_STATEMENTS,
  versionProof,
} from '@starling/rules';
import type { EventLog, MemberId, MessageDefinition, Roster } from '@starling/shared';
import {
  aggregate,
  chainGenesis,
  evaluation,
  modelUpdate,
  modelVote,
  roundPlan,
  sessionAnnounce,
  sessionPhase,
  withdrawal,
} from '@starling/shared';
import { viewBalances, viewEntry } from './http/views/ledger-lines.ts';

export interface BalanceLine {
  readonly account: string;
  /** Site of a member's account. */
  readonly site: string | null;
  /** Whole units, in decimal. */
  readonly balance: string;
}

export interface HistoryLine {
  readonly seq: number;
  readonly round: number;
  readonly reason: string;
  readonly from: string;
  readonly to: string;
  readonly amount: string;
}

export interface LedgerView {
  readonly federation: string;
  readonly events: number;
  readonly balances: readonly BalanceLine[];
  readonly history: readonly HistoryLine[];
  /** Signatures that were checked while replaying from genesis. */
  readonly signaturesVerified: number;
  /** What does not hold; empty when the books balance and every rewarded frame is signed. */
  readonly problems: readonly string[];
}

/** Replays the whole log, verifying the genesis, every signed frame and every certificate. */
export async function viewLedger(eventLog: EventLog): Promise<LedgerView> {
  let state: FederationState | undefined;
  let signaturesVerified = 0;
  const problems: string[] = [];
  for await (const stored of eventLog.read(1)) {
    const event = decodeEvent(stored);
    const before: Roster | undefined = state?.roster;
    state = foldEvent(state, event);
    for (const problem of checkSignatures(event, state, before)) {
      if (problem === undefined) signaturesVerified += 1;
      else problems.push(`event ${event.seq} (${event.type}): ${problem}`);
    }
  }
  if (state === undefined) throw new TypeError('the event log is empty');
  try {
    state.ledger.assertBalanced();
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  return describe(state, signaturesVerified, problems);
}

function describe(
  state: FederationState,
  signaturesVerified: number,
  problems: readonly string[],
): LedgerView {
  return {
    federation: state.federation,
    events: state.head,
    balances: viewBalances(state),
    history: state.ledger.entries.map(viewEntry),
    signaturesVerified,
    problems,
  };
}

/** For each frame of the event: undefined when its signature holds, else what is wrong. */
function checkSignatures(
  event: RecordedEvent,
  state: FederationState,
  before: Roster | undefined,
): (string | undefined)[] {
  switch (event.type) {
    case 'federation-created': {
      const opened = openGenesis(event.payload.genesis);
      return [opened.ok ? undefined : opened.refusal.detail];
    }
    case 'version-finalised':
      return checkCertificate(state, event.payload.version);
    case 'roster-changed':
      return checkRoster(event.payload, state, before);
    case 'chain-opened':
      return [check(event.payload.genesis, chainGenesis, state)];
    case 'round-opened':
      return [check(event.payload.plan, roundPlan, state)];
    case 'update-received':
      return [check(event.payload.update, modelUpdate, state)];
    case 'site-withdrew':
      return [check(event.payload.withdrawal, withdrawal, state)];
    case 'session-opened':
      return [check(event.payload.announce, sessionAnnounce, state)];
    case 'session-announced':
      return [check(event.payload.phase, sessionPhase, state)];
    case 'session-said':
    case 'session-equivocated':
      return [check(event.payload.frame, SESSION_STATEMENTS, state)];
    case 'aggregate-published':
      return [check(event.payload.aggregate, aggregate, state)];
    case 'vote-received':
      return [check(event.payload.vote, modelVote, state)];
    case 'evaluation-received':
      return [check(event.payload.evaluation, evaluation, state)];
    default:
      return [];
  }
}

/** The certificate's votes against the plan's voters, as any member checks them. */
function checkCertificate(state: FederationState, version: number): (string | undefined)[] {
  const record = state.versions.at(-1);
  if (record?.version !== version) return [`version ${version} is not the newest`];
  const proved = checkVersionProof(versionProof(record), version, state);
  const { certificate } = record;
  if (!proved.ok) return [proved.refusal.detail];
  return certificate.signatures.map(() => undefined);
}

/** Each administrator's signature, and the records that prove the keys which are new. */
function checkRoster(
  { proofs, roster }: { readonly proofs: readonly Uint8Array[]; readonly roster: Uint8Array },
  state: FederationState,
  before: Roster | undefined,
): (string | undefined)[] {
  const opened = openRoster(roster, state);
  if (!opened.ok) return [opened.refusal.detail];
  const objection = proofObjection(before, opened.value.body, proofs, state);
  if (objection !== undefined) return [objection.detail];
  // Two keys sign each record.
  return [...opened.value.signers, ...proofs, ...proofs].map(() => undefined);
}

function check(
  frame: Uint8Array,
  definition: MessageDefinition<unknown> | readonly MessageDefinition<unknown>[],
  state: FederationState,
): string | undefined {
  const { coordinator } = state.genesis;
  const keyOf = (sender: MemberId) =>
    sender === coordinator.member
      ? coordinator.publicKey
      : state.roster.members.find(({ member }) => member === sender)?.publicKey;
  const { federation } = state;
  const allowed = 'type' in definition ? [definition] : definition;
  const opened = openMessage(frame, allowed, { federation, nowMs: 0, keyOf });
  return opened.ok ? undefined : `${opened.refusal.reason}: ${opened.refusal.detail}`;
}
