// Accounts and entries of the ledger in decimal.

import {
  type Account,
  type FederationState,
  type LedgerEntry,
  ownerOf,
  presentMember,
} from '@starling/rules';
import type { BalancesView, LedgerHistoryView } from '../api-types.ts';

export function viewBalances(state: FederationState): BalancesView['balances'] {
  const { ledger } = state;
  return viewAccounts(
    state,
    ledger.accounts().map((account) => [account, ledger.balance(account)]),
  );
}

/** Accounts with the sites that they belong to. */
export function viewAccounts(
  state: FederationState,
  balances: Iterable<readonly [Account, bigint]>,
): BalancesView['balances'] {
  const sites = sitesByMember(state);
  return Array.from(balances, ([account, balance]) => ({
    account,
    balance: balance.toString(),
    site: sites.get(ownerOf(account) ?? '') ?? null,
  }));
}

export function viewEntry({ amount, ...entry }: LedgerEntry): LedgerHistoryView['entries'][number] {
  return { ...entry, amount: amount.toString() };
}

/** Members that were revoked and keys that were rotated included. */
function sitesByMember(state: FederationState): Map<string, string> {
  const { members, revoked } = state.roster;
  const sites = new Map<string, string>(
    [...revoked, ...members].map(({ member, site }) => [member, site]),
  );
  for (const old of state.successors.keys()) {
    const site = sites.get(presentMember(state, old));
    if (site !== undefined) sites.set(old, site);
  }
  return sites;
}
