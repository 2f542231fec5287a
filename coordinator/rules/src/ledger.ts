// The token accounts: a double-entry ledger in whole units, a pure fold of the event log.

import type { MemberId } from '@starling/shared';
import { RulesError } from './rules-error.ts';

/** `issuance` is the only account below zero; its debt is the supply. */
export type Account = 'issuance' | 'treasury' | `member:${string}`;

export type EntryReason = 'genesis-supply' | 'accepted-update' | 'vote' | 'key-rotated';

/** One transfer: the same amount leaves one account and enters another. */
export interface LedgerEntry {
  /** Event that caused it; with `reason` and `to` it is unique. */
  readonly seq: number;
  readonly reason: EntryReason;
  readonly from: Account;
  readonly to: Account;
  readonly amount: bigint;
  /** Round it was earned in, 0 for the genesis entry. */
  readonly round: number;
}

/**
 * Balances and history.
 * Invariant: all balances add up to zero, and none but `issuance` is negative.
 */
export class Ledger {
  readonly #balances = new Map<Account, bigint>();
  readonly #entries: LedgerEntry[] = [];

  get entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  balance(account: Account): bigint {
    return this.#balances.get(account) ?? 0n;
  }

  /** Every account that was ever used, in order of first use. */
  accounts(): readonly Account[] {
    return [...this.#balances.keys()];
  }

  issue(supply: bigint, seq: number): void {
    this.#post({
      seq,
      reason: 'genesis-supply',
      from: 'issuance',
      to: 'treasury',
      amount: supply,
      round: 0,
    });
  }

  /** Pays from the treasury; what the treasury no longer holds is not paid. */
  reward(member: MemberId, amount: bigint, cause: Cause): void {
    const held = this.balance('treasury');
    const paid = amount < held ? amount : held;
    if (paid <= 0n) return;
    this.#post({ ...cause, from: 'treasury', to: memberAccount(member), amount: paid });
  }

  /** Moves all that a member's key earned to the key that took its place. */
  rotate(from: MemberId, to: MemberId, cause: Omit<Cause, 'reason'>): void {
    const amount = this.balance(memberAccount(from));
    if (amount <= 0n) return;
    const accounts = { from: memberAccount(from), to: memberAccount(to) };
    this.#post({ ...cause, reason: 'key-rotated', ...accounts, amount });
  }

  /** @throws {RulesError} `impossible-event` naming the account when the books do not balance. */
  assertBalanced(): void {
    let sum = 0n;
    for (const [account, balance] of this.#balances) {
      sum += balance;
      if (account !== 'issuance' && balance < 0n) {
        throw new RulesError('impossible-event', `account ${account} is overdrawn: ${balance}`);
      }
    }
    if (sum !== 0n) throw new RulesError('impossible-event', `the books are off by ${sum}`);
  }

  #post(entry: LedgerEntry): void {
    this.#balances.set(entry.from, this.balance(entry.from) - entry.amount);
    this.#balances.set(entry.to, this.balance(entry.to) + entry.amount);
    this.#entries.push(entry);
  }
}

export type Cause = Pick<LedgerEntry, 'seq' | 'reason' | 'round'>;

export function memberAccount(member: MemberId): Account {
  return `member:${member}`;
}
