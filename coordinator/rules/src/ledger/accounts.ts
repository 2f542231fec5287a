// Names of the accounts: three that belong to nobody, and four of each member.

import type { MemberId } from '@starling/shared';

/** What a member may dispose of, has staked, is getting back, and has locked for an open round. */
const MEMBER_ACCOUNTS = ['member', 'stake', 'unbonding', 'escrow'] as const;
type MemberAccountKind = (typeof MEMBER_ACCOUNTS)[number];

/** `issuance` is the only account below zero; its debt is the supply. */
export type Account = 'issuance' | 'treasury' | 'fees' | `${MemberAccountKind}:${string}`;

/** The free balance. */
export function memberAccount(member: MemberId): Account {
  return `member:${member}`;
}

export function stakeAccount(member: MemberId): Account {
  return `stake:${member}`;
}

export function unbondingAccount(member: MemberId): Account {
  return `unbonding:${member}`;
}

export function escrowAccount(member: MemberId): Account {
  return `escrow:${member}`;
}

export function accountsOf(member: MemberId): readonly Account[] {
  return MEMBER_ACCOUNTS.map((kind) => `${kind}:${member}` as const);
}

/** Whose account it is; undefined for those that belong to nobody. */
export function ownerOf(account: Account): MemberId | undefined {
  const colon = account.indexOf(':');
  return colon < 0 ? undefined : (account.slice(colon + 1) as MemberId);
}
