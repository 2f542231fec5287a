// The books of the token accounts: double entry in whole units, a pure fold of the event log.

import type { MemberId } from '@starling/shared';
import { RulesError } from '../rules-error.ts';
import { type Account, accountsOf, memberAccount, ownerOf } from './accounts.ts';

export type EntryReason =
  | 'genesis-supply'
  | 'accepted-update'
  | 'vote'
  | 'usefulness'
  | 'key-rotated'
  | 'transfer'
  | 'transfer-fee'
  | 'staked'
  | 'unstaked'
  | 'unbonded'
  | 'escrowed'
  | 'escrow-returned'
  | 'slashed'
  | 'epoch-fees';

/** One transfer: the same amount leaves one account and enters another. */
export interface LedgerEntry {
  /** Event that caused it. */
  readonly seq: number;
  readonly reason: EntryReason;
  readonly from: Account;
  readonly to: Account;
  readonly amount: bigint;
  /** Round it was earned in, 0 before the first. */
  readonly round: number;
}

export type Cause = Pick<LedgerEntry, 'seq' | 'reason' | 'round'>;

/** The books as plain data: what a snapshot keeps. */
export interface LedgerRecord {
  /** Entries ever made. */
  readonly count: number;
  readonly balances: readonly (readonly [Account, bigint])[];
}

/** Newest entries that stay in memory; the log gives all. One event makes fewer by far. */
export const ENTRIES_KEPT_MAX = 4096;

/**
 * Balances and newest entries.
 * Invariant: all balances add up to zero, and none but `issuance` is negative.
 */
export class Ledger {
  readonly #balances: Map<Account, bigint>;
  #entries: LedgerEntry[] = [];
  #count: number;

  constructor(record: LedgerRecord = { count: 0, balances: [] }) {
    this.#balances = new Map(record.balances);
    this.#count = record.count;
  }

  /** The newest entries, at most `ENTRIES_KEPT_MAX`. */
  get entries(): readonly LedgerEntry[] {
    return this.#entries.slice(-ENTRIES_KEPT_MAX);
  }

  /** Entries ever made. */
  get count(): number {
    return this.#count;
  }

  get record(): LedgerRecord {
    return { count: this.#count, balances: [...this.#balances] };
  }

  /** Entries made when there were `count` already, as far as they are kept. */
  entriesSince(count: number): readonly LedgerEntry[] {
    return count >= this.#count ? [] : this.#entries.slice(count - this.#count);
  }

  balance(account: Account): bigint {
    return this.#balances.get(account) ?? 0n;
  }

  /** Every account that was ever used, in order of first use. */
  accounts(): readonly Account[] {
    return [...this.#balances.keys()];
  }

  issue(supply: bigint, seq: number): void {
    if (supply <= 0n) return;
    const [from, to] = ['issuance', 'treasury'] as const;
    this.move(from, to, supply, { seq, reason: 'genesis-supply', round: 0 });
  }

  /**
   * Posts one entry.
   * @throws {RulesError} `impossible-event` for an amount that is not positive or not there
   */
  move(from: Account, to: Account, amount: bigint, cause: Cause): void {
    const held = this.balance(from);
    if (amount <= 0n || from === to) {
      const what = `${cause.reason} of event ${cause.seq} moves ${amount} from ${from} to ${to}`;
      throw new RulesError('impossible-event', what);
    }
    if (from !== 'issuance' && held < amount) {
      const what = `account ${from} is overdrawn: ${held} for ${amount}`;
      throw new RulesError('impossible-event', `event ${cause.seq}: ${what}`);
    }
    this.#balances.set(from, held - amount);
    this.#balances.set(to, this.balance(to) + amount);
    const { reason, round, seq } = cause;
    this.#entries.push({ seq, reason, from, to, amount, round });
    this.#count += 1;
    if (this.#entries.length >= 2 * ENTRIES_KEPT_MAX) {
      this.#entries = this.#entries.slice(-ENTRIES_KEPT_MAX);
    }
  }

  /** Moves as much of the amount as is there. @returns how much that was */
  moveUpTo(from: Account, to: Account, amount: bigint, cause: Cause): bigint {
    const held = this.balance(from);
    const moved = amount < held ? amount : held;
    if (moved <= 0n) return 0n;
    this.move(from, to, moved, cause);
    return moved;
  }

  /** Pays from the treasury; what the treasury no longer holds is not paid. */
  reward(member: MemberId, amount: bigint, cause: Cause): void {
    this.moveUpTo('treasury', memberAccount(member), amount, cause);
  }

  /** Moves all that a member's key has to the key that took its place. */
  rotate(from: MemberId, to: MemberId, cause: Omit<Cause, 'reason'>): void {
    const next = accountsOf(to);
    for (const [i, account] of accountsOf(from).entries()) {
      const target = next[i];
      const amount = this.balance(account);
      if (target === undefined || amount === 0n) continue;
      this.move(account, target, amount, { ...cause, reason: 'key-rotated' });
    }
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

  /** Members with something in an account of this kind. */
  holders(accountOf: (member: MemberId) => Account): MemberId[] {
    const holders: MemberId[] = [];
    for (const [account, balance] of this.#balances) {
      const owner = ownerOf(account);
      if (owner !== undefined && balance > 0n && accountOf(owner) === account) holders.push(owner);
    }
    return holders;
  }
}
