// What an aggregate was good for: each member measures it on queries that nobody trained on, and
// directs an equal part of the pool. Masks hide who contributed what, so contributors share equally.

import type { MemberId } from '@starling/shared';
import { presentMember } from '../roster/fold-roster.ts';
import { escrowAccount, stakeAccount } from './accounts.ts';
import type { At } from './carry-out.ts';
import type { LedgerContext } from './check-order.ts';

/** Newest versions whose contributors are known. */
export const CONTRIBUTORS_KEPT_MAX = 100;

export function recordContributors(
  { accounting }: LedgerContext,
  version: number,
  members: readonly MemberId[],
): void {
  accounting.contributors.set(version, members);
  for (const oldest of accounting.contributors.keys()) {
    if (accounting.contributors.size <= CONTRIBUTORS_KEPT_MAX) break;
    accounting.contributors.delete(oldest);
  }
}

/**
 * Pays for what a version brought at a member: for recall@10 above the best it measured before, its
 * part of the pool goes in equal shares to the contributions to every version since. A first
 * measurement is only kept. Shares are rounded down, the rest is not paid.
 * @param measured - the version, and recall@10 in millionths on the member's held-out queries
 */
export function payForRecall(
  context: LedgerContext,
  measurer: MemberId,
  measured: { readonly version: number; readonly recallMicros: number },
  at: At,
): void {
  const { accounting, ledger } = context;
  const member = presentMember(context, measurer);
  const before = accounting.recall.get(member);
  if (before === undefined || measured.version <= before.version) {
    if (before === undefined) accounting.recall.set(member, measured);
    return;
  }
  const { recallMicros, version } = measured;
  const best = Math.max(before.recallMicros, recallMicros);
  accounting.recall.set(member, { version, recallMicros: best });
  const { fullGainMicros, pool } = accounting.terms.usefulness;
  const gain = Math.min(best - before.recallMicros, fullGainMicros);
  const shares = contributionsTo(context, before.version, version);
  if (gain === 0 || shares.length === 0) return;
  const part = (BigInt(pool) * BigInt(gain)) / BigInt(fullGainMicros);
  const share = part / BigInt(activePeersIn(context) * shares.length);
  if (share === 0n) return;
  for (const contributor of shares) {
    if (!hasStake(context, contributor)) continue;
    ledger.reward(contributor, share, { ...at, reason: 'usefulness' });
  }
}

/** Each of them directs an equal part of a pool. */
export function activePeersIn({ roster }: LedgerContext): number {
  const active = roster.members.filter(
    ({ role, status }) => role === 'peer' && status === 'active',
  );
  return Math.max(1, active.length);
}

/** True when a member has as much at stake as a share in the pools takes. */
export function hasStake({ accounting, ledger }: LedgerContext, member: MemberId): boolean {
  const staked = ledger.balance(stakeAccount(member)) + ledger.balance(escrowAccount(member));
  return staked >= BigInt(accounting.terms.stakeMin);
}

/** Once for each version above `from`, up to `to`, that a member contributed to. */
function contributionsTo(context: LedgerContext, from: number, to: number): MemberId[] {
  return [...context.accounting.contributors]
    .filter(([version]) => version > from && version <= to)
    .flatMap(([, members]) => members.map((member) => presentMember(context, member)));
}
