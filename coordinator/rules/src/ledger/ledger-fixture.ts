// What owners and administrators say to the ledger, as events of a history.

import { encodeBody, type Identity, sealMessage, signStatement } from '@starling/crypto';
import type { Evaluation, LedgerStake, LedgerTerms, LedgerTransfer } from '@starling/shared';
import { evaluation, ledgerRules, ledgerStake, ledgerTransfer } from '@starling/shared';
import { encodeForm } from '../administrators/signed-form.ts';
import type { FederationEvent } from '../events.ts';
import { COORDINATOR, type History } from '../history-fixture.ts';

export function transferBy(
  history: History,
  owner: Identity,
  body: Pick<LedgerTransfer, 'amount' | 'to'> & Partial<LedgerTransfer>,
): FederationEvent {
  const { federation } = history.state;
  const fields = { expiresAtMs: history.nowMs + 1_000, feeMax: 5, memo: '' };
  const content = { ...fields, sequence: nextSequence(history, owner), ...body };
  const transfer = sealMessage(owner, ledgerTransfer, { federation, body: content });
  return {
    type: 'transfer-received',
    payload: { judgedAtMs: history.nowMs, member: owner.member, transfer },
  };
}

export function stakeBy(
  history: History,
  owner: Identity,
  direction: LedgerStake['direction'],
  amount: number,
): FederationEvent {
  const { federation } = history.state;
  const sequence = nextSequence(history, owner);
  const body = { amount, direction, expiresAtMs: history.nowMs + 1_000, sequence };
  const stake = sealMessage(owner, ledgerStake, { federation, body });
  return {
    type: 'stake-received',
    payload: { judgedAtMs: history.nowMs, member: owner.member, stake },
  };
}

export function rulesFrame(
  history: History,
  terms: Partial<LedgerTerms>,
  signers: readonly Identity[] = [COORDINATOR],
): Uint8Array {
  const { accounting, federation } = history.state;
  const { rules } = accounting;
  const body = encodeBody(ledgerRules, {
    previous: rules?.digest ?? null,
    seq: (rules?.seq ?? 0) + 1,
    terms: { ...accounting.terms, ...terms },
  });
  const signatures = signers.map((identity) => {
    return [identity.member, signStatement(identity, ledgerRules, federation, body)] as const;
  });
  return encodeForm(body, new Map(signatures));
}

export function changeRules(history: History, terms: Partial<LedgerTerms>): History {
  const rules = rulesFrame(history, terms);
  return history.push({ type: 'ledger-rules-changed', payload: { rules } });
}

export function evaluationBy(
  history: History,
  site: Identity,
  changes: Pick<Evaluation, 'recallAt10Micros' | 'stage' | 'version'>,
): FederationEvent {
  const { federation } = history.state;
  const body = { epochs: 1, mrrMicros: 0, queries: 10, ...changes };
  const frame = sealMessage(site, evaluation, { federation, body });
  return { type: 'evaluation-received', payload: { evaluation: frame, member: site.member } };
}

function nextSequence({ state }: History, owner: Identity): number {
  return (state.accounting.orders.get(owner.member)?.sequence ?? 0) + 1;
}
