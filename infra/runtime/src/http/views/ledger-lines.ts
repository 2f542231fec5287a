// Accounts and entries of the ledger in decimal.

import { type FederationState, type LedgerEntry, presentMember } from '@starling/rules';
import type { BalancesView, LedgerHistoryView } from '../api-types.ts';

export function viewBalances(state: FederationState): BalancesView['balances'] {
  const sites = sitesByAccount(state);
  return state.ledger.accounts().map((account) => ({
    account,
    balance: state.ledger.balance(account).toString(),
    site: sites.get(account) ?? null,
  }));
}

export function viewEntry({ amount, ...entry }: LedgerEntry): LedgerHistoryView['entries'][number] {
  return { ...entry, amount: amount.toString() };
}

/** Members that were revoked and keys that were rotated included. */
function sitesByAccount(state: FederationState): Map<string, string> {
  const { members, revoked } = state.roster;
  const sites = new Map(
    [...revoked, ...members].map(({ member, site }) => [`member:${member}`, site]),
  );
  for (const old of state.successors.keys()) {
    const site = sites.get(`member:${presentMember(state, old)}`);
    if (site !== undefined) sites.set(`member:${old}`, site);
  }
  return sites;
}
