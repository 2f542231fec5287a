// What of an event anyone can check who trusts only the genesis: every signature, every certificate,
// and that whoever is paid for an update gave one.

import { openGenesis, openMessage } from '@starling/crypto';
import { checkVersionProof } from '@starling/peer';
import {
  contributorsOf,
  currentSessions,
  type FederationState,
  openRoster,
  openRuleSet,
  proofObjection,
  type RecordedEvent,
  SESSION_STATEMENTS,
  versionProof,
} from '@starling/rules';
import type { MemberId, MessageDefinition, Roster } from '@starling/shared';
import {
  aggregate,
  chainGenesis,
  evaluation,
  ledgerStake,
  ledgerTransfer,
  modelUpdate,
  modelVote,
  roundPlan,
  sessionAnnounce,
  sessionPhase,
  withdrawal,
} from '@starling/shared';

/**
 * For each signature of a folded event: undefined when it holds, else what is wrong.
 * @param state - with the event folded
 * @param before - the roster in force before it
 */
export function checkEvent(
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
      return [...checkCertificate(state, event.payload.version), ...checkContributors(state)];
    case 'roster-changed':
      return checkRoster(event.payload, state, before);
    case 'ledger-rules-changed': {
      const opened = openRuleSet(event.payload.rules, state);
      return opened.ok ? opened.value.signers.map(() => undefined) : [opened.refusal.detail];
    }
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
    case 'transfer-received':
      return [check(event.payload.transfer, ledgerTransfer, state)];
    case 'stake-received':
      return [check(event.payload.stake, ledgerStake, state)];
    case 'member-equivocated': {
      const { first, second } = event.payload;
      return [first, second].map((frame) => check(frame, [modelVote, modelUpdate], state));
    }
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

/** Whoever is paid signed an update, or a masked vector, of this round. */
function checkContributors({ round }: FederationState): string[] {
  if (round === undefined) return [];
  const signed = new Set<MemberId>(round.updates.keys());
  for (const { state } of currentSessions(round)) {
    for (const member of state.masked.keys()) signed.add(member);
  }
  return contributorsOf(round)
    .filter((member) => !signed.has(member))
    .map((member) => `${member} is paid for an update of which there is no signature`);
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
  const { federation } = state;
  const allowed = 'type' in definition ? [definition] : definition;
  const isPeers = allowed.every(({ sender }) => sender === 'peer');
  const keyOf = (sender: MemberId) =>
    isPeers ? keyOfPeer(state, sender) : keyOfCoordinator(state, sender);
  const opened = openMessage(frame, allowed, { federation, nowMs: 0, keyOf });
  return opened.ok ? undefined : `${opened.refusal.reason}: ${opened.refusal.detail}`;
}

function keyOfPeer({ roster }: FederationState, sender: MemberId): Uint8Array | undefined {
  const entry = roster.members.find(({ member, role }) => member === sender && role === 'peer');
  return entry?.publicKey;
}

function keyOfCoordinator({ genesis }: FederationState, sender: MemberId): Uint8Array | undefined {
  return sender === genesis.coordinator.member ? genesis.coordinator.publicKey : undefined;
}
