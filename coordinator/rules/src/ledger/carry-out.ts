// Orders of owners, stakes and penalties as entries of the books.

import type { MemberId } from '@starling/shared';
import { presentMember } from '../roster/fold-roster.ts';
import type { Unbonding } from './accounting.ts';
import { escrowAccount, memberAccount, stakeAccount, unbondingAccount } from './accounts.ts';
import type { LedgerContext, LedgerOrder } from './check-order.ts';
import type { Cause } from './ledger.ts';

export type At = Omit<Cause, 'reason'>;

/** Carries out an order to which there is no objection. @throws {RulesError} `impossible-event` */
export function carryOut(context: LedgerContext, order: LedgerOrder, at: At): void {
  const { accounting, ledger } = context;
  const { digest, owner } = order;
  const own = memberAccount(owner);
  const amount = BigInt(order.body.amount);
  if (order.kind === 'transfer') {
    const payee = presentMember(context, order.body.to);
    ledger.move(own, memberAccount(payee), amount, { ...at, reason: 'transfer' });
    const fee = BigInt(accounting.terms.transferFee);
    if (fee > 0n) ledger.move(own, 'fees', fee, { ...at, reason: 'transfer-fee' });
  } else if (order.body.direction === 'stake') {
    ledger.move(own, stakeAccount(owner), amount, { ...at, reason: 'staked' });
  } else {
    const reason = 'unstaked';
    ledger.move(stakeAccount(owner), unbondingAccount(owner), amount, { ...at, reason });
    const untilEpoch = accounting.epoch + accounting.terms.unbondingEpochs;
    accounting.unbonding = [...accounting.unbonding, { member: owner, amount, untilEpoch }];
    releaseDue(context, at);
  }
  accounting.orders.set(owner, { sequence: order.body.sequence, digest, event: at.seq });
}

/** Locks as much of each member's stake as the rules demand and as is there. */
export function lockEscrow(context: LedgerContext, cohort: readonly MemberId[], at: At): void {
  const { accounting, ledger } = context;
  const amount = BigInt(accounting.terms.escrow);
  for (const each of cohort) {
    const member = presentMember(context, each);
    const reason = 'escrowed';
    ledger.moveUpTo(stakeAccount(member), escrowAccount(member), amount, { ...at, reason });
  }
}

export function returnEscrow({ ledger }: LedgerContext, at: At): void {
  for (const member of ledger.holders(escrowAccount)) {
    const locked = ledger.balance(escrowAccount(member));
    const reason = 'escrow-returned';
    ledger.move(escrowAccount(member), stakeAccount(member), locked, { ...at, reason });
  }
}

/**
 * Takes a penalty out of what a member has at stake: what is locked first, then its stake, then what
 * it is getting back, the youngest first. Never more than that.
 */
export function slash(context: LedgerContext, member: MemberId, amount: bigint, at: At): void {
  const { accounting, ledger } = context;
  const cause = { ...at, reason: 'slashed' } as const;
  let due = amount;
  for (const account of [escrowAccount(member), stakeAccount(member)]) {
    due -= ledger.moveUpTo(account, 'treasury', due, cause);
  }
  const taken = ledger.moveUpTo(unbondingAccount(member), 'treasury', due, cause);
  accounting.unbonding = withoutNewest(accounting.unbonding, member, taken);
}

/** After another round was closed: at the end of an epoch, fees and what is unbonded go back. */
export function countRound(context: LedgerContext, at: At): void {
  const { accounting, ledger } = context;
  accounting.roundsInEpoch += 1;
  if (accounting.roundsInEpoch < accounting.terms.epochRounds) return;
  accounting.epoch += 1;
  accounting.roundsInEpoch = 0;
  const fees = ledger.balance('fees');
  ledger.moveUpTo('fees', 'treasury', fees, { ...at, reason: 'epoch-fees' });
  releaseDue(context, at);
}

function releaseDue({ accounting, ledger }: LedgerContext, at: At): void {
  const isDue = ({ untilEpoch }: Unbonding): boolean => untilEpoch <= accounting.epoch;
  for (const { amount, member } of accounting.unbonding.filter(isDue)) {
    const reason = 'unbonded';
    ledger.move(unbondingAccount(member), memberAccount(member), amount, { ...at, reason });
  }
  accounting.unbonding = accounting.unbonding.filter((each) => !isDue(each));
}

function withoutNewest(
  unbonding: readonly Unbonding[],
  member: MemberId,
  amount: bigint,
): Unbonding[] {
  let due = amount;
  const kept: Unbonding[] = [];
  for (const each of unbonding.toReversed()) {
    if (each.member !== member) {
      kept.push(each);
      continue;
    }
    const left = each.amount - due;
    due = left < 0n ? -left : 0n;
    if (left > 0n) kept.push({ ...each, amount: left });
  }
  return kept.reverse();
}
