// Events in the books: every entry is posted here, by the event that causes it.

import type { MemberId } from '@starling/shared';
import { evaluation } from '@starling/shared';
import type { RecordedEvent } from '../events.ts';
import type { FederationState } from '../federation-state.ts';
import { readFrame } from '../read-frame.ts';
import { presentMember } from '../roster/fold-roster.ts';
import { contributorsOf, type RoundState } from '../round-state.ts';
import { RulesError } from '../rules-error.ts';
import { type At, carryOut, countRound, lockEscrow, returnEscrow, slash } from './carry-out.ts';
import { type LedgerOrder, objectionToOrder } from './check-order.ts';
import { faultOf, type ProvenFault, sessionFaultOf } from './proven-fault.ts';
import { readStake, readTransfer } from './read-order.ts';
import { readRuleSet, ruleSetObjection } from './rule-set.ts';
import { payForRecall, recordContributors } from './usefulness.ts';

/**
 * Posts what an event means for the accounts, once the event is folded into everything else.
 * @throws {RulesError} `impossible-event` for an order, rule set or fault that does not hold
 */
export function foldLedger(state: FederationState, event: RecordedEvent): void {
  const at: At = { seq: event.seq, round: state.round?.plan.round ?? 0 };
  switch (event.type) {
    case 'transfer-received':
      foldOrder(state, event, readTransfer(event.payload.transfer), at);
      break;
    case 'stake-received':
      foldOrder(state, event, readStake(event.payload.stake), at);
      break;
    case 'ledger-rules-changed':
      foldRuleSet(state, event);
      break;
    case 'member-equivocated':
      foldFault(state, event, faultOf(event.payload.first, event.payload.second), at);
      break;
    case 'session-equivocated': {
      const record = state.round?.sessions.get(event.payload.session);
      const fault = record && sessionFaultOf(record, event.payload.frame);
      // Logs from before penalties may hold one whose first statement came later.
      const isNews = fault !== undefined && !state.accounting.faults.has(fault.name);
      if (isNews) foldFault(state, event, fault, at);
      break;
    }
    case 'vote-received':
      pay(state, event.payload.member, state.accounting.terms.rewards.vote, 'vote', at);
      break;
    case 'evaluation-received':
      foldEvaluation(state, event.payload.evaluation, at);
      break;
    default:
      if (state.round !== undefined) foldRoundEvent(state, state.round, event, at);
  }
}

function foldRoundEvent(
  state: FederationState,
  round: RoundState,
  event: RecordedEvent,
  at: At,
): void {
  if (event.type === 'round-opened') {
    lockEscrow(state, round.plan.cohort, at);
  } else if (event.type === 'version-finalised') {
    const contributors = contributorsOf(round);
    const { acceptedUpdate } = state.accounting.terms.rewards;
    for (const member of contributors) pay(state, member, acceptedUpdate, 'accepted-update', at);
    recordContributors(state, event.payload.version, contributors);
    returnEscrow(state, at);
    countRound(state, at);
  } else if (event.type === 'round-failed') {
    returnEscrow(state, at);
    countRound(state, at);
  }
}

function foldOrder(
  state: FederationState,
  event: RecordedEvent & { type: 'transfer-received' | 'stake-received' },
  order: LedgerOrder,
  at: At,
): void {
  const { judgedAtMs, member } = event.payload;
  const isOwner = order.owner === member && state.roster.members.some((it) => it.member === member);
  const odd = isOwner ? objectionToOrder(state, order, judgedAtMs) : undefined;
  if (!isOwner) throw impossible(event, 'is not signed by a member whose order it is');
  if (odd !== undefined) throw impossible(event, `${odd.reason}: ${odd.detail}`);
  carryOut(state, order, at);
}

function foldRuleSet(
  { accounting }: FederationState,
  event: RecordedEvent & { type: 'ledger-rules-changed' },
): void {
  const { rules: frame } = event.payload;
  const { body, bodyDigest: digest } = readRuleSet(frame);
  const objection = ruleSetObjection(accounting, body);
  if (objection !== undefined) throw impossible(event, objection.detail);
  accounting.terms = body.terms;
  accounting.rules = { seq: body.seq, digest, frame };
}

function foldFault(
  state: FederationState,
  event: RecordedEvent & { readonly payload: { readonly member: MemberId } },
  fault: ProvenFault | undefined,
  at: At,
): void {
  const { accounting } = state;
  if (fault?.member !== event.payload.member || accounting.faults.has(fault.name)) {
    throw impossible(event, 'proves no fault of this member, or one that was proved before');
  }
  accounting.faults.add(fault.name);
  const member = presentMember(state, fault.member);
  slash(state, member, BigInt(accounting.terms.slashing[fault.kind]), at);
}

/** What a site reaches alone is no version of the federation's. */
function foldEvaluation(state: FederationState, frame: Uint8Array, at: At): void {
  const { body, sender } = readFrame(frame, evaluation);
  if (body.stage === 'alone') return;
  const { recallAt10Micros: recallMicros, version } = body;
  payForRecall(state, sender, { version, recallMicros }, at);
}

function pay(
  state: FederationState,
  member: MemberId,
  amount: number,
  reason: 'vote' | 'accepted-update',
  at: At,
): void {
  state.ledger.reward(presentMember(state, member), BigInt(amount), { ...at, reason });
}

function impossible(event: RecordedEvent, detail: string): RulesError {
  return new RulesError('impossible-event', `event ${event.seq} (${event.type}): ${detail}`);
}
