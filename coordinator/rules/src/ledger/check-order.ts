// Whether an owner's order can be carried out: asked by the coordinator before it records one, and
// by every replay after it.

import type {
  Digest,
  LedgerRefusal,
  LedgerStake,
  LedgerTransfer,
  MemberId,
} from '@starling/shared';
import { ORDER_LIFE_MAX_MS } from '@starling/shared';
import type { FederationState } from '../federation-state.ts';
import { presentMember } from '../roster/fold-roster.ts';
import { escrowAccount, memberAccount, stakeAccount } from './accounts.ts';

/** Amounts of one member that are being unbonded at once. */
export const UNBONDING_MAX = 32;

/** A verified order, with the digest of its body. */
export type LedgerOrder = { readonly owner: MemberId; readonly digest: Digest } & (
  | { readonly kind: 'transfer'; readonly body: LedgerTransfer }
  | { readonly kind: 'stake'; readonly body: LedgerStake }
);

export interface OrderObjection {
  readonly reason: LedgerRefusal;
  /** For the owner: what was wrong and what would be right. */
  readonly detail: string;
}

/** What orders are judged by. */
export type LedgerContext = Pick<
  FederationState,
  'accounting' | 'ledger' | 'roster' | 'successors'
>;

/** Why an order is not carried out at `nowMs`; undefined when it may be. */
export function objectionToOrder(
  context: LedgerContext,
  order: LedgerOrder,
  nowMs: number,
): OrderObjection | undefined {
  const { body, owner } = order;
  const last = context.accounting.orders.get(owner)?.sequence ?? 0;
  if (body.sequence <= last) {
    return odd('replayed', `order ${body.sequence} was used, the next one is ${last + 1}`);
  }
  if (body.sequence > last + 1) {
    return odd('out-of-order', `order ${body.sequence} comes before order ${last + 1}`);
  }
  if (nowMs > body.expiresAtMs) {
    return odd('expired', `it was good until ${new Date(body.expiresAtMs).toISOString()}`);
  }
  if (body.expiresAtMs - nowMs > ORDER_LIFE_MAX_MS) {
    return odd('expires-late', `it may be good for ${ORDER_LIFE_MAX_MS / 3_600_000} hours at most`);
  }
  return order.kind === 'transfer'
    ? objectionToTransfer(context, owner, order.body)
    : objectionToStake(context, owner, order.body);
}

/** The event of an order that was carried out already. */
export function eventOfOrder(context: LedgerContext, order: LedgerOrder): number | undefined {
  const known = context.accounting.orders.get(order.owner);
  const isKnown = known?.sequence === order.body.sequence && known.digest === order.digest;
  return isKnown ? known.event : undefined;
}

function objectionToTransfer(
  { accounting, ledger, roster, successors }: LedgerContext,
  owner: MemberId,
  { amount, feeMax, to }: LedgerTransfer,
): OrderObjection | undefined {
  const payee = presentMember({ successors }, to);
  const isPeer = roster.members.some(({ member, role }) => member === payee && role === 'peer');
  if (!isPeer) return odd('unknown-recipient', `${to} is no site of this federation`);
  if (payee === owner) return odd('unknown-recipient', 'it goes to the account that it comes from');
  const { transferFee } = accounting.terms;
  if (feeMax < transferFee) {
    return odd('fee-too-low', `a transfer costs ${transferFee}, at most ${feeMax} were agreed to`);
  }
  const free = ledger.balance(memberAccount(owner));
  const needed = BigInt(amount) + BigInt(transferFee);
  if (needed <= free) return undefined;
  return odd('overdrawn', `${needed} with the fee, the free balance is ${free}`);
}

function objectionToStake(
  { accounting, ledger }: LedgerContext,
  owner: MemberId,
  { amount, direction }: LedgerStake,
): OrderObjection | undefined {
  const stake = ledger.balance(stakeAccount(owner));
  const locked = ledger.balance(escrowAccount(owner));
  const source = direction === 'stake' ? ledger.balance(memberAccount(owner)) : stake;
  if (BigInt(amount) > source) {
    const where = direction === 'stake' ? 'the free balance' : `the stake (${locked} are locked)`;
    return odd('overdrawn', `${amount}, but ${where} is ${source}`);
  }
  const left = stake + locked + BigInt(direction === 'stake' ? amount : -amount);
  const { stakeMin } = accounting.terms;
  if (left > 0n && left < BigInt(stakeMin)) {
    return odd('below-minimum', `a stake of ${left}, it is nothing or at least ${stakeMin}`);
  }
  const waiting = accounting.unbonding.filter(({ member }) => member === owner).length;
  if (direction === 'unstake' && waiting >= UNBONDING_MAX) {
    return odd('too-many', `${waiting} amounts are being unbonded: wait for the end of an epoch`);
  }
  return undefined;
}

function odd(reason: LedgerRefusal, detail: string): OrderObjection {
  return { reason, detail };
}
